// Linears with packed int8 weights: the golden int8 model of the platform.
#pragma once

#include "flow/model/language_model.h"
#include "flow/pack/packed_linear.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// The int8 inputs of a linear: x[t][i] is values[t][i] * scales[t].
struct QuantizedInput {
  Matrix<std::int8_t> values;  ///< tokens x in
  std::vector<float> scales;   ///< per token; all equal where the linear has a static scale
};

/// Quantizes the inputs of the linear `name` by flow/pack/quantize.h: with its static scale, or per token by the
/// token's max-abs where `static_scale` is 0. Throws InputError naming linear, token and column where an input is not
/// finite.
QuantizedInput quantize_input(const std::string& name, MatrixView<const float> x, float static_scale);

/// Runs linears as the hardware does: quantized inputs, exact int32 sums, one float scale per output row. Safe to share
/// between threads.
class Int8Runner : public LinearRunner {
 public:
  /// Where the products of attention are formed.
  enum class Attention { in_float, in_int8 };

  /// Needs the packed form of every linear that will run. `threads`: of one product (int8_matmul).
  explicit Int8Runner(std::vector<PackedLinear> linears, int threads = 1, Attention attention = Attention::in_float);

  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override;
  /// Where it is among the linears.
  bool runs_head() const override { return linears_.count(kHeadLinear) > 0; }

  std::unique_ptr<AttentionProducts> attention(int block) override;

  /// The static scale of a linear's inputs, 0 where they are quantized per token.
  float activation_scale(const LinearInfo& linear) const { return linears_.at(linear.name).activation_scale; }

 protected:
  /// A linear has made `sums` (tokens x out) of `input`; both may be taken. Called by whoever runs it.
  virtual void done(const LinearInfo&, QuantizedInput& /*input*/, Matrix<std::int32_t>& /*sums*/) {}

 private:
  std::map<std::string, PackedLinear> linears_;
  const int threads_;
  const Attention attention_;
};

}  // namespace flexcim
