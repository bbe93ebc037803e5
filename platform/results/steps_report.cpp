#include "platform/results/steps_report.h"

#include "platform/config/clock_period.h"
#include "platform/results/text_table.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

std::string share(std::int64_t part_ps, const TimeSplit& time) {
  return percent_text(static_cast<double>(part_ps) / static_cast<double>(time.total_ps()));
}

}  // namespace

std::vector<StepRow> step_rows(const SimulationResult& simulation) {
  const StepsResult& steps = *simulation.steps;
  std::vector<StepRow> rows;
  for (std::size_t i = 0; i < steps.passes.size(); ++i) {
    const PassFigures& pass = steps.passes[i];
    const GenerationPart& part = steps.parts[i];
    StepRow& row = rows.emplace_back();
    row.name = part.name;
    row.runs = pass.runs;
    row.batches = static_cast<std::uint64_t>(pass.batches);
    std::vector<RequestPhase> phases;
    for (const RequestFigures& request : pass.requests) {
      phases.push_back(request.phase);
      row.requests += static_cast<std::uint64_t>(request.count);
    }
    row.phases = phases_text(phases);
    row.tokens = static_cast<std::uint64_t>(part.tokens);
    row.tokens_out = pass.tokens_out();
    for (const LayerResult& layer : simulation.layers) row.cycles += layer.part() == part.name ? layer.cycles : 0;
    row.time = part.time;
    row.energy = part.energy.total();
    row.gemms = part.gemms.total();
  }
  return rows;
}

std::string steps_report(const SimulationResult& simulation) {
  TextTable table({{"pass", Align::left},
                   {"runs", Align::right},
                   {"requests", Align::right},
                   {"tokens in", Align::right},
                   {"out", Align::right},
                   {"time", Align::right},
                   {"GEMM", Align::right},
                   {"memory stall", Align::right},
                   {"host", Align::right},
                   {"energy", Align::right}});
  for (const StepRow& row : step_rows(simulation)) {
    table.add({row.name, with_commas(row.runs * row.batches), with_commas(row.requests), with_commas(row.tokens),
               fmt::format("{:.1f}", row.tokens_out), time_text(nanoseconds(row.time.total_ps())),
               share(row.time.gemm_ps, row.time), share(row.time.memory_ps, row.time),
               share(row.time.host_ps(), row.time), energy_text(picojoules(row.energy))});
  }
  const TokenRates rates = simulation.token_rates();
  std::string line = fmt::format("{:.1f} tokens out, {:.4g} per second", rates.tokens_out, rates.tokens_per_s);
  if (rates.first_token_ns > 0) line += fmt::format(", first token after {}", time_text(rates.first_token_ns));
  if (rates.per_token_ns > 0) line += fmt::format(", {} per output token", time_text(rates.per_token_ns));
  if (rates.tokens_out > 0) line += fmt::format(", {} per token", energy_text(rates.energy_per_token_pj));
  return table.render() + line + "\n\n";
}

}  // namespace flexcim
