// All the ways in which the slots of a group can be given base pairs (architecture.md §4, flow.md §4 window_shared).
#pragma once

#include "flow/prune/slot_matching.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// More multisets than this are not searched exhaustively.
constexpr std::uint64_t kMaxSelectSets = 10000;

/// Multisets of `slots` base pairs out of `pairs`: C(slots + pairs - 1, slots). Slots are interchangeable.
std::uint64_t count_select_sets(int slots, int pairs);

/// All of them, bases ascending within a set, sets in lexicographic order. Precondition: count_select_sets <=
/// kMaxSelectSets.
std::vector<GroupSelects> all_select_sets(int slots, int pairs, int window);

}  // namespace flexcim
