#include "platform/config/scenario.h"

#include "flow/map/nearest_pattern.h"
#include "flow/model/model_files.h"
#include "platform/config/faults_schema.h"
#include "platform/config/scenario_schema.h"
#include "platform/config/sweep_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace flexcim {
namespace {

const std::string kEffectiveOf = "# The effective configuration of ";
const std::string kEffectiveEnd = ": every key, with defaults applied. Running it repeats the run.";

const std::vector<std::string> kAxes{"compare", "sweep"};  // keys

const std::map<std::string, std::string> kNamed{
    {"architecture", "flexcim_published"}, {"technology", "28nm"}, {"architecture.dram.standard", ""}};

void check_patterns(YamlReader& reader, const Scenario& scenario) {
  if (const auto* gemm = std::get_if<GemmWorkload>(&scenario.workload)) {
    reader.guard("workload.pattern", [&] {
      const MacroGeometry& macro = scenario.architecture.macro;
      make_layout(macro, nearest_pattern(macro, gemm->pattern), scenario.sequencing, scenario.architecture.merge,
                  "architecture " + scenario.architecture.name);
    });
  }
}

void check_weight_bits(YamlReader& reader, const Scenario& scenario) {
  const auto check = [&](const std::string& key, int bits) {
    reader.guard("workload." + key, [&] {
      require_weight_bits(scenario.architecture.macro, bits, "architecture " + scenario.architecture.name);
    });
  };
  if (const auto* gemm = std::get_if<GemmWorkload>(&scenario.workload)) check("weight_bits", gemm->weight_bits);
  if (const auto* block = std::get_if<BlockWorkload>(&scenario.workload)) {
    check("flow.weight_bits", block->flow.weight_bits);
  }
  if (const auto* generate = std::get_if<GenerateWorkload>(&scenario.workload)) {
    check("flow.weight_bits", generate->flow.weight_bits);
  }
  const auto* shapes = std::get_if<ShapesWorkload>(&scenario.workload);
  if (shapes == nullptr) return;
  check("weight_bits", shapes->weight_bits);
  for (std::size_t i = 0; i < shapes->steps.size(); ++i) {
    const Step& step = shapes->steps[i];
    if (step.slice.weight_bits) check(fmt::format("steps.{}.weight_bits", i), *step.slice.weight_bits);
    if (step.draft && step.draft->weight_bits) {
      check(fmt::format("steps.{}.draft.weight_bits", i), *step.draft->weight_bits);
    }
  }
}

/// What no single axis shows.
void check_axes(YamlReader& reader, const std::vector<CompareAxis>& axes) {
  constexpr std::size_t kMostPoints = 100'000;
  std::set<std::string> names;
  bool related = false;
  std::size_t points = 1;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::string here = fmt::format("compare.{}", i);
    if (!names.insert(axes[i].name).second) reader.problem(here + ".axis", "another axis has that name");
    if (!axes[i].reference.empty() && related) reader.problem(here + ".reference", "another axis has one");
    related = related || !axes[i].reference.empty();
    points *= axes[i].values.size();
    if (points > kMostPoints) return reader.problem("compare", fmt::format("has more than {} points", kMostPoints));
  }
}

/// What has no meaning without a simulation.
void check_estimate(YamlReader& reader, const Scenario& scenario) {
  const bool firmware = std::holds_alternative<FirmwareWorkload>(scenario.workload);
  if (firmware || scenario.host.kind == HostKind::riscv) {
    reader.problem(firmware ? "workload" : "host", "an estimate runs no firmware");
  }
  if (!scenario.also.empty()) reader.problem("also", "an estimate has no further runs");
  if (scenario.toggles) reader.problem("toggles", "an estimate has no data that could toggle");
  if (scenario.trace.soc) reader.problem("trace.soc", "an estimate has no signals");
  if (scenario.faults) {
    reader.problem("faults", "an estimate has no bits that could go wrong; what protection costs is in it");
  }
  const ObserveConfig& observe = scenario.observe;
  if (observe.transactions != TransactionFormat::none || observe.protocol_checker || observe.registers ||
      observe.profile || observe.interrupts || observe.timeline) {
    reader.problem("observe", "an estimate simulates nothing that could be observed");
  }
}

