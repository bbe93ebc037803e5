// Counts of host, DRAM and macros; those of the accelerator come with its commands.
#pragma once

#include "flow/map/toggles.h"
#include "platform/driver/host_counts.h"
#include "tlm/timing/dram_timing.h"

namespace flexcim {

/// What host, DRAM and macros have done since the start. The accelerator's events come with its commands.
struct SocCounts {
  DramEvents dram;
  HostCounts host;
  MacroToggles toggles;  ///< of all macros, where they are counted
};

template <>
struct StatisticList<SocCounts> {
  static constexpr auto list =
      joined(statistics_of_part<&SocCounts::dram>(),
             joined(statistics_of_part<&SocCounts::host>(), statistics_of_part<&SocCounts::toggles>()));
};

}  // namespace flexcim
