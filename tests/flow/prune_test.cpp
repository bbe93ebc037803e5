#include "flow/prune/prune.h"

#include "flow/base/error.h"
#include "flow/pack/packed_linear.h"
#include "flow/prune/fitting_sets.h"
#include "flow/prune/select_sets.h"
#include "flow/prune/slot_matching.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

namespace flexcim {
namespace {

Matrix<float> random_weights(std::mt19937& random, std::size_t rows, std::size_t cols, bool ties) {
  Matrix<float> weights(rows, cols);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const int magnitude = static_cast<int>(random() % (ties ? 4 : 100000));
    weights.data()[k] = static_cast<float>(random() % 2 == 0 ? magnitude : -magnitude);
  }
  return weights;
}

std::vector<float> ones(std::size_t count) { return std::vector<float>(count, 1.0f); }

bool fits(const GroupSelects& selects, std::uint32_t mask) {
  std::vector<std::uint8_t> indices;
  for (std::uint8_t e = 0; e < 32; ++e) {
    if ((mask >> e & 1u) != 0) indices.push_back(e);
  }
  std::vector<std::uint8_t> slots(indices.size() + 1);
  return match_slots(selects, indices.data(), static_cast<int>(indices.size()), slots.data());
}

/// A set's worth: its saliencies, and far below them a preference for lower indices that makes the best set unique and
/// ranks single elements as the tie rule does.
struct Worth {
  double saliency = 0;
  std::uint32_t preference = 0;
  bool operator<(const Worth& other) const {
    return saliency != other.saliency ? saliency < other.saliency : preference < other.preference;
  }
};

template <class Allowed>
std::uint32_t best_set(const float* weights, int length, const Allowed& allowed) {
  std::uint32_t best = 0;
  Worth most;
  for (std::uint32_t mask = 1; mask < 1u << length; ++mask) {
    if (!allowed(mask)) continue;
    Worth worth;
    for (int e = 0; e < length; ++e) {
      if ((mask >> e & 1u) == 0) continue;
      worth.saliency += static_cast<double>(std::fabs(weights[e]));
      worth.preference |= 1u << (31 - e);
    }
    if (most < worth) {
      most = worth;
      best = mask;
    }
  }
  return best;
}

double worth(const float* weights, std::uint32_t mask) {
  double sum = 0;
  for (int e = 0; e < 32; ++e) sum += (mask >> e & 1u) != 0 ? static_cast<double>(std::fabs(weights[e])) : 0.0;
  return sum;
}

/// The kept set of one group, after checking that no index comes twice.
std::uint32_t kept_set(const Pruned& pruned, Pattern pattern, std::size_t groups, std::size_t row, std::size_t group) {
  std::uint32_t mask = 0;
  for (int n = 0; n < pattern.n; ++n) {
    const std::uint8_t index = pruned.indices[(row * groups + group) * pattern.n + n];
    if (index == PackedLinear::kEmpty) continue;
    CHECK((mask >> index & 1u) == 0);
    mask |= 1u << index;
  }
  return mask;
}

/// Whether the slots of one group hold only what these selects let them hold.
bool slots_obey(const Pruned& pruned, const GroupSelects& selects, std::size_t groups, std::size_t row,
                std::size_t group) {
  for (int n = 0; n < selects.slots; ++n) {
    const std::uint8_t index = pruned.indices[(row * groups + group) * selects.slots + n];
    if (index == PackedLinear::kEmpty) continue;
    if (window_offset(selects.base[n], index / 2, selects.pairs) >= selects.window) return false;
  }
  return true;
}

TEST_CASE("element keeps the N most salient, the lower index on a tie") {
  std::mt19937 random(1);
  for (const Pattern pattern :
       {Pattern{1, 2}, Pattern{1, 4}, Pattern{2, 4}, Pattern{2, 8}, Pattern{4, 8}, Pattern{3, 7}, Pattern{5, 16}}) {
    for (int trial = 0; trial < 40; ++trial) {
      const std::size_t cols = 1 + random() % 20;
      const Matrix<float> weights = random_weights(random, 3, cols, trial % 2 == 0);
      const Pruned pruned = Pruner({pattern}, "test").prune(weights, ones(cols), 1);
      const std::size_t m = static_cast<std::size_t>(pattern.m);
      const std::size_t groups = (cols + m - 1) / m;
      for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t g = 0; g < groups; ++g) {
          const int length = static_cast<int>(std::min(m, cols - g * m));
          const auto allowed = [&](std::uint32_t mask) { return __builtin_popcount(mask) <= pattern.n; };
          CHECK(kept_set(pruned, pattern, groups, r, g) == best_set(weights.row(r) + g * m, length, allowed));
        }
      }
    }
  }
}

