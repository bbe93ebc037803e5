#include "platform/program/soc_meter.h"

#include "platform/energy/accelerator_activity.h"
#include "platform/results/window_files.h"

#include <algorithm>
#include <functional>

namespace flexcim {

SocMeter::SocMeter(const Scenario& scenario, SocProbe& soc, const std::filesystem::path& folder)
    : scenario_(scenario),
      soc_(soc),
      energy_(scenario.architecture, scenario.technology, scenario.sequencing),
      log_(scenario.power_window_ps(), (folder / kPowerFile).string()),
      buffers_(scenario.power_window_ps(), scenario.architecture.clock().ps(), (folder / kActivityFile).string(),
               [&soc] { return soc.reached_ps(); }) {
  soc.listen(log_, buffers_, log_);
}

SocCounts SocMeter::now() const { return {soc_.dram().events(), soc_.host(), soc_.toggles().value_or(MacroToggles())}; }

SocCounts SocMeter::of_span(SocCounts spent, Picoseconds time) const {
  const DramParameters& dram = soc_.dram().parameters();
  const auto interval_ps = static_cast<std::uint64_t>(dram.refi) * static_cast<std::uint64_t>(dram.clock_ps);
  const std::uint64_t each = static_cast<std::uint64_t>(time) / interval_ps + 1;
  spent.dram.refreshes = std::min(spent.dram.refreshes, each * static_cast<std::uint64_t>(dram.channels));
  return spent;
}

void SocMeter::finish(std::int64_t end_ps) {
  finished_ = true;
  end_ps_ = end_ps;
}

void SocMeter::sample(std::uint64_t window) {
  if (sampled_end_) return;
  log_.sample(window, now());
  buffers_.settle(finished_ ? end_ps_ : static_cast<Picoseconds>(window + 1) * scenario_.power_window_ps());
  sampled_end_ = finished_;
}

Activity SocMeter::activity(const AcceleratorEvents& events, std::int64_t elapsed_ps, const SocCounts& spent) const {
  const DramTraffic dram = dram_traffic(spent.dram, soc_.dram().parameters());
  Activity activity = accelerator_activity(scenario_.architecture, events, elapsed_ps, dram);
  activity.interconnect_bytes += spent.host.bus_bytes;
  activity.dram.read_bytes += spent.host.memory_reads;
  activity.dram.write_bytes += spent.host.memory_writes;
  activity.host_instructions = spent.host.instructions;
  if (soc_.toggles()) activity.toggles = spent.toggles;
  return activity;
}

/// Of all commands: the accelerator's own count ends with a reset.
Activity SocMeter::total_activity() const {
  AcceleratorEvents events;
  for (const CommandRecord& record : soc_.records()) events += record.gemm.events;
  return activity(events, end_ps_, now());
}

std::optional<ToggleGroups> SocMeter::toggles(const Activity& activity) const {
  if (!activity.toggles) return std::nullopt;
  return energy_.groups(*activity.toggles, activity.macro);
}

void SocMeter::complete(SimulationResult& result) {
  result.time_ps = end_ps_;
  result.toggles = toggles(total_activity());
  result.add_up();
  result.power = power(result.energy.by_component());
  result.activity = [this](const ActivityRow& row) { activity(row); };
}

PowerRows SocMeter::power(const EnergyByComponent& energy) {
  return [this, energy, total = total_activity()](const PowerRow& row) {
    PowerSampler sampler(energy_, energy_.switching(total), total, nanoseconds(end_ps_), energy);
    log_.replay(end_ps_, [&](std::int64_t end_ps, const AcceleratorEvents& events, const SocCounts& counts) {
      row(sampler.sample(nanoseconds(end_ps), activity(events, end_ps, counts)));
    });
  };
}

void SocMeter::activity(const ActivityRow& row) {
  const Architecture& architecture = scenario_.architecture;
  const double cells = static_cast<double>(architecture.macro.cells()) * architecture.macros.count();
  BufferLog::Reader buffers = buffers_.read(end_ps_);
  std::int64_t start_ps = 0;
  Activity before;
  log_.replay(end_ps_, [&](std::int64_t end_ps, const AcceleratorEvents& events, const SocCounts& counts) {
    const Activity now = activity(events, end_ps, counts);
    ActivityWindow window{nanoseconds(start_ps), nanoseconds(end_ps)};
    window.macs_executed = now.macro.products - before.macro.products;
    const double cycles = static_cast<double>(end_ps - start_ps) / static_cast<double>(architecture.clock().ps());
    window.utilization = static_cast<double>(window.macs_executed) / (cycles * cells);
    window.dram_read_bytes = now.dram.read_bytes - before.dram.read_bytes;
    window.dram_write_bytes = now.dram.write_bytes - before.dram.write_bytes;
    window.buffer_bytes = buffers.next(start_ps, end_ps);
    row(window);
    start_ps = end_ps;
    before = now;
  });
}

}  // namespace flexcim
