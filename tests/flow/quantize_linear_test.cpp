#include "flow/pack/quantize_linear.h"

#include "flow/pack/quantize.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace flexcim {
namespace {

TEST_CASE("a packed linear unpacks to exactly the pruned int8 matrix") {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 0.05f);
  for (const Pattern pattern : {Pattern{}, Pattern{1, 2}, Pattern{2, 4}, Pattern{4, 8}, Pattern{3, 8}}) {
    for (const IndexPolicy policy : {IndexPolicy::element, IndexPolicy::window, IndexPolicy::window_shared}) {
      for (const std::size_t cols : {std::size_t{16}, std::size_t{19}, std::size_t{5}}) {
        Matrix<float> weights(40, cols);
        for (std::size_t k = 0; k < weights.size(); ++k) weights.data()[k] = normal(random);
        for (std::size_t j = 0; j < cols; ++j) weights(7, j) = 0;  // an all-zero row
        const PruneRule rule{pattern, policy, 2, 16};
        const Pruned pruned = Pruner(rule, "test").prune(weights, std::vector<float>(cols, 1.0f), 2);
        const QuantizedLinear result = quantize_linear("name", weights, rule, pruned, 8, 2);
        CHECK_NOTHROW(validate(result.packed, "test"));
        CHECK(result.packed.name == "name");
        CHECK(result.packed.scales[7] == 1);

        // As the definition reads: mask, scale, round each weight.
        Matrix<float> masked(40, cols);
        const std::size_t n = static_cast<std::size_t>(pattern.n);
        const std::size_t m = static_cast<std::size_t>(pattern.m);
        const std::size_t entries = (cols + m - 1) / m * n;
        for (std::size_t k = 0; k < pruned.indices.size(); ++k) {
          if (pruned.indices[k] == PackedLinear::kEmpty) continue;
          const std::size_t j = k % entries / n * m + pruned.indices[k];
          masked(k / entries, j) = weights(k / entries, j);
        }
        Matrix<std::int8_t> expected(40, cols);
        double error = 0;
        double squares = 0;
        for (std::size_t r = 0; r < 40; ++r) {
          const float largest = max_abs(masked.row(r), cols);
          const float scale = largest > 0 ? largest / 127 : 1;
          CHECK(result.packed.scales[r] == scale);
          for (std::size_t j = 0; j < cols; ++j) {
            expected(r, j) = static_cast<std::int8_t>(std::round(masked(r, j) / scale));
            error += std::pow(static_cast<double>(masked(r, j)) - static_cast<double>(expected(r, j) * scale), 2);
            squares += std::pow(static_cast<double>(masked(r, j)), 2);
          }
        }
        CHECK(unpack(result.packed) == expected);
        CHECK(result.squared_error == Approx(error));
        CHECK(result.squared_weights == Approx(squares));
        CHECK(result.squared_error < 1e-4 * result.squared_weights);
      }
    }
  }
}

TEST_CASE("quantization is the same on any number of threads") {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  Matrix<float> weights(200, 64);
  for (std::size_t k = 0; k < weights.size(); ++k) weights.data()[k] = normal(random);
  const PruneRule rule{{4, 8}, IndexPolicy::element, 1, 32};
  const Pruned pruned = Pruner(rule, "test").prune(weights, std::vector<float>(64, 1.0f), 1);
  const QuantizedLinear one = quantize_linear("a", weights, rule, pruned, 8, 1);
  const QuantizedLinear four = quantize_linear("a", weights, rule, pruned, 8, 4);
  CHECK(one.packed.values == four.packed.values);
  CHECK(one.packed.scales == four.packed.scales);
  CHECK(one.squared_error == four.squared_error);
}

}  // namespace
}  // namespace flexcim