/// What has no meaning without data.
void check_shapes(YamlReader& reader, const Scenario& scenario) {
  const bool shapes = std::holds_alternative<ShapesWorkload>(scenario.workload);
  if (shapes && scenario.fidelity != Fidelity::estimate) {
    reader.problem("fidelity", "the workload shapes has no data: it runs as an estimate only");
  }
  if (!shapes && !scenario.compare.empty()) reader.problem("compare", "only the workload shapes is compared");
  if (!shapes && scenario.architecture.macro.weight_table_bits != 0) {
    reader.problem("architecture.weight_table_bits", "only the workload shapes has weights from tables");
  }
  check_axes(reader, scenario.compare);
}

/// What a macro in SystemVerilog has not.
void check_verilog(YamlReader& reader, const Scenario& scenario) {
  if (!scenario.runs_at(Fidelity::verilog)) return;
  const MacroGeometry& macro = scenario.architecture.macro;
  const auto refuse = [&](const char* key, const char* what) {
    reader.problem(std::string("architecture.") + key, std::string(what) + " at fidelity verilog: tlm and rtl have it");
  };
  if (!macro.patterns.empty()) refuse("patterns", "a macro that is wired for a list of patterns cannot run");
  if (macro.int4_per_cell != 1) refuse("int4_per_cell", "two int4 weights in a cell cannot run");
}

/// What a simulation of firmware needs.
void check_firmware(YamlReader& reader, const Scenario& scenario) {
  if (scenario.host.kind != HostKind::riscv) {
    if (std::holds_alternative<FirmwareWorkload>(scenario.workload)) {
      reader.problem("workload.kind", "firmware needs a riscv host: host: {kind: riscv, elf: FILE}");
    }
    return;
  }
  if (scenario.host.elf.empty()) reader.problem("host", "the key \"elf\" is missing: firmware of a riscv host");
  if (!scenario.also.empty()) reader.problem("also", "firmware ends the simulation: it runs alone");
  const auto* generate = std::get_if<GenerateWorkload>(&scenario.workload);
  if (generate == nullptr) return;
  if (generate->head != HeadPlace::host) reader.problem("workload.head", "firmware computes the output head itself");
  if (generate->attention != AttentionPlace::host) {
    reader.problem("workload.attention", "firmware computes attention itself");
  }
  if (generate->driver != DriverMode::serial) reader.problem("workload.driver", "firmware has a driver of its own");
}

void check_together(YamlReader& reader, const Scenario& scenario) {
  check_architecture(reader, "architecture", scenario.architecture);
  check_technology(reader, "technology", scenario.technology);
  if (scenario.trace.to_ns <= scenario.trace.from_ns) reader.problem("trace", "to is not after from");
  if (scenario.observe.timeline_to_ns <= scenario.observe.timeline_from_ns) {
    reader.problem("observe", "timeline_to is not after timeline_from");
  }
  if (scenario.faults && reader.good()) check_faults(reader, *scenario.faults, scenario.architecture);
  if (reader.good()) check_patterns(reader, scenario);
  check_weight_bits(reader, scenario);
  check_shapes(reader, scenario);
  check_verilog(reader, scenario);
  if (scenario.fidelity == Fidelity::estimate) return check_estimate(reader, scenario);
  check_firmware(reader, scenario);
  if (scenario.host.kind == HostKind::riscv || std::holds_alternative<BlockWorkload>(scenario.workload)) return;
  const bool gemm = std::holds_alternative<GemmWorkload>(scenario.workload);
  for (std::size_t i = 0; i < scenario.also.size(); ++i) {
    if (scenario.also[i].linears.empty()) continue;
    reader.problem("also." + std::to_string(i) + ".linears", gemm ? "a gemm workload has no linears to choose from"
                                                                  : "a model generates with all of its linears");
  }
}

Scenario read_scenario(YamlReader& reader, const std::vector<Override>& overrides) {
  Scenario scenario;
  std::error_code error;
  scenario.file = std::filesystem::absolute(reader.file(), error);
  if (error) throw InputError(reader.file().string() + ": the working directory cannot be had: " + error.message());
  scenario.overrides = overrides;
  scenario.extended = reader.extended_files();
  scenario_schema().read(reader, "", reader.root(), scenario);
  if (reader.good()) check_together(reader, scenario);
  if (reader.good() && scenario.sweep) check_sweep(reader, scenario);
  reader.finish();
  scenario.places = reader.places();
  return scenario;
}

}  // namespace

bool is_packed_model(const std::filesystem::path& model) {
  std::error_code ignored;
  return !std::filesystem::is_directory(model, ignored);
}

const HostCosts* host_costs_of(const Workload& workload) {
  if (const auto* generate = std::get_if<GenerateWorkload>(&workload)) return &generate->host_costs;
  const auto* shapes = std::get_if<ShapesWorkload>(&workload);
  return shapes != nullptr && shapes->host_costs ? &*shapes->host_costs : nullptr;
}

