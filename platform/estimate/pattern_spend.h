// What each linear of a model spends of the hardware as each pattern that it may get: the budgets of a selection.
#pragma once

#include "flow/model/language_model.h"
#include "flow/select/analyze.h"
#include "flow/select/budget.h"
#include "platform/config/hardware.h"
#include "platform/energy/femtojoules.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace flexcim {

/// What a budget counts.
enum class Budget {
  cycles,  ///< of the accelerator's clock, from the fetch of a command to its completion
  energy,  ///< of accelerator and DRAM, femtojoules
  bytes    ///< read from and written to DRAM
};
/// "cycles", "energy" or "bytes". Throws InputError that names the three otherwise.
Budget parse_budget(std::string_view text);
std::string_view to_string(Budget budget);
/// "cycles", "fJ", "bytes".
std::string_view unit_of(Budget budget);

/// Of one command.
struct GemmSpend {
  Cycle cycles = 0;
  Femtojoules energy = 0;
  std::uint64_t dram_bytes = 0;

  std::int64_t of(Budget budget) const;
};

/// How the linears run.
struct SpendSettings {
  int tokens = 1;                                   ///< at a time
  IndexPolicy policy = IndexPolicy::window_shared;  ///< by which they are pruned: decides the phases
  int weight_bits = 8;                              ///< 4 or 8
  bool requantized = false;                         ///< outputs int8; int32 otherwise
};

/// spend[linear][pattern]: each linear as one command alone, streamed from DRAM unless the architecture's weights are
/// resident, as `workload: {kind: shapes}` has it for a model of these patterns. A pattern for which the macro is not
/// wired spends what the nearest does that holds it. Throws InputError that names the linear for one that the
/// accelerator refuses, that does not fit its buffers, or whose energy is not finite.
std::vector<std::vector<GemmSpend>> pattern_spends(const Hardware& hardware, const std::vector<LinearInfo>& linears,
                                                   const std::vector<Pattern>& patterns, const SpendSettings& settings);

/// The same for select_within: an item per linear, or per block of `blocks` with the sum of its linears. Throws as
/// pattern_spends, and for a sum of more than kMostSpend.
std::vector<ItemSpend> item_spends(const Hardware& hardware, const std::vector<LinearInfo>& linears, int blocks,
                                   Granularity granularity, const std::vector<Candidate>& candidates, Budget budget,
                                   const SpendSettings& settings);

}  // namespace flexcim
