#include "platform/estimate/host_part.h"

#include "flow/base/error.h"
#include "platform/config/block_parameters.h"
#include "platform/energy/accelerator_activity.h"
#include "platform/estimate/stream_cost.h"
#include "platform/estimate/time_span.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace flexcim {
namespace {

/// Of a span in which only the host works.
Activity host_activity(const Architecture& architecture, const OperatorResult& work, const DramEvents& moved) {
  const DramParameters dram = dram_parameters(architecture);
  const std::int64_t interval_ps = static_cast<std::int64_t>(dram.refi) * dram.clock_ps;
  DramTraffic traffic = dram_traffic(moved, dram);
  traffic.refreshes =
      static_cast<std::uint64_t>(work.time_ps() / interval_ps) * static_cast<std::uint64_t>(dram.channels);
  Activity activity = accelerator_activity(architecture, {}, work.time_ps(), traffic);
  activity.host_instructions = work.cycles;
  activity.interconnect_bytes += work.read_bytes + work.written_bytes;
  return activity;
}

/// Of a row, or a value, that operators of a class read or write (MemoryUse).
std::uint64_t bytes_of(OperatorClass operators, const Pass& pass, const HostStorage& storage) {
  const MemoryRows row{1, static_cast<std::uint64_t>(pass.hidden)};
  switch (operators) {
    case OperatorClass::attention:
      return stored_bytes(storage.cache, pass.cache);
    case OperatorClass::embedding:
      return stored_bytes(storage.embedding, row);
    case OperatorClass::head:
      return stored_bytes(storage.head, row);
    default:
      return kStateBytes;
  }
}

/// Bytes of `rows` of `each`. Throws InputError for more than can be counted.
std::uint64_t bytes_of(std::uint64_t rows, std::uint64_t each) {
  constexpr std::uint64_t kMost = 1'000'000'000'000'000'000;
  if (each > 0 && rows > kMost / each) throw InputError("the host moves more than 1e18 bytes");
  return rows * each;
}

}  // namespace

GenerationPart host_part(const Scenario& scenario, const EnergyModel& energy, const Pass& pass) {
  const auto& workload = std::get<ShapesWorkload>(scenario.workload);
  const HostCosts& costs = *workload.host_costs;
  const StreamCosts streams(scenario.architecture);
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
    const OperatorUse& use = pass.uses[i];
    const std::uint64_t each = bytes_of(operators, pass, *workload.host_memory);
    work.read_bytes = bytes_of(use.rows.read, each);
    work.written_bytes = bytes_of(use.rows.written, each);
    const StreamCost reads = streams.of(false, work.read_bytes, use.pieces);
    const StreamCost writes = streams.of(true, work.written_bytes, use.pieces);
    const double waits = reads.ps + writes.ps - static_cast<double>(work.compute_ps);
    work.wait_ps = later(0, std::max(0.0, std::round(waits)));
    DramEvents moved = reads.dram;
    moved += writes.dram;
    work.energy = energy.price(host_activity(scenario.architecture, work, moved), nanoseconds(work.time_ps()));
    part.time.operators_ps = later(part.time.operators_ps, static_cast<double>(work.compute_ps));
    part.time.host_memory_ps = later(part.time.host_memory_ps, static_cast<double>(work.wait_ps));
  }
  return part;
}

}  // namespace flexcim
