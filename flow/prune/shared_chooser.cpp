#include "flow/prune/fitting_sets.h"
#include "flow/prune/group_chooser.h"
#include "flow/prune/select_sets.h"

#include <algorithm>
#include <array>

namespace flexcim {
namespace {

constexpr int kMaxPairs = kMaxM / 2;

/// Window 1: a slot holds an element of its own pair, so a pair that c slots select keeps its best min(c, 2) elements
/// in every row. Sums over the rows, pair by pair, decide.
class PairChooser final : public GroupChooser {
 public:
  PairChooser(Pattern pattern, const std::vector<GroupSelects>& sets) : pairs_(pattern.m / 2), sets_(sets) {}

  void choose(const GroupRows& group, std::uint8_t* out, std::size_t out_stride) const override {
    double gain[2][kMaxPairs] = {};  // of the first and of the second slot on a pair
    for (std::size_t r = 0; r < group.rows; ++r) {
      const float* s = group.saliency + r * group.stride;
      for (int h = 0; 2 * h < group.length; ++h) {
        const int first = 2 * h;
        const bool single = first + 1 == group.length;
        gain[0][h] += static_cast<double>(single ? s[first] : std::max(s[first], s[first + 1]));
        gain[1][h] += static_cast<double>(single ? 0.0f : std::min(s[first], s[first + 1]));
      }
    }
    const GroupSelects* best = &sets_.front();  // stays where saliency is no number
    double most = -1;
    for (const GroupSelects& selects : sets_) {
      int used[kMaxPairs] = {};
      double sum = 0;
      for (int n = 0; n < selects.slots; ++n) {
        const int pair = selects.base[n];
        if (used[pair] < 2) sum += gain[used[pair]++][pair];
      }
      if (sum > most) {
        most = sum;
        best = &selects;
      }
    }
    keep_by_pair(group, *best, out, out_stride);
  }

 private:
  void keep_by_pair(const GroupRows& group, const GroupSelects& selects, std::uint8_t* out,
                    std::size_t out_stride) const {
    int slots_on[kMaxPairs] = {};
    for (int n = 0; n < selects.slots; ++n) ++slots_on[selects.base[n]];
    for (std::size_t r = 0; r < group.rows; ++r) {
      const float* s = group.saliency + r * group.stride;
      std::uint32_t kept = 0;
      for (int h = 0; h < pairs_; ++h) {
        const int first = 2 * h;
        if (slots_on[h] == 0 || first >= group.length) continue;
        const bool single = first + 1 == group.length;
        if (slots_on[h] >= 2 && !single) {
          kept |= 3u << first;
        } else {
          kept |= (single || s[first] >= s[first + 1] ? 1u : 2u) << first;
        }
      }
      place_in_slots(selects, kept, out + r * out_stride);
    }
  }

  int pairs_;
  std::vector<GroupSelects> sets_;
};

/// Any window: the greedy choice of every row for every choice of base pairs that no other one covers.
class SharedChooser final : public GroupChooser {
 public:
  explicit SharedChooser(const std::vector<GroupSelects>& sets) {
    for (const GroupSelects& selects : sets) {
      FittingSets fitting(selects);
      const auto covers = [&](const FittingSets& other) { return fitting.within(other); };
      if (std::any_of(sets_.begin(), sets_.end(), covers)) continue;
      // The default selects come first and stay: a tie is theirs.
      if (!sets_.empty()) {
        const auto covered = [&](const FittingSets& other) { return other.within(fitting); };
        sets_.erase(std::remove_if(sets_.begin() + 1, sets_.end(), covered), sets_.end());
      }
      sets_.push_back(std::move(fitting));
    }
  }

  void choose(const GroupRows& group, std::uint8_t* out, std::size_t out_stride) const override {
    const Ranked ranked(group, sets_.front().selects().slots);
    const FittingSets* best = &sets_.front();  // stays where saliency is no number
    double most = -1;
    for (const FittingSets& sets : sets_) {
      double sum = 0;
      std::size_t r = 0;
      // No row can keep more than its N most salient: where that cannot make up for what is missing, the rest need not
      // be looked at.
      for (; r < group.rows && sum + ranked.bound_from[r] > most; ++r) sum += greedy(group, ranked, r, sets).sum;
      if (r == group.rows && sum > most) {
        most = sum;
        best = &sets;
      }
    }
    for (std::size_t r = 0; r < group.rows; ++r) {
      place_in_slots(best->selects(), greedy(group, ranked, r, *best).kept, out + r * out_stride);
    }
  }

 private:
  struct Ranked {
    std::vector<std::array<std::uint8_t, kMaxM>> order;  ///< per row
    std::vector<double> bound_from;                      ///< what rows r.. can keep at most

    Ranked(const GroupRows& group, int slots) : order(group.rows), bound_from(group.rows) {
      double bound = 0;
      for (std::size_t r = group.rows; r-- > 0;) {
        const float* s = group.saliency + r * group.stride;
        saliency_order(s, group.length, order[r].data());
        for (int k = 0; k < std::min(slots, group.length); ++k) bound += static_cast<double>(s[order[r][k]]);
        bound_from[r] = bound;
      }
    }
  };
  struct Greedy {
    std::uint32_t kept = 0;
    double sum = 0;
  };

  static Greedy greedy(const GroupRows& group, const Ranked& ranked, std::size_t r, const FittingSets& sets) {
    const float* s = group.saliency + r * group.stride;
    Greedy result;
    int count = 0;
    for (int k = 0; k < group.length && count < sets.selects().slots; ++k) {
      const int element = ranked.order[r][k];
      const std::uint32_t more = result.kept | 1u << element;
      if (!sets.contains(more)) continue;
      result.kept = more;
      result.sum += static_cast<double>(s[element]);
      ++count;
    }
    return result;
  }

  std::vector<FittingSets> sets_;  ///< the default selects first
};

}  // namespace

std::unique_ptr<GroupChooser> make_shared_chooser(Pattern pattern, int window) {
  const int pairs = pattern.m / 2;
  std::vector<GroupSelects> sets{default_selects(pattern.n, pairs, window)};
  if (sets.front().window >= pairs) return make_window_chooser(pattern, window);  // every slot reaches every pair
  for (const GroupSelects& selects : all_select_sets(pattern.n, pairs, window)) sets.push_back(selects);
  if (sets.front().window == 1) return std::make_unique<PairChooser>(pattern, sets);
  return std::make_unique<SharedChooser>(sets);
}

}  // namespace flexcim
