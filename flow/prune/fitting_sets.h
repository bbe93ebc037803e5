// Which sets of kept elements fit given selects: the transversal matroid of a group (flow.md §4).
#pragma once

#include "flow/prune/slot_matching.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// Sets of elements of one group, as bit masks over 0..M-1, that have a slot for each element. For M up to 16 they are
/// all tabulated; beyond, each question is a matching.
class FittingSets {
 public:
  explicit FittingSets(const GroupSelects& selects);

  const GroupSelects& selects() const { return selects_; }

  /// Whether the elements of `mask` (below 2^M) all find a slot.
  bool contains(std::uint32_t mask) const {
    if (!table_.empty()) return (table_[mask >> 6] >> (mask & 63) & 1) != 0;
    return match(mask);
  }

  /// Whether every set that fits these selects fits `other` too; only ever true where both are tabulated.
  bool within(const FittingSets& other) const;

 private:
  bool match(std::uint32_t mask) const;

  GroupSelects selects_;
  std::vector<std::uint64_t> table_;  ///< bit `mask`: it fits; empty for M > 16
};

}  // namespace flexcim
