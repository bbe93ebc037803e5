// Rotary positions, and how their frequencies are changed for sequences longer than a model was first trained on.
#pragma once

#include "flow/base/matrix.h"

#include <cstddef>
#include <vector>

namespace flexcim {

/// What Hugging Face calls rope_type; its functions of these names are the source.
enum class RopeScaling {
  none,     ///< "default"
  linear,   ///< every frequency is divided by `factor`
  dynamic,  ///< a sequence longer than `original` has another base, the larger the longer it is
  llama3    ///< long wavelengths are stretched by `factor`, short ones stay, those between are blended
};

/// All that decides the angles.
struct RopeParameters {
  double base = 10000;  ///< the frequency of pair i is base^(-2i/head) where nothing scales it
  RopeScaling scaling = RopeScaling::none;
  double factor = 1;       ///< >= 1
  double low_factor = 1;   ///< llama3: pairs that turn less often than this within `original` tokens are stretched
  double high_factor = 4;  ///< llama3: pairs that turn more often stay
  int original = 0;        ///< dynamic and llama3: tokens up to which the model was first trained

  bool operator==(const RopeParameters& other) const {
    return base == other.base && scaling == other.scaling && factor == other.factor && low_factor == other.low_factor &&
           high_factor == other.high_factor && original == other.original;
  }
};

/// Frequencies of the head/2 pairs of a head in a sequence of `length` tokens, radian per position.
std::vector<double> rope_frequencies(std::size_t head, const RopeParameters& parameters, std::size_t length = 0);

/// Rotary position embedding in Hugging Face's convention: a head's element i turns with element i + head/2 by the
/// angle position * frequency of i.
class Rope {
 public:
  /// For sequences of up to `positions` tokens.
  Rope(std::size_t head, std::size_t positions, const RopeParameters& parameters);
  /// Turns every head of x (tokens x heads*head) in place; row t is at position first + t, and the sequence ends with
  /// x. With dynamic scaling the angles of a sequence beyond `original` follow from its length now: what was turned
  /// earlier stays as it is, so that such a sequence in pieces is another than in one go.
  void apply(MatrixView<float> x, std::size_t first) const;

  /// positions x head/2; with dynamic scaling of the first `original` positions only.
  const Matrix<float>& cosines() const { return table_.cosine; }
  const Matrix<float>& sines() const { return table_.sine; }

 private:
  struct Table {
    Matrix<float> cosine;  ///< positions x head/2
    Matrix<float> sine;
  };
  /// Of positions first, first + 1...
  static Table table(const std::vector<double>& frequencies, std::size_t first, std::size_t count);

  RopeParameters parameters_;
  std::size_t half_;
  Table table_;
};

}  // namespace flexcim
