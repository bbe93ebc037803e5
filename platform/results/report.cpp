#include "platform/results/report.h"

#include "platform/results/fault_files.h"
#include "platform/results/generation_report.h"
#include "platform/results/shapes_report.h"
#include "platform/results/steps_report.h"
#include "platform/results/text_table.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <fmt/format.h>
#include <numeric>

namespace flexcim {
namespace {

constexpr double kWorthNaming = 0.01;  // of the energy
constexpr std::size_t kFigures = 5;

/// The dotted parts that all layers' names begin with, e.g. "model.layers.2.".
std::string common_prefix(const std::vector<LayerResult>& layers) {
  if (layers.size() < 2) return "";
  std::string prefix = layers[0].name;
  for (const LayerResult& layer : layers) {
    const auto end = std::mismatch(prefix.begin(), prefix.end(), layer.name.begin(), layer.name.end()).first;
    prefix.erase(end, prefix.end());
  }
  return prefix.substr(0, prefix.rfind('.') + 1);
}

/// As it can be pasted into a shell.
std::string shell_word(const std::string& text) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || std::strchr("/._-+,:@%=", c) != nullptr; };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string layer_table(const SimulationResult& simulation) {
  const std::string prefix = common_prefix(simulation.layers);
  TextTable table({{"layer", Align::left},
                   {"tokens×out×in", Align::right},
                   {"N:M", Align::right},
                   {"tiles", Align::right},
                   {"phases", Align::right},
                   {"cycles", Align::right},
                   {"utilization", Align::right},
                   {"energy", Align::right},
                   {"match", Align::left}});
  const auto match = [&](bool equal) { return !simulation.compared() ? "not compared" : equal ? "yes" : "NO"; };
  std::uint64_t tiles = 0;
  std::uint64_t phases = 0;
  for (const LayerResult& layer : simulation.layers) {
    table.add({layer.name.substr(prefix.size()), fmt::format("{}×{}×{}", layer.tokens, layer.out, layer.in),
               to_string(layer.pattern), with_commas(layer.tiles), with_commas(layer.phases), with_commas(layer.cycles),
               percent_text(layer.utilization), energy_text(layer.energy.total_pj()), match(layer.match)});
    tiles += layer.tiles;
    phases += layer.phases;
  }
  table.add({"between", "", "", "", "", "", "", energy_text(simulation.between.total_pj()), ""});
  table.set_footer({"total", "", "", with_commas(tiles), with_commas(phases), with_commas(simulation.cycles),
                    percent_text(simulation.utilization()), energy_text(simulation.energy.total_pj()),
                    match(simulation.match())});
  return table.render();
}

/// "4:8 weights run as dense, 1:8 as 2:4": which patterns the macro does not hold. Empty where it holds all.
std::string nearest_line(const std::vector<LayerResult>& layers) {
  std::vector<std::string> seen;
  for (const LayerResult& layer : layers) {
    if (layer.runs_as == layer.pattern) continue;
    const std::string text = fmt::format("{} weights run as {}", to_string(layer.pattern), to_string(layer.runs_as));
    if (std::find(seen.begin(), seen.end(), text) == seen.end()) seen.push_back(text);
  }
  return seen.empty() ? "" : fmt::format("{}: the macros hold no other\n", fmt::join(seen, ", "));
}

/// Where the phases of an estimate are from.
std::string phases_line(const std::vector<LayerResult>& layers) {
  std::string text;
  for (const PhaseSource source : {PhaseSource::packed, PhaseSource::policy, PhaseSource::layout}) {
    const auto count = std::count_if(layers.begin(), layers.end(),
                                     [&](const LayerResult& layer) { return layer.phases_from == source; });
    if (count > 0) text += fmt::format("{} {} ({})", text.empty() ? "phases from" : ",", to_string(source), count);
  }
  return text.empty() ? text : text + (layers.size() == 1 ? " layer\n" : " layers\n");
}

std::string firmware_line(const FirmwareResult& firmware) {
  std::string text =
      fmt::format("firmware: exit code {}, {} instructions, {} commands of the accelerator\n", firmware.exit_code,
                  with_commas(firmware.instructions), with_commas(firmware.commands));
  if (firmware.text) text += fmt::format("it has generated: {}\n", firmware.text->text);
  return text;
}

/// What components hide: the parts of DRAM, clocks.
std::string figure_line(const std::vector<FigureShare>& figures, double total) {
  std::vector<std::string> parts;
  for (const FigureShare& share : figures) {
    const bool dram = share.name.rfind("dram.", 0) == 0;
    if (!dram && share.name != "energy.flip_flop_clock") continue;
    const double part = picojoules(share.energy) / total;
    if (part >= kWorthNaming) parts.push_back(fmt::format("{} {}", dram ? share.name : "clocks", percent_text(part)));
  }
  return parts.empty() ? "" : fmt::format("of it {}\n", fmt::join(parts, ", "));
}

std::string energy_lines(const SimulationResult& simulation) {
  const EnergyReport& energy = simulation.energy;
  const EnergyByComponent components = energy.by_component();
  const double total = energy.total_pj();
  if (total <= 0) return "";
  std::vector<std::size_t> order(kComponents);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return components[a] > components[b]; });
  std::vector<std::string> parts;
  for (std::size_t i : order) {
    const double share = picojoules(components[i]) / total;
    if (share >= kWorthNaming) parts.push_back(fmt::format("{} {}", to_string(component_at(i)), percent_text(share)));
  }
  std::vector<FigureShare> figures = energy.by_figure();
  std::stable_sort(figures.begin(), figures.end(),
                   [](const FigureShare& a, const FigureShare& b) { return a.energy > b.energy; });
  const std::string hidden = figure_line(figures, total);
  if (figures.size() > kFigures) figures.resize(kFigures);
  std::vector<std::string> tags;
  for (char tag : std::string("DSEU"))
    tags.push_back(fmt::format("{} {}", tag, percent_text(energy.by_tag(tag) / total)));

  std::string text = fmt::format("energy goes to {}\n", fmt::join(parts, ", "));
  text += hidden;
  text += fmt::format("it rests on figures {} (D direct, S scaled or modelled, E estimated, U unverified), above all\n",
                      fmt::join(tags, ", "));
  for (const FigureShare& share : figures) {
    text += fmt::format("  {:>7}  {} {:.4g} {} ({}): {}\n", percent_text(picojoules(share.energy) / total), share.name,
                        share.figure.value, share.figure.unit, share.figure.tag, share.figure.source);
  }
  return text;
}

