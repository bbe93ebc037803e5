#include "platform/run/soc_meter.h"

#include "platform/energy/accelerator_activity.h"
#include "platform/results/window_files.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace flexcim {

namespace {

bool counts_toggles(const Scenario& scenario) {
  return scenario.toggles || scenario.technology.activity_source == ActivitySource::measured;
}

}  // namespace

SocMeter::SocMeter(const Scenario& scenario, Soc& soc, const std::filesystem::path& folder)
    : scenario_(scenario),
      soc_(soc),
      energy_(scenario.architecture, scenario.technology, scenario.sequencing),
      log_(scenario.power_window_ps(), (folder / kPowerFile).string()),
      buffers_(scenario.power_window_ps(), scenario.architecture.clock().ps(), (folder / kActivityFile).string()) {
  soc_.accelerator().add_listener(log_);
  soc_.accelerator().add_buffer_listener(buffers_);
  soc_.dram().add_listener(log_);
  RtlMacroEngine* engine = soc_.rtl_engine();
  if (engine == nullptr || !counts_toggles(scenario)) return;
  for (int o = 0; o < engine->shape().outputs; ++o) {
    for (int k = 0; k < engine->shape().inputs; ++k) {
      const std::string name = fmt::format("{}_toggles_{}_{}", soc.basename(), o, k);
      toggle_counters_.push_back(std::make_unique<ToggleCounter>(name.c_str(), engine->macro(o, k)));
      toggle_counters_.back()->clock(engine->clock());
    }
  }
}

SocCounts SocMeter::now() const {
  SocCounts counts{soc_.dram().timing().events(), soc_.host().counts(), {}};
  for (const auto& counter : toggle_counters_) counts.toggles += counter->toggles();
  return counts;
}

SocCounts SocMeter::of_command(SocCounts spent, Cycle cycles) const {
  const DramParameters& dram = soc_.dram().timing().parameters();
  const auto interval_ps = static_cast<std::uint64_t>(dram.refi) * static_cast<std::uint64_t>(dram.clock_ps);
  const std::uint64_t each = static_cast<std::uint64_t>(scenario_.architecture.clock().of(cycles)) / interval_ps + 1;
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
  const DramTraffic dram = dram_traffic(spent.dram, soc_.dram().timing().parameters());
  Activity activity = accelerator_activity(scenario_.architecture, events, elapsed_ps, dram);
  activity.interconnect_bytes += spent.host.bus_bytes;
  activity.dram.read_bytes += spent.host.memory_reads;
  activity.dram.write_bytes += spent.host.memory_writes;
  activity.host_instructions = spent.host.instructions;
  if (!toggle_counters_.empty()) activity.toggles = spent.toggles;
  return activity;
}

/// Of all commands: the accelerator's own count ends with a reset.
Activity SocMeter::total_activity() const {
  AcceleratorEvents events;
  for (const CommandRecord& record : soc_.accelerator().records()) events += record.gemm.events;
  return activity(events, end_ps_, now());
}

std::optional<ToggleGroups> SocMeter::toggles(const Activity& activity) const {
  if (!activity.toggles) return std::nullopt;
  return energy_.groups(*activity.toggles, activity.macro);
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
