#include "platform/results/result_files.h"

#include "flow/base/json_output.h"
#include "flow/base/output_file.h"
#include "flow/base/safetensors_writer.h"
#include "platform/energy/energy_model.h"
#include "platform/results/columns.h"
#include "platform/results/comparison_file.h"
#include "platform/results/energy_file.h"
#include "platform/results/fault_files.h"
#include "platform/results/generation_files.h"
#include "platform/results/steps_files.h"
#include "platform/results/window_files.h"

#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

namespace flexcim {
namespace {

using Json = nlohmann::ordered_json;

Json component_json(const EnergyReport& energy) {
  Json json;
  for (const ComponentInfo& info : kComponentInfos) json[std::string(info.name)] = energy[info.component];
  return json;
}

Json energy_json(const EnergyReport& energy) {
  Json json{{"by_component", component_json(energy)}};
  for (char tag : std::string("DSEU")) json["by_tag"][std::string(1, tag)] = energy.by_tag(tag);
  json["figures"] = Json::array();
  for (const FigureShare& share : energy.by_figure()) {
    json["figures"].push_back({{"figure", share.name},
                               {"value", share.figure.value},
                               {"unit", share.figure.unit},
                               {"tag", std::string(1, share.figure.tag)},
                               {"source", share.figure.source},
                               {"energy_pj", picojoules(share.energy)}});
  }
  return json;
}

Json toggles_json(const ToggleGroups& groups) {
  Json json;
  for (const ToggleGroup& group : groups) {
    json[std::string(group.name)] = {{"toggles", group.toggles}, {"bits", group.bits}, {"activity", group.activity()}};
  }
  return json;
}

Json clock_json(const ClockPeriod& clock) {
  return {{"period_ps", clock.ps()}, {"mhz", clock.mhz()}, {"asked_mhz", clock.asked_mhz()}};
}

Json layer_json(const LayerResult& layer, bool compared) {
  Json json{{"name", layer.name}, {"shape", {layer.out, layer.in}}, {"tokens", layer.tokens}};
  put_columns(json, layer_columns(), layer);
  json["energy_pj"] = layer.energy.total_pj();
  if (compared) json["match"] = layer.match;
  if (layer.toggles) json["toggles"] = toggles_json(*layer.toggles);
  if (!layer.mismatch.empty()) json["mismatch"] = layer.mismatch;
  if (layer.faults) json["faults"] = faults_json(*layer.faults);
  return json;
}

void put_simulation(Json& json, const SimulationResult& simulation) {
  json["fidelity"] = to_string(simulation.fidelity);
  json["cycles"] = simulation.cycles;
  json["time_ns"] = nanoseconds(simulation.time_ps);
  json["energy_pj"] = simulation.energy.total_pj();
  json["macs_dense"] = simulation.macs_dense();
  json["macs_executed"] = simulation.macs_executed();
  json["utilization"] = simulation.utilization();
  if (simulation.compared()) json["match"] = simulation.match();
  if (simulation.generation) json["generation"] = generation_json(simulation);
  if (simulation.steps) json["steps"] = steps_json(simulation);
  if (simulation.faults) json["faults"] = faults_json(*simulation.faults);
  if (const auto& firmware = simulation.firmware) {
    json["firmware"] = {{"exit_code", firmware->exit_code},
                        {"instructions", firmware->instructions},
                        {"commands", firmware->commands},
                        {"jobs", firmware->jobs}};
    if (const auto& text = firmware->text) {
      json["firmware"]["generated"] = {
          {"tokens", text->tokens}, {"golden", text->golden}, {"text", text->text}, {"golden_text", text->golden_text}};
    }
  }
  json["layers"] = Json::array();
  for (const LayerResult& layer : simulation.layers) {
    json["layers"].push_back(layer_json(layer, simulation.compared()));
  }
  json["between"] = {{"energy_pj", simulation.between.total_pj()},
                     {"by_component", component_json(simulation.between)}};
  json["energy"] = energy_json(simulation.energy);
  if (simulation.toggles) json["toggles"] = toggles_json(*simulation.toggles);
}

Json comparison_json(const Comparison& comparison) {
  Json json{{"points", comparison.points.size()}, {"file", kComparisonFile}, {"axes", Json::array()}};
  for (const ComparisonAxis& axis : comparison.axes) {
    Json shown{{"axis", axis.name}, {"values", axis.values}};
    if (axis.reference) shown["reference"] = axis.values[*axis.reference];
    json["axes"].push_back(std::move(shown));
  }
  return json;
}

/// Prompt and generated tokens, as a text that a model reads again.
void write_tokens(const std::filesystem::path& file, const Scenario& scenario, const RunResult& result) {
  std::vector<TensorDeclaration> tensors;
  std::vector<std::vector<std::int32_t>> data;
  for (std::size_t simulation = 0; simulation < result.simulations.size(); ++simulation) {
    const GenerationResult& generation = *result.simulations[simulation].generation;
    std::vector<std::int32_t> tokens(generation.prompt.begin(), generation.prompt.end());
    tokens.insert(tokens.end(), generation.tokens.begin(), generation.tokens.end());
    tensors.push_back({run_prefix(simulation) + "tokens", Dtype::i32, {tokens.size()}});
    data.push_back(std::move(tokens));
  }
  SafetensorsWriter writer(file.string(), tensors, {{"scenario", scenario.name}});
  for (std::size_t i = 0; i < tensors.size(); ++i) writer.write(tensors[i].name, data[i]);
  writer.finish();
}

void write_outputs(const std::filesystem::path& file, const Scenario& scenario, const RunResult& result) {
  std::vector<TensorDeclaration> tensors;
  std::vector<const Matrix<std::int32_t>*> data;
  for (std::size_t simulation = 0; simulation < result.simulations.size(); ++simulation) {
    for (const LayerResult& layer : result.simulations[simulation].layers) {
      tensors.push_back(
          {output_name(scenario, simulation, layer), Dtype::i32, {layer.output.rows(), layer.output.cols()}});
      data.push_back(&layer.output);
    }
  }
  SafetensorsWriter writer(file.string(), tensors, {{"scenario", scenario.name}});
  for (std::size_t i = 0; i < tensors.size(); ++i) writer.write(tensors[i].name, *data[i]);
  writer.finish();
}

}  // namespace

std::string run_prefix(std::size_t simulation) {
  return simulation == 0 ? "" : fmt::format("also.{}.", simulation - 1);
}

std::string output_name(const Scenario& scenario, std::size_t simulation, const LayerResult& layer) {
  const bool gemm = std::holds_alternative<GemmWorkload>(scenario.workload);
  return run_prefix(simulation) + (gemm ? "output" : layer.name + ".output");
}

bool has_activity(const Scenario& scenario) { return !std::holds_alternative<ShapesWorkload>(scenario.workload); }

std::string summary_json(const Scenario& scenario, const RunResult& result) {
  Json json;
  json["schema_version"] = kResultSchema;
  json["scenario"] = scenario.name;
  json["architecture"] = scenario.architecture.name;
  json["technology"] = scenario.technology.name;
  json["sequencing"] = to_string(scenario.sequencing);
  json["clock"] = clock_json(scenario.architecture.clock());
  if (scenario.host.kind == HostKind::riscv) {
    json["host_clock"] = clock_json(scenario.host.clock());
  } else if (const HostCosts* costs = host_costs_of(scenario.workload)) {
    json["host_clock"] = clock_json(costs->clock());
  }
  put_simulation(json, result.simulations.at(0));
  if (result.simulations[0].compared()) json["match"] = result.match();
  json["also"] = Json::array();
  for (std::size_t i = 1; i < result.simulations.size(); ++i) {
    Json simulation;
    put_simulation(simulation, result.simulations[i]);
    json["also"].push_back(std::move(simulation));
  }
  if (result.selection) {
    const Selection& selection = *result.selection;
    json["sparsity"] = {{"target", selection.target}, {"reached", selection.reached}, {"exact", selection.exact}};
  }
  if (result.trace) {
    const TraceResult& trace = *result.trace;
    json["trace"] = {{"from_ns", trace.from_ns}, {"to_ns", trace.to_ns}, {"cycles", trace.cycles}};
    if (trace.cycles > 0) {
      json["trace"]["first_ns"] = nanoseconds(trace.first_ps);
      json["trace"]["last_ns"] = nanoseconds(trace.last_ps);
    }
    if (trace.changes) json["trace"]["changes"] = *trace.changes;
  }
  if (const auto& interrupted = result.interrupted) {
    json["interrupted"] = {{"signal", interrupted->signal}, {"layers", interrupted->layers}, {"of", interrupted->of}};
  }
  if (result.checked_transactions) json["protocol_checker"] = {{"transactions", *result.checked_transactions}};
  if (result.compared_rtl_cycles) json["rtl"] = {{"compared_cycles", *result.compared_rtl_cycles}};
  if (result.interrupts) {
    json["interrupts"] = Json::array();
    for (const InterruptLatency& source : *result.interrupts) {
      json["interrupts"].push_back({{"source", source.source},
                                    {"count", source.count},
                                    {"least_ns", nanoseconds(source.least_ps)},
                                    {"mean_ns", source.mean_ns},
                                    {"most_ns", nanoseconds(source.most_ps)}});
    }
  }
  if (result.comparison) json["comparison"] = comparison_json(*result.comparison);
  json["activity"] = scenario.technology.activity;
  json["activity_source"] = to_string(scenario.technology.activity_source);
  json["area_mm2"] = {
      {"total", area_mm2(result.area)}, {"macros", macros_mm2(result.area)}, {"dense_macros", result.dense_macros_mm2}};
  json["macro_overhead"] = macro_overhead(result.area, result.dense_macros_mm2);
  for (const AreaPart& part : result.area) json["area_mm2"][part.name] = part.mm2;
  return result_text(json, 2) + "\n";
}

std::string layers_csv(const RunResult& result) {
  std::string text = "run,fidelity,name,tokens,out,in" + csv_header(layer_columns()) + ",match,energy_pj" +
                     component_columns("pj") + "\n";
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    const SimulationResult& simulation = result.simulations[run];
    for (const LayerResult& layer : simulation.layers) {
      text += fmt::format("{},{},{},{},{},{}{},{},{}", run, to_string(simulation.fidelity), csv_text(layer.name),
                          layer.tokens, layer.out, layer.in, csv_row(layer_columns(), layer),
                          simulation.compared() ? layer.match ? "true" : "false" : "",
                          picojoules_text(layer.energy.total()));
      for (const Femtojoules energy : layer.energy.by_component()) text += "," + picojoules_text(energy);
      text += "\n";
    }
  }
  return text;
}

