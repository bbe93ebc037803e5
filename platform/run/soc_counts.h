// What the parts of a SoC have done that the accelerator does not tell of.
#pragma once

#include "flow/map/toggles.h"
#include "platform/host/host.h"
#include "tlm/timing/dram_timing.h"

namespace flexcim {

/// What host, DRAM and macros have done since the start. The accelerator's events come with its commands.
struct SocCounts {
  DramEvents dram;
  HostCounts host;
  MacroToggles toggles;  ///< of all macros, where they are counted

  SocCounts operator-(const SocCounts& earlier) const;
  SocCounts& operator+=(const SocCounts& more);
};

}  // namespace flexcim
