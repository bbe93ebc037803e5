// What the figures of a run see of a simulated SoC.
#pragma once

#include "platform/config/scenario.h"
#include "platform/program/soc_probe.h"
#include "platform/soc/soc.h"
#include "rtl_models/observe/toggle_counter.h"
#include "tlm/fabric/picoseconds.h"

#include <memory>
#include <optional>
#include <vector>

namespace flexcim {

class SimulatedProbe : public SocProbe {
 public:
  /// `soc` outlives it; to be made before the simulation starts. Counts toggles where the scenario wants them and the
  /// macros are pin-accurate.
  SimulatedProbe(const Scenario& scenario, Soc& soc);

  Picoseconds reached_ps() const override { return now_picoseconds(); }
  const DramTiming& dram() const override { return soc_.dram().timing(); }
  const HostCounts& host() const override { return soc_.host().counts(); }
  std::optional<MacroToggles> toggles() const override;
  const std::vector<CommandRecord>& records() const override { return soc_.accelerator().records(); }
  const std::vector<SocCounts>& counts_at_ends() const override { return at_ends_; }
  void listen(ActivityListener& activity, BufferListener& buffers, DramListener& dram) override;

 private:
  Soc& soc_;
  std::vector<SocCounts> at_ends_;
  std::vector<std::unique_ptr<ToggleCounter>> toggle_counters_;  ///< of every macro, where they are wanted
};

}  // namespace flexcim
