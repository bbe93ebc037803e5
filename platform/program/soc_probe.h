// A SoC as the figures of a run see it: what it has counted, and who hears of what it does.
#pragma once

#include "flow/map/toggles.h"
#include "platform/driver/host_counts.h"
#include "platform/program/soc_counts.h"
#include "tlm/timing/activity.h"
#include "tlm/timing/buffer_access.h"
#include "tlm/timing/command_unit.h"
#include "tlm/timing/dram_timing.h"

#include <optional>
#include <vector>

namespace flexcim {

class SocProbe {
 public:
  virtual ~SocProbe() = default;

  /// How far time has gone on: listeners have heard of all that happens before.
  virtual Picoseconds reached_ps() const = 0;
  virtual const DramTiming& dram() const = 0;
  virtual const HostCounts& host() const = 0;
  /// Of all macros, where they are counted.
  virtual std::optional<MacroToggles> toggles() const { return std::nullopt; }
  /// All commands that have ended.
  virtual const std::vector<CommandRecord>& records() const = 0;
  /// What DRAM and macros had done since the start when each of them ended; nothing of the host.
  virtual const std::vector<SocCounts>& counts_at_ends() const = 0;
  /// They hear from now on and outlive the SoC. To be called before anything happens.
  virtual void listen(ActivityListener& activity, BufferListener& buffers, DramListener& dram) = 0;
};

}  // namespace flexcim
