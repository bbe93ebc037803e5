#include "flow/model/int8_runner.h"

#include "flow/base/finite.h"
#include "flow/model/int8_attention.h"
#include "flow/model/int8_matmul.h"
#include "flow/pack/quantize.h"

#include <utility>

namespace flexcim {

QuantizedInput quantize_input(const std::string& name, MatrixView<const float> x, float static_scale) {
  require_finite(x, "input of linear", name);
  QuantizedInput result{Matrix<std::int8_t>(x.rows, x.cols), std::vector<float>(x.rows, static_scale)};
  for (std::size_t t = 0; t < x.rows; ++t) {
    if (static_scale == 0) result.scales[t] = int8_scale(max_abs(x.row(t), x.cols));
    quantize_activations(x.row(t), x.cols, result.scales[t], result.values.row(t));
  }
  return result;
}

Int8Runner::Int8Runner(std::vector<PackedLinear> linears, int threads, Attention attention)
    : threads_(threads), attention_(attention) {
  for (PackedLinear& linear : linears) linears_[linear.name] = std::move(linear);
}

std::unique_ptr<AttentionProducts> Int8Runner::attention(int) {
  return attention_ == Attention::in_int8 ? std::make_unique<GoldenAttention>() : nullptr;
}

void Int8Runner::run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) {
  const PackedLinear& weights = linears_.at(linear.name);
  QuantizedInput input = quantize_input(linear.name, x, weights.activation_scale);
  Matrix<std::int32_t> sums(x.rows, y.cols);
  int8_matmul(input.values, weights, sums, threads_);
  for (std::size_t t = 0; t < y.rows; ++t) {
    for (std::size_t o = 0; o < y.cols; ++o) y(t, o) = dequantize(sums(t, o), input.scales[t], weights.scales[o]);
  }
  done(linear, input, sums);
}

}  // namespace flexcim
