// Counts what a SoC does, for energy and for power over time.
#pragma once

#include "platform/config/scenario.h"
#include "platform/energy/activity_timeline.h"
#include "platform/energy/energy_model.h"
#include "platform/energy/power_sampler.h"
#include "platform/results/run_result.h"
#include "platform/soc/soc.h"
#include "rtl_models/toggle_counter.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace flexcim {

/// What host, DRAM and macros have done since the start. The accelerator's events come with its commands.
struct SocCounts {
  DramEvents dram;
  HostCounts host;
  MacroToggles toggles;  ///< of all macros, where they are counted

  SocCounts operator-(const SocCounts& earlier) const;
  SocCounts& operator+=(const SocCounts& more);
};

/// Becomes the listener of the SoC's accelerator. `scenario` and `soc` outlive it; to be made before the simulation
/// starts.
class SocMeter {
 public:
  SocMeter(const Scenario& scenario, Soc& soc);

  SocCounts now() const;
  /// To be called at the end of every power window, until the simulation ends.
  void sample();
  /// The host's program has ended.
  void finish(std::int64_t end_ps);
  bool finished() const { return finished_; }

  /// Events of the accelerator in `elapsed_ps`, and of host, DRAM and macros in the same time. Throws std::logic_error
  /// for more phases than the macros have cycles in it.
  Activity activity(const AcceleratorEvents& events, std::int64_t elapsed_ps, const SocCounts& spent) const;
  const EnergyModel& energy() const { return energy_; }
  /// Time, energy, power and toggles from the start to the end.
  void report(StageResult& result) const;
  /// By group, of an activity that has toggles.
  std::optional<ToggleGroups> toggles(const Activity& activity) const;

 private:
  Activity total_activity() const;
  std::vector<PowerWindow> power(const Activity& total) const;

  const Scenario& scenario_;
  Soc& soc_;
  const EnergyModel energy_;
  ActivityTimeline timeline_;
  std::vector<std::unique_ptr<ToggleCounter>> toggle_counters_;  ///< of every macro, where they are wanted
  std::vector<SocCounts> samples_;                               ///< at the end of each power window
  bool finished_ = false;
  bool sampled_end_ = false;
  std::int64_t end_ps_ = 0;
};

}  // namespace flexcim