TEST_CASE("saliency is |W| times the channel norm") {
  Matrix<float> weights(1, 4);
  for (int j = 0; j < 4; ++j) weights(0, j) = static_cast<float>(j == 2 ? -4 : j + 1);  // 1 2 -4 4
  const Pruned pruned = Pruner({{2, 4}}, "test").prune(weights, {10, 1, 2, 1}, 1);      // 10 2 8 4
  CHECK(pruned.indices == std::vector<std::uint8_t>{0, 2});
  CHECK(pruned.saliency_kept == 18);
  CHECK(pruned.saliency_total == 24);
}

TEST_CASE("window is optimal among the sets that fit the default selects, for every window") {
  std::mt19937 random(2);
  for (const Pattern pattern : {Pattern{1, 2}, Pattern{1, 4}, Pattern{2, 4}, Pattern{3, 4}, Pattern{1, 8},
                                Pattern{2, 8}, Pattern{4, 8}, Pattern{5, 8}}) {
    for (const int window : {1, 2, 4}) {
      const GroupSelects selects = default_selects(pattern.n, pattern.m / 2, window);
      const auto allowed = [&](std::uint32_t mask) {
        return __builtin_popcount(mask) <= pattern.n && fits(selects, mask);
      };
      for (int trial = 0; trial < 12; ++trial) {
        const std::size_t cols = 1 + random() % 20;
        const Matrix<float> weights = random_weights(random, 3, cols, trial % 2 == 0);
        const PruneRule rule{pattern, IndexPolicy::window, window, 32};
        const Pruned pruned = Pruner(rule, "test").prune(weights, ones(cols), 1);
        const std::size_t m = static_cast<std::size_t>(pattern.m);
        const std::size_t groups = (cols + m - 1) / m;
        for (std::size_t r = 0; r < 3; ++r) {
          for (std::size_t g = 0; g < groups; ++g) {
            const int length = static_cast<int>(std::min(m, cols - g * m));
            CHECK(kept_set(pruned, pattern, groups, r, g) == best_set(weights.row(r) + g * m, length, allowed));
            CHECK(slots_obey(pruned, selects, groups, r, g));
          }
        }
      }
    }
  }
}

TEST_CASE("window_shared is optimal over all base pairs, rows together") {
  std::mt19937 random(3);
  for (const Pattern pattern :
       {Pattern{1, 2}, Pattern{1, 4}, Pattern{2, 4}, Pattern{1, 8}, Pattern{2, 8}, Pattern{3, 8}, Pattern{4, 8}}) {
    for (const int window : {1, 2, 4}) {
      const int pairs = pattern.m / 2;
      const std::vector<GroupSelects> all = all_select_sets(pattern.n, pairs, window);
      for (int trial = 0; trial < 6; ++trial) {
        const std::size_t cols = 1 + random() % 12;
        const int shared_rows = 1 + static_cast<int>(random() % 3);
        const std::size_t rows = 4;
        const Matrix<float> weights = random_weights(random, rows, cols, trial % 2 == 0);
        const PruneRule rule{pattern, IndexPolicy::window_shared, window, shared_rows};
        const Pruned pruned = Pruner(rule, "test").prune(weights, ones(cols), 1);
        const std::size_t m = static_cast<std::size_t>(pattern.m);
        const std::size_t groups = (cols + m - 1) / m;
        for (std::size_t first = 0; first < rows; first += static_cast<std::size_t>(shared_rows)) {
          const std::size_t last = std::min(rows, first + static_cast<std::size_t>(shared_rows));
          for (std::size_t g = 0; g < groups; ++g) {
            const int length = static_cast<int>(std::min(m, cols - g * m));
            double best = 0;
            for (const GroupSelects& selects : all) {
              const auto allowed = [&](std::uint32_t mask) {
                return __builtin_popcount(mask) <= pattern.n && fits(selects, mask);
              };
              double sum = 0;
              for (std::size_t r = first; r < last; ++r) {
                const float* w = weights.row(r) + g * m;
                sum += worth(w, best_set(w, length, allowed));
              }
              best = std::max(best, sum);
            }
            double kept = 0;
            for (std::size_t r = first; r < last; ++r) {
              kept += worth(weights.row(r) + g * m, kept_set(pruned, pattern, groups, r, g));
            }
            CHECK(kept == best);
            std::vector<GroupSelects> candidates = all;
            candidates.push_back(default_selects(pattern.n, pairs, window));
            CHECK(std::any_of(candidates.begin(), candidates.end(), [&](const GroupSelects& selects) {
              for (std::size_t r = first; r < last; ++r) {
                if (!slots_obey(pruned, selects, groups, r, g)) return false;
              }
              return true;
            }));
          }
        }
      }
    }
  }
}