std::string interrupt_table(const std::vector<InterruptLatency>& sources) {
  if (sources.empty()) return "no interrupts\n";
  TextTable table({{"interrupts", Align::left},
                   {"count", Align::right},
                   {"least latency", Align::right},
                   {"mean", Align::right},
                   {"most", Align::right}});
  for (const InterruptLatency& source : sources) {
    table.add({source.source, with_commas(source.count), time_text(nanoseconds(source.least_ps)),
               time_text(source.mean_ns), time_text(nanoseconds(source.most_ps))});
  }
  return table.render();
}

/// Why there is no waveform.
std::string trace_missed(const RunResult& result) {
  const bool soc = result.trace->changes.has_value();  // of the scenario's own run
  const auto traced =
      std::find_if(result.simulations.begin(), result.simulations.end(),
                   [soc](const SimulationResult& simulation) { return soc || simulation.fidelity == Fidelity::rtl; });
  return fmt::format("NO WAVEFORM: {} from {} to {} ns (trace.from, trace.to); the run takes {} ns\n",
                     soc ? "nothing happens" : "the macros have no cycle", result.trace->from_ns, result.trace->to_ns,
                     nanoseconds(traced->time_ps));
}

}  // namespace

std::string report(const Scenario& scenario, const RunResult& result) {
  std::string text;
  if (const auto& interrupted = result.interrupted) {
    text += fmt::format("INTERRUPTED by {}: {} of {} layers are complete, and only those are here\n\n",
                        interrupted->signal, interrupted->layers, interrupted->of);
  }
  for (const SimulationResult& simulation : result.simulations) {
    const std::string prefix = common_prefix(simulation.layers);
    text += fmt::format("{} · {} · {} · {} · {}{}\n", scenario.name, to_string(simulation.fidelity),
                        scenario.architecture.name, scenario.technology.name, to_string(scenario.sequencing),
                        prefix.empty() ? "" : " · " + prefix + "…");
    if (simulation.firmware) {
      const FirmwareResult& firmware = *simulation.firmware;
      if (!simulation.layers.empty()) text += layer_table(simulation);
      text += firmware_line(firmware);
      if (firmware.jobs > simulation.layers.size()) {
        text += fmt::format("{} of {} layers have run\n", simulation.layers.size(), firmware.jobs);
      }
    } else if (simulation.generation) {
      text += generation_report(simulation);
    } else {
      if (simulation.steps) text += steps_report(simulation);
      text += std::holds_alternative<ShapesWorkload>(scenario.workload) ? shapes_table(simulation)
                                                                        : layer_table(simulation);
    }
    const double macs = static_cast<double>(simulation.macs_executed());
    const double total = simulation.energy.total_pj();
    const double time_ns = nanoseconds(simulation.time_ps);
    text += fmt::format("{} cycles, {} at {}", with_commas(simulation.cycles), time_text(time_ns),
                        scenario.architecture.clock().to_string());
    if (simulation.firmware) {
      text += fmt::format(", host at {}", scenario.host.clock().to_string());
    } else if (const HostCosts* costs = host_costs_of(scenario.workload)) {
      text += fmt::format(", host at {}", costs->clock().to_string());
    }
    if (macs > 0 && time_ns > 0) {
      text += fmt::format(", {:.3g} mW, {:.3g} fJ per executed MAC (macros alone {:.3g})", total / time_ns,
                          1000 * total / macs, 1000 * simulation.energy.macro_pj() / macs);
    }
    text += "\n" + nearest_line(simulation.layers);
    if (!simulation.compared()) text += phases_line(simulation.layers);
    text += fault_lines(simulation);
    text += energy_lines(simulation) + "\n";
  }
  text += fmt::format("macros take {:.3g} mm2, {:+.1f} % over the same ones for dense weights only\n\n",
                      macros_mm2(result.area), 100 * macro_overhead(result.area, result.dense_macros_mm2));
  if (result.comparison) text += comparison_report(*result.comparison) + "\n";
  if (result.interrupts) text += interrupt_table(*result.interrupts) + "\n";
  if (result.selection) text += reached_text(*result.selection) + "\n";
  return text;
}

