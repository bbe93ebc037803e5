// What the model's operators cost on the host (docs/generate.md).
#pragma once

#include "flow/model/operator_class.h"
#include "platform/config/clock_period.h"

#include <array>
#include <cstdint>
#include <string>

namespace flexcim {

/// An assumed in-order core that issues one instruction per cycle, scalar or on four floats: cycles are instructions.
/// The defaults are measured instructions of scalar loops, over four: as if each were perfectly vectorized.
struct HostCosts {
  double clock_mhz = 1000;                      ///< asked for; clock() is what runs
  std::array<double, kOperatorClasses> cycles;  ///< per unit of an operator class

  HostCosts() noexcept;

  ClockPeriod clock() const { return ClockPeriod(clock_mhz); }
  double of(OperatorClass operators) const { return cycles[static_cast<std::size_t>(operators)]; }
  /// Whole cycles of `units` of work, rounded up.
  std::uint64_t cycles_of(OperatorClass operators, std::uint64_t units) const;
};

/// The defaults with what each comes from, as the Markdown table of docs/generate.md.
std::string host_cost_table();

}  // namespace flexcim
