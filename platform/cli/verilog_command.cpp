#include "platform/cli/verilog_command.h"

#include "platform/cli/exit_codes.h"
#include "platform/results/result_folder.h"
#include "platform/verilog/exercise_run.h"
#include "platform/verilog/rtl_build.h"

#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace flexcim {
namespace {

constexpr int kMostCycles = 1'000'000'000;

struct VerilogFlags {
  std::string file;
  std::vector<std::string> sets;
  bool plan = false;
  int cycles = 5000;
  unsigned seed = 1;
  std::string out;
};

/// What scripts/verilate needs to know.
std::string plan_json(const RtlBuild& build) {
  nlohmann::ordered_json json;
  json["library"] = build.library.string();
  json["top"] = build.top;
  json["sources"] = nlohmann::ordered_json::array();
  for (const auto& source : build.sources) json["sources"].push_back(source.string());
  json["geometry"] = nlohmann::ordered_json::object();
  for (const MacroParameter& each : build.geometry) json["geometry"][each.name] = each.value;
  json["parameters"] = nlohmann::ordered_json::object();
  for (const VerilogParameter& each : build.parameters) json["parameters"][each.name] = each.value;
  return json.dump(1);
}

void run(const VerilogFlags& flags, int& exit_code) {
  std::vector<Override> overrides;
  for (const std::string& set : flags.sets) overrides.push_back(parse_override(set));
  const Scenario scenario = load_scenario(flags.file, overrides);
  require_verilog(scenario);
  if (flags.plan) {
    fmt::print("{}\n", plan_json(rtl_build(scenario)));
    return;
  }
  const auto library = load_rtl(scenario);
  fmt::print("{}: has the pins of this architecture\n", library->top());
  if (flags.cycles == 0) return;
  ResultFolder folder(flags.out.empty() ? std::filesystem::path("out") / (scenario.file.stem().string() + "_exercise")
                                        : std::filesystem::path(flags.out),
                      input_files(scenario));
  const ExerciseReport report =
      exercise_apart(*library, flags.cycles, flags.seed, (folder.path() / "difference").string());
  fmt::print("{}\n", report.text);
  if (report.equal) return;
  exit_code = kMismatch;
  if (!report.waveform) return;
  for (const std::string& line : folder.commit()) fmt::print("{}\n", line);
  fmt::print("waveform: gtkwave {}\n", (folder.target() / "difference.gtkw").string());
}

}  // namespace

void add_verilog_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<VerilogFlags>();
  CLI::App* command = app.add_subcommand(
      "verilog",
      "Compare a scenario's macro in SystemVerilog with the SystemC macro, pin by pin, under random stimuli");
  command->add_option("scenario", flags->file, "scenario YAML")->required();
  command->add_option("--set", flags->sets, "key.path=value, in place of the scenario's; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--plan", flags->plan, "print as JSON what scripts/verilate makes, and do nothing else");
  command->add_option("--cycles", flags->cycles, "of random stimuli; 0: only the pins are checked")
      ->check(CLI::Range(0, kMostCycles));
  command->add_option("--seed", flags->seed, "of the stimuli");
  command->add_option("--out", flags->out, "folder for a waveform of a difference; out/SCENARIO_exercise if not given");
  command->callback([flags, &exit_code] { run(*flags, exit_code); });
}

}  // namespace flexcim
