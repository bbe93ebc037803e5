#include "platform/estimate/host_part.h"

#include "platform/config/block_parameters.h"
#include "platform/energy/accelerator_activity.h"
#include "platform/estimate/time_span.h"

#include <cmath>
#include <cstdint>

namespace flexcim {
namespace {

/// Of a span in which only the host works.
Activity host_activity(const Architecture& architecture, std::uint64_t instructions, std::int64_t span_ps) {
  const DramParameters dram = dram_parameters(architecture);
  const std::int64_t interval_ps = static_cast<std::int64_t>(dram.refi) * dram.clock_ps;
  DramTraffic traffic;
  traffic.refreshes = static_cast<std::uint64_t>(span_ps / interval_ps) * static_cast<std::uint64_t>(dram.channels);
  Activity activity = accelerator_activity(architecture, {}, span_ps, traffic);
  activity.host_instructions = instructions;
  return activity;
}

}  // namespace

GenerationPart host_part(const Scenario& scenario, const EnergyModel& energy, const Pass& pass) {
  const HostCosts& costs = *std::get<ShapesWorkload>(scenario.workload).host_costs;
  GenerationPart part;
  part.name = pass.name;
  part.tokens = pass.tokens;
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    OperatorResult& work = part.operators[i];
    work.units = pass.units[i];
    const auto operators = static_cast<OperatorClass>(i);
    const double cycles = std::ceil(costs.of(operators) * static_cast<double>(work.units));
    work.compute_ps = later(0, cycles * static_cast<double>(costs.clock().ps()));
    work.cycles = costs.cycles_of(operators, work.units);
    work.energy =
        energy.price(host_activity(scenario.architecture, work.cycles, work.compute_ps), nanoseconds(work.compute_ps));
    part.time.operators_ps = later(part.time.operators_ps, static_cast<double>(work.compute_ps));
  }
  return part;
}

}  // namespace flexcim
