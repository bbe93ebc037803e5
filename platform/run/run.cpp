#include "platform/run/run.h"

#include "platform/config/findings.h"
#include "platform/program/scenario_program.h"
#include "platform/program/simulation_error.h"
#include "platform/run/firmware_simulation.h"
#include "platform/run/native_simulation.h"
#include "platform/run/watchdog.h"
#include "platform/verilog/rtl_build.h"
#include "platform/workload/scenario_check.h"
#include "tlm/fabric/picoseconds.h"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr double kNoLimitS = 1e9;

}  // namespace

PreparedRun::PreparedRun(const Scenario& scenario, const std::filesystem::path& folder, debug::Debugger* debugger)
    : scenario_(scenario), debugger_(debugger) {
  check_scenario(scenario);
  if (scenario.runs_at(Fidelity::verilog)) load_rtl(scenario);
  Findings findings;
  findings.check(scenario.place("workload"), [&] {
    jobs_ = scenario_jobs(scenario);
    simulations_.push_back(simulation("soc", scenario.fidelity, {}, folder, debugger));
    for (std::size_t i = 0; i < scenario.also.size(); ++i) {
      const AlsoRun& also = scenario.also[i];
      simulations_.push_back(simulation(fmt::format("also_{}", i), also.fidelity, also.linears, folder, nullptr));
    }
  });
  findings.finish();
  simulations_.front()->check(findings);  // further runs have none but its layers
  rtl_watch_ = make_rtl_watch(simulations_, folder);
  findings.check("", [&] { trace_ = make_trace(scenario, simulations_, folder); });
  findings.finish();
  if (scenario.observe.transactions == TransactionFormat::csv && !folder.empty()) {
    transactions_ = std::make_unique<TransactionFile>(folder / kTransactionsFile);
  }
  if (!Visibility::wanted(scenario.observe) || folder.empty()) return;
  visibility_ = std::make_unique<Visibility>(scenario, folder);
  simulations_.front()->attach(*visibility_);
}

std::unique_ptr<Simulation> PreparedRun::simulation(const std::string& name, Fidelity fidelity,
                                                    const std::vector<std::string>& linears,
                                                    const std::filesystem::path& folder,
                                                    debug::Debugger* debugger) const {
  if (scenario_.host.kind == HostKind::riscv) {
    const FirmwareWork work{jobs_.chosen(linears), jobs_.generation ? &*jobs_.generation : nullptr};
    return std::make_unique<FirmwareSimulation>(name, scenario_, fidelity, work, folder, debugger);
  }
  return std::make_unique<NativeSimulation>(name, scenario_, fidelity, scenario_program(scenario_, jobs_, linears),
                                            folder);
}

int PreparedRun::simulate() {
  std::vector<Simulation*> simulations;
  for (const auto& simulation : simulations_) {
    simulations.push_back(simulation.get());
    if (!transactions_) continue;
    simulation->observers()->add_sink([this](const TransactionRecord& record) { transactions_->add(record); });
  }
  Limits limits = scenario_.limits;
  if (debugger_ != nullptr) limits.wall_s = kNoLimitS;
  if (rtl_watch_) rtl_watch_->begin();
  return run_to_end(simulations, limits, from_picoseconds(scenario_.power_window_ps()), [&](std::uint64_t window) {
    for (const auto& simulation : simulations_) simulation->sample(window);
    if (trace_ != nullptr) trace_->require_kept();
    if (rtl_watch_) rtl_watch_->keep_up();
  });
}

/// Runs without a layer go.
void PreparedRun::mark_interrupted(RunResult& result, int signal) const {
  Interruption& interrupted = result.interrupted.emplace();
  interrupted.signal = signal == SIGINT ? "SIGINT" : "SIGTERM";
  for (const auto& simulation : simulations_) interrupted.of += simulation->layers();
  std::vector<SimulationResult>& all = result.simulations;
  for (const SimulationResult& simulation : all) interrupted.layers += simulation.layers.size();
  if (interrupted.layers == interrupted.of) return result.interrupted.reset();  // it came to its end all the same
  all.erase(std::remove_if(all.begin(), all.end(), [](const SimulationResult& each) { return each.layers.empty(); }),
            all.end());
}

RunResult PreparedRun::run() {
  RunResult result;
  try {
    const int signal = simulate();
    for (const auto& simulation : simulations_) result.simulations.push_back(simulation->result());
    if (signal != 0) mark_interrupted(result, signal);
  } catch (const SimulationError&) {
    if (trace_) trace_->discard();
    if (visibility_) shown_ = visibility_->finish(nullptr);
    throw;
  } catch (const RtlFailure&) {
    if (trace_) trace_->discard();
    shown_ = rtl_watch_->files();
    throw;
  }
  if (visibility_) shown_ = visibility_->finish(&result.simulations.front());
  result.selection = jobs_.selection;
  add_area(result, scenario_);
  if (scenario_.runs_at(Fidelity::verilog)) {
    result.compared_rtl_cycles = 0;
    for (const auto& simulation : simulations_) {
      if (RtlMacroEngine* engine = simulation->rtl_engine()) *result.compared_rtl_cycles += engine->compared_cycles();
    }
  }
  if (scenario_.observe.protocol_checker) {
    result.checked_transactions = 0;
    for (const auto& simulation : simulations_) *result.checked_transactions += simulation->observers()->checked();
  }
  if (transactions_) {
    transactions_->finish();
    result.transactions = kTransactionsFile;
  }
  result.shown = shown_;
  if (scenario_.observe.interrupts && visibility_) result.interrupts = visibility_->interrupts();
  if (trace_ == nullptr) return result;
  result.trace = trace_->close(result.simulations.front());
  if (trace_->written()) result.waveform = "wave.gtkw";
  return result;
}

}  // namespace flexcim
