#include "platform/energy/accelerator_activity.h"

#include <stdexcept>

namespace flexcim {

namespace {

/// Cycles of `count` clocked blocks that have ended after `elapsed_ps`, all together.
std::uint64_t whole_cycles(std::int64_t elapsed_ps, const ClockPeriod& clock, int count) {
  const std::int64_t whole = elapsed_ps / clock.ps(), rest = elapsed_ps % clock.ps();
  return static_cast<std::uint64_t>(whole * count + rest * count / clock.ps());
}

}  // namespace

DramTraffic dram_traffic(const DramEvents& events, const DramParameters& parameters) {
  const auto burst = static_cast<std::uint64_t>(parameters.burst_bytes());
  return {events.read_bursts * burst, events.write_bursts * burst, events.activates, events.refreshes};
}

Activity accelerator_activity(const Architecture& architecture, const AcceleratorEvents& events,
                              std::int64_t elapsed_ps, const DramTraffic& dram) {
  Activity activity;
  activity.macro = events.macro;
  const std::uint64_t cycles = whole_cycles(elapsed_ps, architecture.clock(), architecture.macros.count());
  if (events.macro.phases > cycles) throw std::logic_error("more phases than cycles of the macros");
  activity.idle_macro_cycles = cycles - events.macro.phases;
  activity.activation_buffer = {events.activation_buffer_reads, events.activation_buffer_writes};
  activity.weight_buffer = {events.weight_buffer_reads, events.weight_buffer_writes};
  activity.output_buffer = {events.output_buffer_reads, events.output_buffer_writes};
  activity.accumulates = events.accumulates;
  activity.requantizations = events.requantizations;
  activity.interconnect_bytes = events.dma_reads + events.dma_writes;
  activity.dram = dram;
  return activity;
}

}  // namespace flexcim
