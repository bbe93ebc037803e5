// Finds selects that several columns can share in one block of one row (architecture.md §5, `grouped`).
#pragma once

#include "flow/prune/fitting_sets.h"
#include "flow/prune/select_sets.h"

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace flexcim {

/// The kept elements of one column in one block.
struct BlockDemand {
  std::array<std::uint8_t, kMaxSlots> indices = {};  ///< in-group indices, the first `count`
  int count = 0;                                     ///< 0..N
};

/// Which selects still fit every column that joined. Exact for w = 1 and wherever the select sets are few enough to
/// enumerate (kMaxSelectSets); otherwise it tries only the default selects and those that give each pair its own slots.
class SelectFinder {
 public:
  struct State {
    bool default_fits = true;
    std::array<std::uint8_t, kMaxM / 2> need = {};  ///< most elements that any column has in this pair
    std::vector<std::uint64_t> sets;                ///< bit i: select set i fits; empty while nobody joined
  };

  SelectFinder(int slots, int pairs, int window);

  /// Whether some selects fit all columns of `state` and also `demand`; if so, `state` becomes theirs.
  bool join(State& state, const BlockDemand& demand);
  bool can_join(const State& state, const BlockDemand& demand);

  /// The default selects where they fit, else those with the lowest bases.
  GroupSelects choose(const State& state) const;

 private:
  bool feasible(const State& state) const;
  State joined(const State& state, const BlockDemand& demand);
  const std::vector<std::uint64_t>& fitting_sets(const BlockDemand& demand);

  GroupSelects default_;
  FittingSets fitting_default_;
  std::vector<GroupSelects> sets_;                                         ///< empty where not enumerated
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> fitting_;  ///< by elements per pair
};

}  // namespace flexcim
