// A budget of the hardware as people write it.
#pragma once

#include "platform/estimate/pattern_spend.h"

#include <cstdint>
#include <string_view>

namespace flexcim {

struct BudgetLimit {
  Budget budget = Budget::cycles;
  std::int64_t spend = 0;  ///< 0..kMostSpend, in the budget's unit; 0 where it is a share
  double share = 0;        ///< of what the dense model spends, above 0 to 1; 0 where it is a spend

  /// Of a model that spends so much where it is dense; a share is rounded down.
  std::int64_t of(std::int64_t dense) const;
};

/// "cycles=120000", "energy=1.5 mJ", "bytes=64 KiB": whole numbers of the budget's unit (unit_of), also in other units
/// of its kind; or "cycles=60%", above 0 to 100, of the dense model. Throws InputError that repeats the text and says
/// what would be right.
BudgetLimit parse_budget_limit(std::string_view text);

}  // namespace flexcim
