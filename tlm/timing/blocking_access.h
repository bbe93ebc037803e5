// What a blocking access to DRAM takes: loosely timed, without contention, and the banks stay as they are.
#pragma once

#include "tlm/timing/dram_timing.h"

#include <cstdint>

namespace flexcim {

/// Of so many bursts, at least one: the idle latency of the first, and the bus time of the others.
inline Picoseconds blocking_time(const DramTiming& dram, bool write, std::int64_t bursts) {
  const DramParameters& p = dram.parameters();
  return dram.idle_latency_ps(write) + (bursts - 1) * p.ccd_s * p.clock_ps;
}

}  // namespace flexcim
