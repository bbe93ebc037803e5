#include "platform/results/load_result.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/json_input.h"
#include "flow/base/mapped_file.h"
#include "flow/base/safetensors.h"
#include "platform/results/columns.h"
#include "platform/results/comparison_file.h"
#include "platform/results/csv_reader.h"
#include "platform/results/energy_file.h"
#include "platform/results/fault_files.h"
#include "platform/results/generation_files.h"
#include "platform/results/json_place.h"
#include "platform/results/result_files.h"
#include "platform/results/steps_files.h"
#include "platform/results/window_files.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

void require_schema(const JsonPlace& summary) {
  const JsonPlace version = summary["schema_version"];
  if (version.count() < kResultSchema) {
    version.fail(fmt::format("is {}: written by an older version, this one reads {}", version.count(), kResultSchema));
  }
  if (version.count() > kResultSchema) {
    version.fail(fmt::format("is {}: written by a newer version, this one reads {}", version.count(), kResultSchema));
  }
}

/// Those of a run, by name.
std::map<std::string, Figure> figures_of(const JsonPlace& energy) {
  std::map<std::string, Figure> figures;
  for (const JsonPlace& share : energy["figures"].items()) {
    const std::string tag = share["tag"].text();
    if (tag.size() != 1) share["tag"].fail("is not one letter");
    figures[share["figure"].text()] = {share["value"].number(), share["unit"].text(), tag[0], share["source"].text()};
  }
  return figures;
}

std::optional<ToggleGroups> toggles_of(const JsonPlace& owner) {
  const std::optional<JsonPlace> json = owner.find("toggles");
  if (!json) return std::nullopt;
  ToggleGroups groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::string_view name = StatisticList<MacroToggles>::list[i].name;
    const JsonPlace group = (*json)[std::string(name)];
    groups[i] = {name, group["toggles"].count(), group["bits"].count()};
  }
  return groups;
}

LayerResult layer_of(const JsonPlace& json, bool compared) {
  LayerResult layer;
  layer.name = json["name"].text();
  const std::vector<JsonPlace> shape = json["shape"].items();
  if (shape.size() != 2) json["shape"].fail("is not [out, in]");
  layer.out = shape[0].small_count();
  layer.in = shape[1].small_count();
  layer.tokens = json["tokens"].small_count();
  for (const Column<LayerResult>& column : layer_columns()) {
    if (column.set != nullptr) column.set(layer, json[std::string(column.name)]);
  }
  layer.match = !compared || json["match"].flag();
  layer.toggles = toggles_of(json);
  if (const auto mismatch = json.find("mismatch")) layer.mismatch = mismatch->text();
  if (const auto faults = json.find("faults")) layer.faults = load_layer_faults(*faults);
  return layer;
}

std::vector<int> tokens_of(const JsonPlace& json) {
  std::vector<int> tokens;
  for (const JsonPlace& token : json.items()) tokens.push_back(token.small_count());
  return tokens;
}

/// All but the prompt's tokens and the whole text, which are in other files; of an estimate it is only known how many
/// the former are.
GenerationResult generation_of(const JsonPlace& json, bool compared) {
  GenerationResult generation;
  generation.asked = json["tokens_asked"].small_count();
  const std::string reason = json["finish_reason"].text();
  if (reason != "eos" && reason != "length") json["finish_reason"].fail("is neither eos nor length");
  generation.ended = reason == "eos";
  generation.prompt_text = json["prompt"].text();
  for (const char* name : kPartNames) generation.parts.push_back(load_part(name, json[name]));
  if (!compared) {
    generation.prompt.resize(static_cast<std::size_t>(json["prompt_tokens"].small_count()));
    return generation;
  }
  generation.tokens = tokens_of(json["tokens"]);
  const std::optional<JsonPlace> golden = json.find("golden_tokens");
  generation.golden = golden ? tokens_of(*golden) : generation.tokens;
  generation.text = json["text"].text();
  generation.golden_text = json["golden_text"].text();
  return generation;
}

/// Its points are in comparison.csv.
Comparison comparison_of(const JsonPlace& json) {
  Comparison comparison;
  for (const JsonPlace& each : json["axes"].items()) {
    ComparisonAxis axis;
    axis.name = each["axis"].text();
    for (const JsonPlace& value : each["values"].items()) axis.values.push_back(value.text());
    if (const auto reference = each.find("reference")) {
      const auto found = std::find(axis.values.begin(), axis.values.end(), reference->text());
      if (found == axis.values.end()) reference->fail("is no value of the axis");
      axis.reference = static_cast<std::size_t>(found - axis.values.begin());
    }
    comparison.axes.push_back(std::move(axis));
  }
  if (json["points"].count() != comparison.size()) json["points"].fail("is not how many the axes have");
  comparison.points.resize(comparison.size());
  for (std::size_t i = 0; i < comparison.size(); ++i) comparison.points[i].at = comparison.values_at(i);
  return comparison;
}

