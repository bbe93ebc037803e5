#include "flow/map/select_finder.h"

#include <algorithm>
#include <numeric>

namespace flexcim {

SelectFinder::SelectFinder(int slots, int pairs, int window)
    : default_(default_selects(slots, pairs, window)), fitting_default_(default_) {
  // With w = 1 the elements per pair decide alone; with a full window the default selects fit everything.
  const bool search = default_.window > 1 && default_.window < pairs;
  if (search && count_select_sets(slots, pairs) <= kMaxSelectSets) sets_ = all_select_sets(slots, pairs, window);
}

const std::vector<std::uint64_t>& SelectFinder::fitting_sets(const BlockDemand& demand) {
  std::uint64_t key = 0;  // two bits per pair: 0..2 elements
  for (int i = 0; i < demand.count; ++i) key += std::uint64_t{1} << (demand.indices[i] / 2 * 2);
  std::vector<std::uint64_t>& fitting = fitting_[key];
  if (fitting.empty()) {
    fitting.assign((sets_.size() + 63) / 64, 0);
    std::uint8_t slot_of[kMaxSlots];
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      if (match_slots(sets_[i], demand.indices.data(), demand.count, slot_of))
        fitting[i / 64] |= std::uint64_t{1} << (i % 64);
    }
  }
  return fitting;
}

bool SelectFinder::feasible(const State& state) const {
  if (state.default_fits) return true;
  if (std::accumulate(state.need.begin(), state.need.end(), 0) <= default_.slots) return true;
  return std::any_of(state.sets.begin(), state.sets.end(), [](std::uint64_t word) { return word != 0; });
}

SelectFinder::State SelectFinder::joined(const State& state, const BlockDemand& demand) {
  State next = state;
  if (demand.count == 0) return next;
  std::uint32_t mask = 0;
  for (int i = 0; i < demand.count; ++i) mask |= std::uint32_t{1} << demand.indices[i];
  next.default_fits = state.default_fits && fitting_default_.contains(mask);
  std::array<std::uint8_t, kMaxM / 2> elements = {};
  for (int i = 0; i < demand.count; ++i) ++elements[demand.indices[i] / 2];
  for (std::size_t h = 0; h < elements.size(); ++h) next.need[h] = std::max(next.need[h], elements[h]);
  if (!sets_.empty()) {
    const std::vector<std::uint64_t>& fitting = fitting_sets(demand);
    if (next.sets.empty()) {
      next.sets = fitting;
    } else {
      for (std::size_t i = 0; i < fitting.size(); ++i) next.sets[i] &= fitting[i];
    }
  }
  return next;
}

bool SelectFinder::can_join(const State& state, const BlockDemand& demand) { return feasible(joined(state, demand)); }

bool SelectFinder::join(State& state, const BlockDemand& demand) {
  State next = joined(state, demand);
  if (!feasible(next)) return false;
  state = std::move(next);
  return true;
}

GroupSelects SelectFinder::choose(const State& state) const {
  if (state.default_fits) return default_;
  for (std::size_t i = 0; i < state.sets.size() * 64; ++i) {
    if ((state.sets[i / 64] >> (i % 64) & 1) != 0) return sets_[i];
  }
  GroupSelects selects = default_;
  int slot = 0;
  for (int pair = 0; pair < selects.pairs; ++pair) {
    for (int i = 0; i < state.need[pair]; ++i) selects.base[slot++] = static_cast<std::uint8_t>(pair);
  }
  return selects;  // slots that nobody needs keep their default base
}

}  // namespace flexcim
