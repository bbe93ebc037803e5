// Counts what a SoC does, for energy and for power over time.
#pragma once

#include "platform/config/scenario.h"
#include "platform/energy/account.h"
#include "platform/energy/energy_model.h"
#include "platform/energy/power_sampler.h"
#include "platform/results/run_result.h"
#include "platform/run/buffer_log.h"
#include "platform/run/power_log.h"
#include "platform/run/soc_counts.h"
#include "platform/soc/soc.h"
#include "rtl_models/observe/toggle_counter.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace flexcim {

/// Listens to the SoC's accelerator. `scenario` and `soc` outlive it; to be made before the simulation
/// starts.
class SocMeter {
 public:
  /// `folder`: of results; counts that do not stay in memory wait there.
  SocMeter(const Scenario& scenario, Soc& soc, const std::filesystem::path& folder);

  SocCounts now() const;
  /// Of what has been spent since the command before one of so many cycles, what belongs to this one: rows are also
  /// refreshed while nothing runs, and these refreshes are counted with the next access.
  SocCounts of_command(SocCounts spent, Cycle cycles) const;
  /// To be called at the end of power windows, as PowerLog::sample is.
  void sample(std::uint64_t window);
  /// The host's program has ended.
  void finish(std::int64_t end_ps);
  bool finished() const { return finished_; }

  /// Events of the accelerator in `elapsed_ps`, and of host, DRAM and macros in the same time. Throws std::logic_error
  /// for more phases than the macros have cycles in it.
  Activity activity(const AcceleratorEvents& events, std::int64_t elapsed_ps, const SocCounts& spent) const;
  /// Of everything from the start to the end. Lives no longer than the meter.
  Account account() const { return {energy_, total_activity(), end_ps_}; }
  std::int64_t end_ps() const { return end_ps_; }
  /// Toggles from the start to the end.
  std::optional<ToggleGroups> toggles() const { return toggles(total_activity()); }
  /// Over time, of the energy from the start to the end. Computed when it is asked for, as long as the meter lives.
  PowerRows power(const EnergyByComponent& energy);
  /// Over time, likewise.
  ActivityRows activity() {
    return [this](const ActivityRow& row) { activity(row); };
  }
  /// By group, of an activity that has toggles.
  std::optional<ToggleGroups> toggles(const Activity& activity) const;

 private:
  Activity total_activity() const;
  void activity(const ActivityRow& row);

  const Scenario& scenario_;
  Soc& soc_;
  const EnergyModel energy_;
  PowerLog log_;
  BufferLog buffers_;
  std::vector<std::unique_ptr<ToggleCounter>> toggle_counters_;  ///< of every macro, where they are wanted
  bool finished_ = false;
  bool sampled_end_ = false;
  std::int64_t end_ps_ = 0;
};

}  // namespace flexcim