Fidelity fidelity_of(const JsonPlace& json) {
  for (const Fidelity fidelity : {Fidelity::tlm, Fidelity::rtl, Fidelity::verilog, Fidelity::estimate}) {
    if (json.text() == to_string(fidelity)) return fidelity;
  }
  json.fail("is none of tlm, rtl, verilog and estimate");
}

SimulationResult simulation_of(const JsonPlace& json) {
  SimulationResult simulation;
  simulation.fidelity = fidelity_of(json["fidelity"]);
  simulation.cycles = json["cycles"].count();
  simulation.time_ps = json["time_ns"].picoseconds();
  if (const auto generation = json.find("generation")) {
    simulation.generation = generation_of(*generation, simulation.compared());
  }
  if (const auto firmware = json.find("firmware")) {
    FirmwareResult& result = simulation.firmware.emplace();
    result.exit_code = static_cast<int>((*firmware)["exit_code"].small_count());
    result.instructions = (*firmware)["instructions"].count();
    result.commands = (*firmware)["commands"].count();
    result.jobs = static_cast<std::size_t>((*firmware)["jobs"].count());
    if (const auto generated = firmware->find("generated")) {
      result.text = FirmwareText{tokens_of((*generated)["tokens"]), tokens_of((*generated)["golden"]),
                                 (*generated)["text"].text(), (*generated)["golden_text"].text()};
    }
  }
  if (const auto faults = json.find("faults")) simulation.faults = load_faults(*faults);
  if (const auto steps = json.find("steps")) simulation.steps = load_steps(*steps);
  for (const JsonPlace& layer : json["layers"].items()) {
    simulation.layers.push_back(layer_of(layer, simulation.compared()));
  }
  simulation.toggles = toggles_of(json);
  return simulation;
}

/// Whether the native host generates a text.
bool generates(const Scenario& scenario) {
  return std::holds_alternative<GenerateWorkload>(scenario.workload) && scenario.host.kind == HostKind::native;
}

RunResult run_of(const JsonPlace& summary, const Scenario& scenario) {
  RunResult result;
  result.simulations.push_back(simulation_of(summary));
  for (const JsonPlace& also : summary["also"].items()) result.simulations.push_back(simulation_of(also));
  for (const SimulationResult& simulation : result.simulations) {
    if (simulation.generation.has_value() != generates(scenario) ||
        simulation.firmware.has_value() != (scenario.host.kind == HostKind::riscv))
      summary.fail("is of another kind of workload than scenario.yaml");
  }
  if (const auto sparsity = summary.find("sparsity")) {
    Selection selection;
    selection.target = (*sparsity)["target"].number();
    selection.reached = (*sparsity)["reached"].number();
    selection.exact = (*sparsity)["exact"].flag();
    result.selection = selection;
  }
  if (const auto interrupted = summary.find("interrupted")) {
    result.interrupted = {(*interrupted)["signal"].text(), (*interrupted)["layers"].count(),
                          (*interrupted)["of"].count()};
  }
  if (const auto checker = summary.find("protocol_checker")) {
    result.checked_transactions = (*checker)["transactions"].count();
  }
  if (const auto rtl = summary.find("rtl")) {
    result.compared_rtl_cycles = (*rtl)["compared_cycles"].count();
  }
  if (const auto comparison = summary.find("comparison")) result.comparison = comparison_of(*comparison);
  if (const auto sources = summary.find("interrupts")) {
    result.interrupts.emplace();
    for (const JsonPlace& source : sources->items()) {
      result.interrupts->push_back({source["source"].text(), source["count"].count(), source["least_ns"].picoseconds(),
                                    source["most_ns"].picoseconds(), source["mean_ns"].number()});
    }
  }
  if (const auto json = summary.find("trace")) {
    TraceResult trace{(*json)["from_ns"].number(), (*json)["to_ns"].number(), (*json)["cycles"].count()};
    if (trace.cycles > 0) {
      trace.first_ps = static_cast<std::uint64_t>((*json)["first_ns"].picoseconds());
      trace.last_ps = static_cast<std::uint64_t>((*json)["last_ns"].picoseconds());
    }
    if (const auto changes = json->find("changes")) trace.changes = changes->count();
    result.trace = trace;
  }
  return result;
}

/// In the order of the file, which JSON objects do not keep.
std::vector<AreaPart> area_of(const JsonPlace& summary, const Scenario& scenario) {
  const JsonPlace json = summary["area_mm2"];
  std::vector<AreaPart> area = EnergyModel(scenario.architecture, scenario.technology, scenario.sequencing).area();
  for (AreaPart& part : area) part.mm2 = json[part.name].number();
  return area;
}

/// All energies: summary.json and layers.csv have sums of them.
void read_energies(const std::string& path, const JsonPlace& summary, RunResult& result) {
  EnergyFigureLists figures{figures_of(summary["energy"])};
  for (const JsonPlace& also : summary["also"].items()) figures.push_back(figures_of(also["energy"]));
  read_energy_csv(path, figures, result);
  for (SimulationResult& simulation : result.simulations) simulation.add_up();
}

