#include "platform/program/layer_figures.h"

#include "flow/map/nearest_pattern.h"

#include <fmt/format.h>

namespace flexcim {

void GemmTotals::add(const CommandRecord& record, int token_count, const SocCounts& spent_by_command) {
  if (tokens == 0) start = record.start;
  tokens += token_count;
  cycles += record.cycles();
  gemm += record.gemm;
  gemm.tiles = record.gemm.tiles;
  gemm.phases = record.gemm.phases;
  spent += spent_by_command;
  spent.host = {};
}

PhaseSource phases_from(const Scenario& scenario, const Pattern& runs_as, const std::string& layer,
                        PhaseSource weights) {
  const Architecture& a = scenario.architecture;
  return make_layout(a.macro, runs_as, scenario.sequencing, a.merge, layer).selects ? weights : PhaseSource::layout;
}

void set_counts(LayerResult& layer, const Architecture& architecture, const GemmStatistics& gemm, Cycle cycles) {
  layer.tiles = gemm.tiles;
  layer.phases = gemm.phases;
  layer.cycles = cycles;
  layer.stall_cycles = cycles - gemm.compute_cycles - gemm.load_cycles;
  layer.macs_executed = gemm.events.macro.products;
  const double cell_cycles = static_cast<double>(cycles) * architecture.macro.cells() * architecture.macros.count();
  layer.utilization = cell_cycles > 0 ? static_cast<double>(layer.macs_executed) / cell_cycles : 0;
}

LayerResult layer_figures(const SocMeter& meter, Account& account, const Scenario& scenario, const PackedLinear& linear,
                          const GemmTotals& totals) {
  const Architecture& architecture = scenario.architecture;
  LayerResult result;
  result.name = linear.name;
  result.tokens = totals.tokens;
  result.out = linear.out;
  result.in = linear.in;
  result.pattern = linear.pattern;
  result.runs_as = nearest_pattern(architecture.macro, linear.pattern);
  result.weight_bits = linear.weight_bits;
  result.phases_from = phases_from(scenario, result.runs_as, linear.name, PhaseSource::packed);
  set_counts(result, architecture, totals.gemm, totals.cycles);
  const ClockPeriod clock = architecture.clock();
  result.start_ps = clock.of(totals.start);
  const std::int64_t time_ps = clock.of(totals.cycles);
  result.activity = meter.activity(totals.gemm.events, time_ps, totals.spent);
  result.dram_bytes = result.activity.dram.read_bytes + result.activity.dram.write_bytes;
  result.toggles = meter.toggles(result.activity);
  result.energy = account.take(result.activity, time_ps);
  return result;
}

std::string first_difference(MatrixView<const std::int32_t> output, MatrixView<const std::int32_t> golden) {
  std::size_t count = 0, token = 0, channel = 0;
  for (std::size_t t = 0; t < output.rows; ++t) {
    for (std::size_t o = 0; o < output.cols; ++o) {
      if (output(t, o) == golden(t, o)) continue;
      if (count++ > 0) continue;
      token = t;
      channel = o;
    }
  }
  if (count == 0) return "";
  return fmt::format("{} of {} outputs differ, first at token {}, channel {}: {} instead of {}", count,
                     output.rows * output.cols, token, channel, output(token, channel), golden(token, channel));
}

}  // namespace flexcim