void write_results(const std::filesystem::path& folder, const Scenario& scenario, const RunResult& result) {
  write_text_file((folder / "summary.json").string(), summary_json(scenario, result));
  write_text_file((folder / "layers.csv").string(), layers_csv(result));
  write_text_file((folder / "energy.csv").string(), energy_csv(result));
  power_file().write(folder / kPowerFile, result);
  if (has_activity(scenario)) activity_file().write(folder / kActivityFile, result);
  write_text_file((folder / "scenario.yaml").string(), effective_yaml(scenario));
  if (result.comparison) {
    write_text_file((folder / kComparisonFile).string(), comparison_csv(*result.comparison));
  }
  if (result.simulations[0].steps) write_text_file((folder / kStepsFile).string(), steps_csv(result));
  if (result.simulations[0].generation) {
    write_text_file((folder / "layer_kinds.csv").string(), layer_kinds_csv(result));
  }
  if (!result.simulations[0].compared()) return;
  const std::filesystem::path outputs = folder / "outputs.safetensors";
  if (const auto& firmware = result.simulations.at(0).firmware) {
    write_text_file((folder / "uart.txt").string(), firmware->uart);
  }
  if (!result.simulations.at(0).generation) return write_outputs(outputs, scenario, result);
  const GenerationResult& generation = *result.simulations[0].generation;
  write_tokens(outputs, scenario, result);
  write_text_file((folder / "text.txt").string(), generation.whole_text);
}

}  // namespace flexcim
