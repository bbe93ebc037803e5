// The float operators of the models between their linears. All are deterministic to the last bit on every machine: sums
// have a fixed order, and exponentials are our own (exponential.h), not the machine's libm.
#pragma once

#include "flow/base/matrix.h"

#include <cstddef>
#include <string>
#include <variant>
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

/// y[t][i] = weight[i] * (x[t][i] - m) / sqrt(mean_i (x[t][i] - m)^2 + epsilon) + bias[i] with m = mean_i x[t][i].
struct LayerNorm {
  std::string name;  ///< for messages
  std::vector<float> weight;
  std::vector<float> bias;
  float epsilon = 0;

  /// As that of RmsNorm.
  void apply(MatrixView<const float> x, MatrixView<float> y) const;
};

using Norm = std::variant<RmsNorm, LayerNorm>;
/// Applies the norm that it is.
void apply(const Norm& norm, MatrixView<const float> x, MatrixView<float> y);

/// x = e^(scale*x) / sum of e^(scale*x) over `count` elements.
void softmax(float* x, std::size_t count, float scale);

/// x[i] = x[i] * sigmoid(x[i]).
void silu(MatrixView<float> x);
/// x[i] = max(x[i], 0).
void relu(MatrixView<float> x);
/// x[i] *= y[i].
void multiply(MatrixView<float> x, MatrixView<const float> y);
/// x[i] += y[i].
void add(MatrixView<float> x, MatrixView<const float> y);
/// x[t][i] += bias[i].
void add_bias(MatrixView<float> x, const std::vector<float>& bias);

}  // namespace flexcim