std::string closing_lines(const RunResult& result, const std::filesystem::path& folder) {
  std::string text;
  for (const SimulationResult& simulation : result.simulations) {
    if (simulation.generation) text += generation_mismatch(simulation);
    if (simulation.firmware && simulation.firmware->text && !simulation.firmware->text->match()) {
      text += fmt::format("MISMATCH: the golden model generates: {}\n", simulation.firmware->text->golden_text);
    }
    for (const LayerResult& layer : simulation.layers) {
      if (!layer.match)
        text += fmt::format("{} {} at {}: {}\n", simulation.faults ? "faulty" : "MISMATCH", layer.name,
                            to_string(simulation.fidelity), layer.mismatch);
    }
  }
  const bool firmware = !result.simulations.empty() && result.simulations[0].firmware;
  const bool estimate = !result.simulations.empty() && !result.simulations[0].compared();
  const bool compared = !estimate && (!firmware || !result.simulations[0].layers.empty());
  if (result.match() && compared) text += "every output equals the golden model bit for bit\n";
  const bool generation = !result.simulations.empty() && result.simulations[0].generation;
  if (result.compared_rtl_cycles) {
    text += fmt::format("every output pin of the RTL is the model's in {} cycles\n",
                        with_commas(*result.compared_rtl_cycles));
  }
  if (result.checked_transactions) {
    text += fmt::format("{} transactions keep the base protocol\n", with_commas(*result.checked_transactions));
  }
  std::string own = firmware ? "uart.txt, " : "";
  if (generation) own = estimate ? "layer_kinds.csv, " : "layer_kinds.csv, text.txt, ";
  if (!result.simulations.empty() && result.simulations[0].steps) own += "steps.csv, ";
  if (result.comparison) own += "comparison.csv, ";
  std::string observed = result.transactions.empty() ? "" : result.transactions + ", ";
  for (const std::string& file : result.shown) observed += file + ", ";
  text += fmt::format("results in {}: summary.json, layers.csv, energy.csv, {}power.csv, {}{}scenario.yaml\n",
                      folder.string(), own,
                      !estimate                        ? "activity.csv, outputs.safetensors, "
                      : result.simulations[0].activity ? "activity.csv, "
                                                       : "",
                      observed);
  if (result.trace && result.waveform.empty()) text += trace_missed(result);
  if (!result.waveform.empty()) text += fmt::format("waveform: gtkwave {}\n", shell_word(folder / result.waveform));
  return text;
}

}  // namespace flexcim
