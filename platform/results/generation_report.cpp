#include "platform/results/generation_report.h"

#include "flow/text/printable.h"
#include "platform/config/clock_period.h"
#include "platform/results/text_table.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

std::string percent(double part, double whole) { return fmt::format("{:.1f} %", whole > 0 ? 100 * part / whole : 0.0); }

std::string share(std::int64_t part_ps, std::int64_t whole_ps) {
  return percent(static_cast<double>(part_ps), static_cast<double>(whole_ps));
}

std::string part_table(const GenerationResult& generation) {
  TextTable table({{"", Align::left},
                   {"tokens", Align::right},
                   {"time", Align::right},
                   {"tokens/s", Align::right},
                   {"energy/token", Align::right},
                   {"GEMM", Align::right},
                   {"memory stall", Align::right},
                   {"host operators", Align::right},
                   {"host memory", Align::right},
                   {"host driver", Align::right}});
  for (const GenerationPart& part : generation.parts) {
    const std::int64_t total = part.time.total_ps();
    table.add({part.name, with_commas(static_cast<unsigned long long>(part.tokens)), time_text(nanoseconds(total)),
               fmt::format("{:.1f}", part.tokens_per_second()), energy_text(part.energy_per_token_pj()),
               share(part.time.gemm_ps, total), share(part.time.memory_ps, total), share(part.time.operators_ps, total),
               share(part.time.host_memory_ps, total), share(part.time.driver_ps, total)});
  }
  return table.render();
}

/// What each resource would take alone.
std::string roofline_table(const GenerationResult& generation) {
  TextTable table({{"alone", Align::left},
                   {"macros", Align::right},
                   {"DRAM", Align::right},
                   {"host", Align::right},
                   {"DRAM bytes", Align::right},
                   {"bound by", Align::left},
                   {"tokens/s", Align::right},
                   {"reached", Align::right}});
  for (const GenerationPart& part : generation.parts) {
    const Roofline& roofline = part.roofline;
    table.add({part.name, time_text(nanoseconds(roofline.macros_ps)), time_text(nanoseconds(roofline.dram_ps)),
               time_text(nanoseconds(roofline.host_ps)), with_commas(roofline.dram_bytes),
               std::string(roofline.bound()), fmt::format("{:.1f}", part.bound_tokens_per_second()),
               share(roofline.bound_ps(), part.time.total_ps())});
  }
  return table.render();
}

std::string text_lines(const GenerationResult& generation) {
  const std::string end =
      generation.ended ? fmt::format(" of {} (its last, {}, ends the text)", generation.asked, generation.tokens.back())
                       : "";
  return fmt::format("text, {} tokens{}, {} the golden int8 model's:\n{}", generation.tokens.size(), end,
                     generation.match() ? "equal to" : "NOT equal to", printable(generation.text));
}

std::string steps_line(const GenerationResult& generation) {
  return fmt::format("{} tokens, none of which is known: none ends the text (stop_at_eos)", generation.asked);
}

std::string match_text(const std::optional<bool>& match) { return !match ? "not compared" : *match ? "yes" : "NO"; }

std::string kind_table(const SimulationResult& simulation) {
  TextTable table({{"layers", Align::left},
                   {"linears", Align::right},
                   {"N:M", Align::left},
                   {"dense MACs", Align::right},
                   {"cycles", Align::right},
                   {"stalled", Align::right},
                   {"utilization", Align::right},
                   {"energy", Align::right},
                   {"match", Align::left}});
  for (const LayerKind& kind : layer_kinds(simulation)) {
    table.add({kind.part + " " + kind.kind, std::to_string(kind.linears), kind.patterns_text(),
               with_commas(kind.macs_dense), with_commas(kind.cycles),
               percent(static_cast<double>(kind.stall_cycles), static_cast<double>(kind.cycles)),
               percent(kind.utilization(), 1), energy_text(picojoules(kind.energy)), match_text(kind.match)});
  }
  return table.render();
}

