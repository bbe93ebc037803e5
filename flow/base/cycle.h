// Simulated time as numbers; nothing here needs a simulation kernel.
#pragma once

#include <cstdint>

namespace flexcim {

/// Accelerator clock cycles since the simulation's start; cycle c begins at c clock periods of simulated time.
using Cycle = std::uint64_t;

/// Simulated time since the simulation's start, or a length of it.
using Picoseconds = std::int64_t;

}  // namespace flexcim
