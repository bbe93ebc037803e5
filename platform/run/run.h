// Runs a scenario.
#pragma once

#include "platform/config/scenario.h"
#include "platform/debug/debug_target.h"
#include "platform/results/run_result.h"
#include "platform/run/rtl_watch.h"
#include "platform/run/simulation.h"
#include "platform/run/trace.h"
#include "platform/run/transaction_file.h"
#include "platform/run/visibility.h"
#include "platform/workload/scenario_jobs.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace flexcim {

/// A scenario with all done that comes before the simulation: files read, model pruned, golden model run, commands
/// planned, the SoCs built, signals of the waveform found. After that nothing is refused as bad input.
class PreparedRun {
 public:
  /// Throws InputError for whatever in the scenario or its files cannot run, with every problem that can be found at
  /// once. Waveform, transactions and what the run keeps meanwhile go into `folder`, which exists; empty where there is
  /// only something to check. `scenario` outlives it, as does `debugger`: where there is one it is asked before the
  /// firmware's first instruction, and limits.wall_s, which would count while it thinks, is off. A workload without
  /// firmware has no use for it.
  explicit PreparedRun(const Scenario& scenario, const std::filesystem::path& folder = {},
                       debug::Debugger* debugger = nullptr);

  /// How the patterns of the workload's model were selected, where they were.
  const std::optional<Selection>& selection() const { return jobs_.selection; }

  /// Simulates the scenario's run and its `also`, compares every output with the golden model. Once per process: the
  /// SystemC kernel elaborates once. SIGINT and SIGTERM end it early where there are complete layers, which the result
  /// then has, marked as interrupted. Power over time in the result is valid as long as this. Throws SimulationError;
  /// then shown() has what was seen until then. Throws RtlFailure where RTL differs from the model; then shown() has
  /// the waveform around it.
  RunResult run();
  /// Files of `observe` in the folder: registers.log, profile.txt, timeline.json, those that were wanted.
  const std::vector<std::string>& shown() const { return shown_; }

 private:
  std::unique_ptr<Simulation> simulation(const std::string& name, Fidelity fidelity,
                                         const std::vector<std::string>& linears, const std::filesystem::path& folder,
                                         debug::Debugger* debugger) const;
  int simulate();
  void mark_interrupted(RunResult& result, int signal) const;

  const Scenario& scenario_;
  debug::Debugger* const debugger_;
  ScenarioJobs jobs_;                                     ///< the simulations refer to them
  std::vector<std::unique_ptr<Simulation>> simulations_;  ///< the scenario's own, then `also`
  std::unique_ptr<RtlWatch> rtl_watch_;                   ///< of Fidelity::verilog
  std::unique_ptr<RunTrace> trace_;
  std::unique_ptr<TransactionFile> transactions_;
  std::unique_ptr<Visibility> visibility_;  ///< of the scenario's own run
  std::vector<std::string> shown_;
};

}  // namespace flexcim
