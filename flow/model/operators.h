// The float operators of the models between their linears. All are deterministic to the last bit on every machine: sums
// have a fixed order, and exponentials are our own (exponential.h), not the machine's libm.
#pragma once

#include "flow/base/matrix.h"

#include <cstddef>
#include <string>
#include <vector>

namespace flexcim {

/// y[t][i] = weight[i] * x[t][i] / sqrt(mean_i x[t][i]^2 + epsilon).
struct RmsNorm {
  std::string name;  ///< for messages
  std::vector<float> weight;
  float epsilon = 0;

  /// In place if y is x. Throws InputError naming the norm and the token where an input or the sum of its squares is
  /// not finite.
  void apply(MatrixView<const float> x, MatrixView<float> y) const;
};

/// Rotary position embedding in Hugging Face's convention: a head's element i turns with element i + head/2 by the
/// angle position * theta^(-2i/head).
class Rope {
 public:
  Rope(std::size_t head, std::size_t positions, double theta);
  /// theta^(-2i/head), the angle per position of element i of a head.
  static double frequency(std::size_t i, std::size_t head, double theta);
  /// Turns every head of x (tokens x heads*head) in place; row t is at position first + t.
  void apply(MatrixView<float> x, std::size_t first) const;

  /// positions x head/2
  const Matrix<float>& cosines() const { return cosine_; }
  const Matrix<float>& sines() const { return sine_; }

 private:
  std::size_t half_;
  Matrix<float> cosine_;  ///< positions x head/2
  Matrix<float> sine_;
};

/// x = e^(scale*x) / sum of e^(scale*x) over `count` elements.
void softmax(float* x, std::size_t count, float scale);

/// x[i] = x[i] * sigmoid(x[i]).
void silu(MatrixView<float> x);
/// x[i] *= y[i].
void multiply(MatrixView<float> x, MatrixView<const float> y);
/// x[i] += y[i].
void add(MatrixView<float> x, MatrixView<const float> y);

}  // namespace flexcim