TEST_CASE("tabulated fitting sets are exactly those that have a matching") {
  for (const int pairs : {1, 2, 4}) {
    for (const int slots : {1, 2, 3, 4}) {
      for (const int window : {1, 2, 4}) {
        for (const GroupSelects& selects : all_select_sets(slots, pairs, window)) {
          const FittingSets sets(selects);
          bool equal = true;
          for (std::uint32_t mask = 0; mask < 1u << (2 * pairs); ++mask)
            equal &= sets.contains(mask) == fits(selects, mask);
          CHECK(equal);
        }
      }
    }
  }
  std::mt19937 random(4);
  const GroupSelects wide = default_selects(8, 8, 2);  // 8:16
  const FittingSets tabulated(wide);
  for (int i = 0; i < 2000; ++i) {
    const std::uint32_t mask = static_cast<std::uint32_t>(random()) & 0xFFFFu & static_cast<std::uint32_t>(random());
    CHECK(tabulated.contains(mask) == fits(wide, mask));
  }
  const FittingSets matched(default_selects(16, 16, 1));  // 16:32 is not tabulated
  CHECK(matched.contains(0x55555555u));
  CHECK_FALSE(matched.contains(3u));
}

TEST_CASE("the window of the specification: w = 2 holds every 2:4 set and 66 of the 70 4:8 sets") {
  const auto count = [](Pattern pattern, int window) {
    const FittingSets sets(default_selects(pattern.n, pattern.m / 2, window));
    int fitting = 0;
    for (std::uint32_t mask = 0; mask < 1u << pattern.m; ++mask) {
      fitting += __builtin_popcount(mask) == pattern.n && sets.contains(mask) ? 1 : 0;
    }
    return fitting;
  };
  CHECK(count({2, 4}, 2) == 6);
  CHECK(count({4, 8}, 2) == 66);
  CHECK(count({4, 8}, 4) == 70);
  CHECK(count({4, 8}, 1) == 16);
}

TEST_CASE("pruning is the same on any number of threads") {
  std::mt19937 random(5);
  const Matrix<float> weights = random_weights(random, 100, 77, false);
  for (const IndexPolicy policy : {IndexPolicy::element, IndexPolicy::window, IndexPolicy::window_shared}) {
    for (const int window : {1, 2}) {
      const Pruner pruner({{4, 8}, policy, window, 16}, "test");
      const Pruned one = pruner.prune(weights, ones(77), 1);
      const Pruned three = pruner.prune(weights, ones(77), 3);
      CHECK(one.indices == three.indices);
      CHECK(one.saliency_kept == three.saliency_kept);
      CHECK(one.saliency_total == three.saliency_total);
      CHECK(one.saliency_kept < one.saliency_total);
    }
  }
}

TEST_CASE("dense keeps everything") {
  std::mt19937 random(6);
  const Matrix<float> weights = random_weights(random, 3, 5, false);
  const Pruned pruned = Pruner({Pattern{}, IndexPolicy::window, 1, 32}, "test").prune(weights, ones(5), 1);
  CHECK(pruned.indices == std::vector<std::uint8_t>(15, 0));
  CHECK(pruned.saliency_kept == pruned.saliency_total);
}

TEST_CASE("what slots cannot hold is refused") {
  CHECK_THROWS_AS(Pruner({{2, 5}, IndexPolicy::window, 1, 32}, "test"), InputError);
  CHECK_THROWS_AS(Pruner({{2, 64}, IndexPolicy::window, 1, 32}, "test"), InputError);
  CHECK_THROWS_AS(Pruner({{2, 4}, IndexPolicy::window, 0, 32}, "test"), InputError);
  CHECK_THROWS_AS(Pruner({{2, 4}, IndexPolicy::window_shared, 1, 0}, "test"), InputError);
  CHECK_THROWS_AS(Pruner({{8, 32}, IndexPolicy::window_shared, 2, 32}, "test"), InputError);
  CHECK_NOTHROW(Pruner({{8, 32}, IndexPolicy::window_shared, 16, 32}, "test"));  // every slot reaches every pair
  CHECK_NOTHROW(Pruner({{2, 5}}, "test"));
  CHECK_THROWS_AS(Pruner({{2, 256}}, "test"), InputError);  // index 255 means an empty slot
}

TEST_CASE("which patterns the default selects reach in full") {
  CHECK(default_selects_reach_all({}, 1));
  CHECK(default_selects_reach_all({1, 2}, 1));
  CHECK(default_selects_reach_all({2, 4}, 1));
  CHECK(default_selects_reach_all({4, 8}, 1));
  CHECK_FALSE(default_selects_reach_all({1, 4}, 1));
  CHECK_FALSE(default_selects_reach_all({2, 8}, 1));
  CHECK(default_selects_reach_all({2, 8}, 2));
  CHECK(default_selects_reach_all({1, 4}, 2));
  CHECK_FALSE(default_selects_reach_all({1, 8}, 2));
}

}  // namespace
}  // namespace flexcim
