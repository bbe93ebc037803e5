#include "flow/prune/select_sets.h"

#include <algorithm>

namespace flexcim {

std::uint64_t count_select_sets(int slots, int pairs) {
  std::uint64_t count = 1;  // C(pairs - 1 + i, i), built up term by term: each step divides exactly
  for (int i = 1; i <= slots; ++i)
    count = count * static_cast<std::uint64_t>(pairs - 1 + i) / static_cast<std::uint64_t>(i);
  return count;
}

std::vector<GroupSelects> all_select_sets(int slots, int pairs, int window) {
  GroupSelects set;
  set.slots = slots;
  set.pairs = pairs;
  set.window = std::min(window, pairs);
  std::vector<GroupSelects> sets;
  for (;;) {
    sets.push_back(set);
    int slot = slots - 1;
    while (slot >= 0 && set.base[slot] == pairs - 1) --slot;
    if (slot < 0) return sets;
    std::fill(set.base + slot, set.base + slots, static_cast<std::uint8_t>(set.base[slot] + 1));
  }
}

}  // namespace flexcim