/// Windows of power add up to the energies.
void require_power(const std::string& path, const RunResult& result) {
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    EnergyByComponent sums{};
    Femtojoules left = kMostEnergy;
    result.simulations[run].power([&](const PowerWindow& window) {
      if (window.total() > left) throw InputError(fmt::format("{}: run {} has more than 1 kJ", path, run));
      left -= window.total();
      for (std::size_t i = 0; i < kComponents; ++i) sums[i] += window.energy[i];
    });
    const EnergyByComponent energies = result.simulations[run].energy.by_component();
    for (std::size_t i = 0; i < kComponents; ++i) {
      if (sums[i] == energies[i]) continue;
      throw InputError(fmt::format("{}: {} of run {} has {} pJ, its windows have {}", path, to_string(component_at(i)),
                                   run, picojoules_text(energies[i]), picojoules_text(sums[i])));
    }
  }
}

Matrix<std::int32_t> int32_of(const SafetensorsFile& file, const std::string& name,
                              const std::vector<std::size_t>& shape) {
  const Tensor& tensor = file.at(name);
  tensor.require_shape(shape);
  return tensor.copy<std::int32_t>();
}

void read_outputs(const SafetensorsFile& file, const Scenario& scenario, RunResult& result) {
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    for (LayerResult& layer : result.simulations[run].layers) {
      const std::string name = output_name(scenario, run, layer);
      auto rows = static_cast<std::size_t>(layer.tokens), cols = static_cast<std::size_t>(layer.out);
      if (result.simulations[run].firmware) {  // which may run a layer more than once, and a generation has none
        rows = file.at(name).rows();
        if (rows == 0) cols = 0;
      }
      layer.output = int32_of(file, name, {rows, cols});
    }
  }
}

/// The prompt's tokens, in front of those that summary.json has.
void read_tokens(const SafetensorsFile& file, const JsonPlace& summary, RunResult& result) {
  const std::vector<JsonPlace> also = summary["also"].items();
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    GenerationResult& generation = *result.simulations[run].generation;
    const JsonPlace json = (run == 0 ? summary : also[run - 1])["generation"];
    const auto prompt = static_cast<std::size_t>(json["prompt_tokens"].small_count());
    const Matrix<std::int32_t> all = int32_of(file, run_prefix(run) + "tokens", {prompt + generation.tokens.size()});
    generation.prompt.assign(all.data(), all.data() + prompt);
    if (!std::equal(generation.tokens.begin(), generation.tokens.end(), all.data() + prompt)) {
      throw InputError(
          fmt::format("{}: tensor {}tokens has other tokens than summary.json", file.path(), run_prefix(run)));
    }
  }
}

}  // namespace

LoadedResult load_result(const fs::path& folder) {
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const nlohmann::json document = read_json(path("summary.json"));
  const JsonPlace summary(path("summary.json"), document);
  require_schema(summary);
  LoadedResult loaded{load_scenario(folder / "scenario.yaml", {}), {}};
  const std::string source = effective_yaml_source(MappedFile(path("scenario.yaml")).text());
  if (!source.empty()) loaded.scenario.file.replace_filename(source);
  const Scenario& scenario = loaded.scenario;
  RunResult& result = loaded.result;
  const bool generate = generates(scenario);
  result = run_of(summary, scenario);
  result.area = area_of(summary, scenario);
  result.dense_macros_mm2 = summary["area_mm2"]["dense_macros"].number();
  if (fs::exists(folder / "wave.gtkw")) result.waveform = "wave.gtkw";
  if (fs::exists(folder / kTransactionsFile)) result.transactions = kTransactionsFile;
  for (const char* name : {kRegistersFile, kProfileFile, kTimelineFile}) {
    if (fs::exists(folder / name)) result.shown.emplace_back(name);
  }

  if (!result.simulations[0].compared()) {
    if (result.comparison) read_comparison(path(kComparisonFile), *result.comparison);
  } else if (const SafetensorsFile outputs(path("outputs.safetensors")); generate) {
    read_tokens(outputs, summary, result);
    result.simulations[0].generation->whole_text = std::string(MappedFile(path("text.txt")).text());
  } else {
    read_outputs(outputs, scenario, result);
  }
  if (auto& firmware = result.simulations[0].firmware) {
    firmware->uart = std::string(MappedFile(path("uart.txt")).text());
  }
  read_energies(path("energy.csv"), summary, result);
  try {
    summary.require(nlohmann::json::parse(summary_json(scenario, result)));
  } catch (const NotFiniteError& error) {
    throw InputError(fmt::format("{}: {}", path("summary.json"), error.what()));
  }
  require_csv(path("layers.csv"), layers_csv(result));
  power_file().load(folder / kPowerFile, result);
  require_power(path(kPowerFile), result);
  if (has_activity(scenario)) activity_file().load(folder / kActivityFile, result);
  if (generate) require_csv(path("layer_kinds.csv"), layer_kinds_csv(result));
  if (result.simulations[0].steps) require_csv(path(kStepsFile), steps_csv(result));
  return loaded;
}

}  // namespace flexcim
