#include "flow/pack/quantize_linear.h"

#include "flow/base/parallel.h"
#include "flow/pack/quantize.h"

namespace flexcim {
namespace {

constexpr std::size_t kQuantizedRows = 32;

}  // namespace

QuantizedLinear quantize_linear(const std::string& name, MatrixView<const float> weights, const PruneRule& rule,
                                Pruned pruned, int weight_bits, int threads) {
  QuantizedLinear result;
  PackedLinear& packed = result.packed;
  packed.name = name;
  packed.pattern = rule.pattern;
  // Dense weights have no index policy to speak of, and element-wise ones no window.
  packed.policy = rule.pattern.dense() ? IndexPolicy::element : rule.policy;
  packed.window = packed.policy == IndexPolicy::element ? 1 : rule.window;
  packed.weight_bits = weight_bits;
  packed.out = static_cast<int>(weights.rows);
  packed.in = static_cast<int>(weights.cols);
  packed.indices = std::move(pruned.indices);
  packed.values.assign(packed.indices.size(), 0);
  packed.scales.assign(weights.rows, 1.0f);

  const std::size_t n = static_cast<std::size_t>(rule.pattern.n);
  const std::size_t m = static_cast<std::size_t>(rule.pattern.m);
  const std::size_t entries = static_cast<std::size_t>(packed.groups()) * n;  // of one row
  std::vector<double> errors(weights.rows);
  std::vector<double> squares(weights.rows);
  parallel_for(threads, weights.rows, kQuantizedRows, [&](std::size_t begin, std::size_t end) {
    std::vector<float> kept(entries);
    for (std::size_t r = begin; r < end; ++r) {
      const std::uint8_t* indices = packed.indices.data() + r * entries;
      const float* w = weights.row(r);
      for (std::size_t g = 0; g * n < entries; ++g) {
        for (std::size_t e = g * n; e < (g + 1) * n; ++e) {
          kept[e] = indices[e] == PackedLinear::kEmpty ? 0.0f : w[g * m + indices[e]];
        }
      }
      const float scale = weight_scale(max_abs(kept.data(), entries), weight_bits);
      std::int8_t* values = packed.values.data() + r * entries;
      quantize_weights(kept.data(), entries, scale, values, weight_bits);
      packed.scales[r] = scale;
      for (std::size_t e = 0; e < entries; ++e) {
        const double error = static_cast<double>(kept[e]) - static_cast<double>(static_cast<float>(values[e]) * scale);
        errors[r] += error * error;
        squares[r] += static_cast<double>(kept[e]) * static_cast<double>(kept[e]);
      }
    }
  });
  for (std::size_t r = 0; r < weights.rows; ++r) {
    result.squared_error += errors[r];
    result.squared_weights += squares[r];
  }
  return result;
}

}  // namespace flexcim
