// Counts what a SoC does, for energy and for power over time.
#pragma once

#include "platform/config/scenario.h"
#include "platform/energy/account.h"
#include "platform/energy/energy_model.h"
#include "platform/energy/power_sampler.h"
#include "platform/program/buffer_log.h"
#include "platform/program/power_log.h"
#include "platform/program/soc_counts.h"
#include "platform/program/soc_probe.h"
#include "platform/results/run_result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace flexcim {

/// Listens to the SoC. `scenario` and `soc` outlive it; to be made before anything happens.
class SocMeter {
 public:
  /// `folder`: of results; counts that do not stay in memory wait there.
  SocMeter(const Scenario& scenario, SocProbe& soc, const std::filesystem::path& folder);

  SocCounts now() const;
  /// All commands that have ended.
  const std::vector<CommandRecord>& commands() const { return soc_.records(); }
  /// As SocProbe's.
  const std::vector<SocCounts>& counts_at_ends() const { return soc_.counts_at_ends(); }
  /// Of what has been spent since something before, what belongs to a command, or to a stream of the host, that took
  /// `time`: rows are also refreshed while nothing runs, and these refreshes are counted with the next access.
  SocCounts of_span(SocCounts spent, Picoseconds time) const;
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
  /// Time, toggles and energy from the start to the end, power and activity over time, of `result`, which has its
  /// layers and what is between them. Rows over time are computed when they are asked for, as long as the meter lives.
  void complete(SimulationResult& result);
  /// By group, of an activity that has toggles.
  std::optional<ToggleGroups> toggles(const Activity& activity) const;

 private:
  Activity total_activity() const;
  PowerRows power(const EnergyByComponent& energy);
  void activity(const ActivityRow& row);

  const Scenario& scenario_;
  const SocProbe& soc_;
  const EnergyModel energy_;
  PowerLog log_;
  BufferLog buffers_;
  bool finished_ = false;
  bool sampled_end_ = false;
  std::int64_t end_ps_ = 0;
};

}  // namespace flexcim