std::string_view to_string(UartLine line) {
  return line == UartLine::terminal ? "terminal" : line == UartLine::file ? "file" : "pty";
}

std::string_view to_string(OutputType type) { return type == OutputType::int8 ? "int8" : "int32"; }

std::string_view to_string(HostKind host) { return host == HostKind::native ? "native" : "riscv"; }

bool selects_linear(const std::vector<std::string>& linears, const std::string& name) {
  if (linears.empty()) return true;
  return std::any_of(linears.begin(), linears.end(), [&](const std::string& word) {
    if (word.size() >= name.size()) return word == name;
    return name.compare(name.size() - word.size(), word.size(), word) == 0 &&
           name[name.size() - word.size() - 1] == '.';
  });
}

Scenario load_scenario(const std::filesystem::path& file, const std::vector<Override>& overrides) {
  YamlReader reader(file, read_text_file(file), overrides, kNamed, YamlReader::Extends::allowed);
  return read_scenario(reader, overrides);
}

PointLoader::PointLoader(const Scenario& scenario)
    : file_(scenario.file), text_(without_keys(read_text_file(file_), kAxes)), overrides_(scenario.overrides) {}

Scenario PointLoader::load(const std::vector<Override>& changes) {
  std::vector<Override> overrides = overrides_;
  overrides.insert(overrides.end(), changes.begin(), changes.end());
  YamlReader reader(file_, text_, overrides, kNamed, YamlReader::Extends::allowed);
  reader.set_known_files(&known_files_);
  YAML::Node root = reader.root();
  for (const std::string& axes : kAxes) root.remove(axes);  // that overrides have brought back
  return read_scenario(reader, overrides);
}

std::vector<std::filesystem::path> input_files(const Scenario& scenario) {
  std::vector<std::filesystem::path> files{scenario.file};
  files.insert(files.end(), scenario.extended.begin(), scenario.extended.end());
  const auto add_model = [&](const std::filesystem::path& model, const FlowSettings& flow) {
    for (const std::string& file : model_files(model.string())) files.emplace_back(file);
    files.push_back(flow.calibration);
  };
  if (const auto* gemm = std::get_if<GemmWorkload>(&scenario.workload)) {
    files.insert(files.end(), {gemm->weights, gemm->activations});
  } else if (const auto* block = std::get_if<BlockWorkload>(&scenario.workload)) {
    add_model(block->model, block->flow);
    files.push_back(block->tokens.text);
  } else if (const auto* generate = std::get_if<GenerateWorkload>(&scenario.workload)) {
    add_model(generate->model, generate->flow);
    if (const auto* prompt = std::get_if<TokenRange>(&generate->prompt)) files.push_back(prompt->text);
  }
  if (const auto* shapes = std::get_if<ShapesWorkload>(&scenario.workload)) {
    files.push_back(shapes->model);
    for (const Step& step : shapes->steps) {
      if (step.slice.model) files.push_back(*step.slice.model);
      if (step.draft && step.draft->model) files.push_back(*step.draft->model);
    }
  }
  if (scenario.host.kind == HostKind::riscv) files.push_back(scenario.host.elf);
  files.insert(files.end(), scenario.verilog.sources.begin(), scenario.verilog.sources.end());
  return files;
}

std::string Scenario::place(const std::string& key) const {
  for (std::string known = key; !known.empty();) {
    const auto found = places.find(known);
    if (found != places.end()) return found->second + key.substr(known.size());
    const std::size_t dot = known.rfind('.');
    known.resize(dot == std::string::npos ? 0 : dot);
  }
  return file.string() + ": " + key;
}

bool Scenario::runs_at(Fidelity wanted) const {
  return fidelity == wanted ||
         std::any_of(also.begin(), also.end(), [&](const AlsoRun& run) { return run.fidelity == wanted; });
}

std::string effective_yaml(const Scenario& scenario) {
  YAML::Emitter out;
  Scenario copy = scenario;
  scenario_schema().write(out, copy);
  return kEffectiveOf + scenario.file.filename().string() + kEffectiveEnd + "\n" + out.c_str() + "\n";
}

std::string effective_yaml_source(std::string_view yaml) {
  const std::string line(yaml.substr(0, yaml.find('\n')));
  const auto end = line.rfind(kEffectiveEnd);
  if (line.rfind(kEffectiveOf, 0) != 0 || end == std::string::npos) return "";
  return line.substr(kEffectiveOf.size(), end - kEffectiveOf.size());
}

}  // namespace flexcim
