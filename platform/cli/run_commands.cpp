#include "platform/cli/run_commands.h"

#include "flow/base/unfinished.h"
#include "platform/cli/exit_codes.h"
#include "platform/config/scenario.h"
#include "platform/debug/gdb_server.h"
#include "platform/estimate/job_estimate.h"
#include "platform/estimate/shapes_estimate.h"
#include "platform/program/simulation_error.h"
#include "platform/results/report.h"
#include "platform/results/result_files.h"
#include "platform/results/result_folder.h"
#include "platform/run/run.h"
#include "platform/soc/platform_tables.h"
#include "platform/sweep/point_source.h"
#include "rtl_models/verilated/rtl_difference.h"

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace flexcim {
namespace {

struct ScenarioFlags {
  std::string file;
  std::string fidelity;
  std::vector<std::string> sets;

  void add(CLI::App& app) {
    app.add_option("scenario", file, "scenario YAML")->required();
    app.add_option("--fidelity", fidelity,
                   "tlm, rtl or estimate, in place of the scenario's; an estimate leaves `also` out");
    app.add_option("--set", sets, "key.path=value, in place of the scenario's; may be repeated")
        ->take_all()
        ->allow_extra_args(false);
  }
  Scenario load() const {
    std::vector<Override> overrides;
    for (const std::string& set : sets) overrides.push_back(parse_override(set));
    if (!fidelity.empty()) overrides.push_back({"fidelity", fidelity});
    if (fidelity == to_string(Fidelity::estimate)) overrides.push_back({"also", "[]"});
    return load_scenario(file, overrides);
  }
};

struct RunFlags : ScenarioFlags {
  std::string out;
  std::optional<std::uint16_t> gdb;  ///< port
};

/// Says where it listens.
std::unique_ptr<debug::GdbServer> start_server(const Scenario& scenario, std::uint16_t port) {
  if (scenario.host.kind != HostKind::riscv) {
    throw InputError("--gdb: only the firmware of a riscv host can be debugged");
  }
  std::vector<RegisterMap> devices;
  for (const PlatformDevice& device : platform_devices()) devices.push_back(device.registers);
  auto server = std::make_unique<debug::GdbServer>(port, devices);
  fmt::print("waiting for gdb: target remote :{}\n", server->port());
  std::fflush(stdout);
  return server;
}

/// Where the simulation ends with an error, what `observe` wants to be written down of it is kept.
RunResult run_and_show(PreparedRun& prepared, ResultFolder& folder) {
  const auto keep = [&](const char* what) {
    if (prepared.shown().empty()) return;
    const std::vector<std::string> kept = folder.commit();
    fmt::print("{}, in {}: {}\n", what, folder.target().string(), fmt::join(prepared.shown(), ", "));
    for (const std::string& line : kept) fmt::print("{}\n", line);
  };
  try {
    return prepared.run();
  } catch (const SimulationError&) {
    keep("up to its end");
    throw;
  } catch (const RtlFailure&) {
    keep("RTL and model where they differ");
    throw;
  }
}

/// Results of a run that a signal has ended, beside the place of complete ones. The process ends by that signal, too.
[[noreturn]] void keep_interrupted(ResultFolder& folder, const Scenario& scenario, const RunResult& result) {
  const Interruption& interrupted = *result.interrupted;
  {
    ResultFolder partial(folder.target().string() + ".partial", input_files(scenario));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      std::filesystem::rename(entry.path(), partial.path() / entry.path().filename());
    }
    write_results(partial.path(), scenario, result);
    const std::vector<std::string> kept = partial.commit();
    fmt::print("{}{}", report(scenario, result), closing_lines(result, partial.target()));
    for (const std::string& line : kept) fmt::print("{}\n", line);
  }
  require_printed();
  end_by(interrupted.signal == "SIGINT" ? SIGINT : SIGTERM);
}

void run(const RunFlags& flags, int& exit_code) {
  const Scenario scenario = flags.load();
  ResultFolder folder(
      flags.out.empty() ? std::filesystem::path("out") / scenario.file.stem() : std::filesystem::path(flags.out),
      input_files(scenario));
  const std::unique_ptr<debug::GdbServer> server = flags.gdb ? start_server(scenario, *flags.gdb) : nullptr;
  std::optional<PreparedRun> prepared;  // these are asked for power over time
  std::optional<JobEstimate> estimate;
  RunResult result;
  if (std::holds_alternative<ShapesWorkload>(scenario.workload)) {
    result = estimate_shapes(scenario);
  } else if (scenario.fidelity == Fidelity::estimate) {
    result = estimate.emplace(scenario, folder.path()).run();
  } else {
    prepared.emplace(scenario, folder.path(), server.get());
    result = run_and_show(*prepared, folder);
  }
  if (result.interrupted) keep_interrupted(folder, scenario, result);
  write_results(folder.path(), scenario, result);
  const std::vector<std::string> kept = folder.commit();
  fmt::print("{}{}", report(scenario, result), closing_lines(result, folder.target()));
  for (const std::string& line : kept) fmt::print("{}\n", line);
  if (!result.match() && !scenario.faults) exit_code = kMismatch;
  if (const auto& firmware = result.simulations.at(0).firmware) {
    if (firmware->exit_code != 0) exit_code = firmware->exit_code;
    if (server != nullptr) server->exited(firmware->exit_code);
  }
}

/// Of the model's patterns, after all checks.
std::optional<Selection> checked_selection(const Scenario& scenario) {
  if (std::holds_alternative<ShapesWorkload>(scenario.workload)) return estimate_shapes(scenario).selection;
  if (scenario.fidelity == Fidelity::estimate) return JobEstimate(scenario).selection();
  return PreparedRun(scenario).selection();
}

void check(const ScenarioFlags& flags) {
  const Scenario scenario = flags.load();
  const std::optional<Selection> selection = checked_selection(scenario);
  if (scenario.sweep) make_point_source(scenario);
  if (selection) fmt::print("{}\n", reached_text(*selection));
  fmt::print("{}: ok\n", flags.file);
}

}  // namespace

void add_run_commands(CLI::App& app, int& exit_code) {
  auto run_flags = std::make_shared<RunFlags>();
  CLI::App* run_app =
      app.add_subcommand("run", "Run a scenario, compare every output with the golden model, write the results");
  run_flags->add(*run_app);
  run_app->add_option("--out", run_flags->out, "folder of results; out/SCENARIO if not given");
  run_app->add_option("--gdb", run_flags->gdb,
                      "let gdb attach to the firmware at this port of 127.0.0.1; 0: a free one");
  run_app->callback([run_flags, &exit_code] { run(*run_flags, exit_code); });

  auto check_flags = std::make_shared<ScenarioFlags>();
  CLI::App* check_app = app.add_subcommand("check", "Check a scenario and everything it refers to, without running it");
  check_flags->add(*check_app);
  check_app->callback([check_flags] { check(*check_flags); });
}

}  // namespace flexcim