std::string operator_table(const GenerationResult& generation) {
  std::vector<TextTable::Column> columns{{"operator", Align::left}};
  for (const GenerationPart& part : generation.parts) {
    columns.push_back({part.name + " units", Align::right});
    columns.push_back({"cycles", Align::right});
    columns.push_back({"bytes", Align::right});
    columns.push_back({"time", Align::right});
    columns.push_back({"energy", Align::right});
  }
  TextTable table(columns);
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    const OperatorClassInfo& info = operator_classes()[i];
    std::vector<std::string> cells{std::string(info.name)};
    bool any = false;
    for (const GenerationPart& part : generation.parts) {
      const OperatorResult& work = part.operators[i];
      any = any || work.units > 0;
      cells.push_back(fmt::format("{} {}s", with_commas(work.units), info.unit));
      cells.push_back(with_commas(work.cycles));
      cells.push_back(with_commas(work.read_bytes + work.written_bytes));
      cells.push_back(time_text(nanoseconds(work.time_ps())));
      cells.push_back(energy_text(work.energy.total_pj()));
    }
    if (any) table.add(cells);
  }
  std::vector<std::string> gemms{"gemm"}, driver{"driver"};
  for (const GenerationPart& part : generation.parts) {
    const auto add = [](std::vector<std::string>& cells, std::int64_t time_ps, const EnergyReport& energy) {
      cells.insert(cells.end(), {"", "", "", time_text(nanoseconds(time_ps)), energy_text(energy.total_pj())});
    };
    add(gemms, part.time.gemm_ps + part.time.memory_ps, part.gemms);
    add(driver, part.time.driver_ps, part.driver);
  }
  table.add(driver);
  table.add(gemms);
  return table.render();
}

}  // namespace

std::string LayerKind::patterns_text() const {
  std::string text;
  for (const Pattern pattern : patterns) text += (text.empty() ? "" : " ") + to_string(pattern);
  return text;
}

std::vector<LayerKind> layer_kinds(const SimulationResult& simulation) {
  std::vector<LayerKind> kinds;
  for (const LayerResult& layer : simulation.layers) {
    const std::string part = layer.part();
    const std::string name = layer.name.substr(layer.name.find_last_of("./") + 1);
    auto kind = std::find_if(kinds.begin(), kinds.end(),
                             [&](const LayerKind& each) { return each.part == part && each.kind == name; });
    if (kind == kinds.end()) {
      kinds.emplace_back();
      kind = kinds.end() - 1;
      kind->part = part;
      kind->kind = name;
      if (simulation.compared()) kind->match = true;
    }
    ++kind->linears;
    if (std::find(kind->patterns.begin(), kind->patterns.end(), layer.pattern) == kind->patterns.end()) {
      kind->patterns.push_back(layer.pattern);
    }
    kind->macs_dense += layer.macs_dense();
    kind->cycles += layer.cycles;
    kind->stall_cycles += layer.stall_cycles;
    kind->busy_cells += layer.utilization * static_cast<double>(layer.cycles);
    kind->energy += layer.energy.total();
    if (kind->match) kind->match = *kind->match && layer.match;
  }
  return kinds;
}

std::string generation_report(const SimulationResult& simulation) {
  const GenerationResult& generation = *simulation.generation;
  return fmt::format("prompt, {} tokens:\n{}\n{}\n\n", generation.prompt.size(), printable(generation.prompt_text),
                     simulation.compared() ? text_lines(generation) : steps_line(generation)) +
         part_table(generation) + "\n" + roofline_table(generation) + "\n" + kind_table(simulation) + "\n" +
         operator_table(generation);
}

std::string generation_mismatch(const SimulationResult& simulation) {
  const GenerationResult& generation = *simulation.generation;
  if (generation.match()) return "";
  const auto& tokens = generation.tokens;
  const auto& golden = generation.golden;
  const auto first = std::mismatch(tokens.begin(), tokens.end(), golden.begin(), golden.end()).first - tokens.begin();
  return fmt::format("MISMATCH text at {}: from token {} on it is not the golden int8 model's:\n{}\n",
                     to_string(simulation.fidelity), first, printable(generation.golden_text));
}

}  // namespace flexcim
