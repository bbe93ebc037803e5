#include "platform/run/soc_meter.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <stdexcept>

namespace flexcim {

namespace {

bool counts_toggles(const Scenario& scenario) {
  return scenario.toggles || scenario.technology.activity_source == ActivitySource::measured;
}

/// Cycles of `count` clocked blocks that have ended after `elapsed_ps`, all together.
std::uint64_t whole_cycles(std::int64_t elapsed_ps, const ClockPeriod& clock, int count) {
  const std::int64_t whole = elapsed_ps / clock.ps(), rest = elapsed_ps % clock.ps();
  return static_cast<std::uint64_t>(whole * count + rest * count / clock.ps());
}

template <class Operation>
SocCounts combined(const SocCounts& a, const SocCounts& b, Operation operation) {
  return {{operation(a.dram.activates, b.dram.activates), operation(a.dram.row_hits, b.dram.row_hits),
           operation(a.dram.read_bursts, b.dram.read_bursts), operation(a.dram.write_bursts, b.dram.write_bursts),
           operation(a.dram.refreshes, b.dram.refreshes)},
          {operation(a.host.instructions, b.host.instructions), operation(a.host.bus_bytes, b.host.bus_bytes),
           operation(a.host.memory_reads, b.host.memory_reads), operation(a.host.memory_writes, b.host.memory_writes)},
          {}};
}

}  // namespace

SocCounts SocCounts::operator-(const SocCounts& earlier) const {
  SocCounts difference = combined(*this, earlier, std::minus<>());
  difference.toggles = toggles - earlier.toggles;
  return difference;
}

SocCounts& SocCounts::operator+=(const SocCounts& more) {
  const MacroToggles sum = toggles += more.toggles;
  *this = combined(*this, more, std::plus<>());
  toggles = sum;
  return *this;
}

SocMeter::SocMeter(const Scenario& scenario, Soc& soc)
    : scenario_(scenario),
      soc_(soc),
      energy_(scenario.architecture, scenario.technology, scenario.sequencing),
      timeline_(scenario.power_window_ps()) {
  soc_.accelerator().set_listener(&timeline_);
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

void SocMeter::finish(std::int64_t end_ps) {
  finished_ = true;
  end_ps_ = end_ps;
}

void SocMeter::sample() {
  if (sampled_end_) return;
  samples_.push_back(now());
  sampled_end_ = finished_;
}

Activity SocMeter::activity(const AcceleratorEvents& events, std::int64_t elapsed_ps, const SocCounts& spent) const {
  const std::uint64_t burst = soc_.dram().timing().parameters().burst_bytes();
  Activity activity;
  activity.macro = events.macro;
  const Architecture& architecture = scenario_.architecture;
  const std::uint64_t cycles = whole_cycles(elapsed_ps, architecture.clock(), architecture.macros.count());
  if (events.macro.phases > cycles) throw std::logic_error("more phases than cycles of the macros");
  activity.idle_macro_cycles = cycles - events.macro.phases;
  activity.activation_buffer = {events.activation_buffer_reads, events.activation_buffer_writes};
  activity.weight_buffer = {events.weight_buffer_reads, events.weight_buffer_writes};
  activity.output_buffer = {events.output_buffer_reads, events.output_buffer_writes};
  activity.accumulates = events.accumulates;
  activity.requantizations = events.requantizations;
  activity.interconnect_bytes = events.dma_reads + events.dma_writes + spent.host.bus_bytes;
  activity.dram = {spent.dram.read_bursts * burst + spent.host.memory_reads,
                   spent.dram.write_bursts * burst + spent.host.memory_writes, spent.dram.activates,
                   spent.dram.refreshes};
  activity.host_instructions = spent.host.instructions;
  if (!toggle_counters_.empty()) activity.toggles = spent.toggles;
  return activity;
}

Activity SocMeter::total_activity() const { return activity(soc_.accelerator().events(), end_ps_, now()); }

void SocMeter::report(StageResult& result) const {
  const Activity total = total_activity();
  result.time_ps = end_ps_;
  result.energy = energy_.price(total, nanoseconds(end_ps_));
  result.power = power(total);
  result.toggles = toggles(total);
}

std::optional<ToggleGroups> SocMeter::toggles(const Activity& activity) const {
  if (!activity.toggles) return std::nullopt;
  return energy_.groups(*activity.toggles, activity.macro);
}

std::vector<PowerWindow> SocMeter::power(const Activity& total) const {
  PowerSampler sampler(energy_, energy_.switching(total));
  AcceleratorEvents events;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const std::int64_t end_ps = std::min(static_cast<std::int64_t>(i + 1) * scenario_.power_window_ps(), end_ps_);
    events += timeline_.window(i);
    sampler.sample(nanoseconds(end_ps), activity(events, end_ps, samples_[i]));
  }
  return sampler.windows();
}

}  // namespace flexcim
