// Random packed linears for tests, of any pattern and index policy.
#pragma once

#include "flow/map/geometry.h"
#include "flow/pack/packed_linear.h"
#include "flow/pack/quantize.h"
#include "flow/prune/slot_matching.h"

#include <algorithm>
#include <random>

namespace flexcim::test {

/// Every group keeps N elements (fewer at the matrix's edge), some of them with value zero. `window` > 0: only choices
/// that fit the default selects of that window, as the policy `window` makes them.
inline PackedLinear random_linear(std::mt19937& random, Pattern pattern, int out, int in, int window = 0,
                                  int weight_bits = 8) {
  PackedLinear linear;
  linear.name = "random";
  linear.pattern = pattern;
  linear.policy = window > 0 ? IndexPolicy::window : IndexPolicy::element;
  linear.window = std::max(window, 1);
  linear.weight_bits = weight_bits;
  linear.out = out;
  linear.in = in;
  linear.scales.assign(out, 1.0f);
  const std::size_t entries = static_cast<std::size_t>(out) * linear.groups() * pattern.n;
  linear.values.assign(entries, 0);
  linear.indices.assign(entries, PackedLinear::kEmpty);
  const int limit = weight_limit(weight_bits);
  std::uniform_int_distribution<int> value(-limit, limit);
  for (int o = 0; o < out; ++o) {
    for (int g = 0; g < linear.groups(); ++g) {
      std::vector<std::uint8_t> candidates;
      for (int i = 0; i < std::min(pattern.m, in - g * pattern.m); ++i)
        candidates.push_back(static_cast<std::uint8_t>(i));
      std::shuffle(candidates.begin(), candidates.end(), random);
      std::vector<std::uint8_t> kept;
      for (std::uint8_t candidate : candidates) {
        kept.push_back(candidate);
        std::uint8_t slot_of[kMaxSlots];
        const bool fits = window == 0 || pattern.dense() ||
                          match_slots(default_selects(pattern.n, pattern.m / 2, window), kept.data(),
                                      static_cast<int>(kept.size()), slot_of);
        if (static_cast<int>(kept.size()) > pattern.n || !fits) kept.pop_back();
      }
      std::sort(kept.begin(), kept.end());
      for (std::size_t i = 0; i < kept.size(); ++i) {
        linear.indices[linear.entry(o, g, static_cast<int>(i))] = kept[i];
        linear.values[linear.entry(o, g, static_cast<int>(i))] =
            static_cast<std::int8_t>(value(random) * (value(random) > -100));
      }
    }
  }
  return linear;
}

inline Matrix<std::int8_t> random_activations(std::mt19937& random, int tokens, int in) {
  Matrix<std::int8_t> x(tokens, in);
  std::uniform_int_distribution<int> value(-128, 127);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<std::int8_t>(value(random));
  return x;
}

}  // namespace flexcim::test
