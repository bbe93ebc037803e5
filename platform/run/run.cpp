#include "platform/run/run.h"

#include "platform/config/findings.h"
#include "platform/energy/energy_model.h"
#include "platform/run/firmware_simulation.h"
#include "platform/run/gemm_simulation.h"
#include "platform/run/generation.h"
#include "platform/run/simulation_error.h"
#include "platform/run/watchdog.h"
#include "platform/workload/block_jobs.h"
#include "platform/workload/generate_job.h"
#include "platform/workload/scenario_check.h"
#include "tlm/fabric/picoseconds.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr double kNoLimitS = 1e9;

std::vector<const GemmJob*> chosen(const std::vector<GemmJob>& jobs, const std::vector<std::string>& linears) {
  std::vector<const GemmJob*> result;
  for (const GemmJob& job : jobs) {
    if (selects_linear(linears, job.weights.name)) result.push_back(&job);
  }
  return result;
}

}  // namespace

/// What runs: GEMMs, or a whole model. The simulations refer to it.
class PreparedRun::Jobs {
 public:
  explicit Jobs(const Scenario& scenario) : scenario_(scenario) {
    const MacroGeometry& macro = scenario.architecture.macro;
    if (const auto* gemm = std::get_if<GemmWorkload>(&scenario.workload)) {
      gemms_.push_back(load_gemm(gemm->weights, gemm->activations, gemm->pattern));
    } else if (const auto* block = std::get_if<BlockWorkload>(&scenario.workload)) {
      BlockJobs jobs = block_jobs(*block, macro);
      gemms_ = std::move(jobs.jobs);
      selection_ = std::move(jobs.selection);
    } else if (const auto* generate = std::get_if<GenerateWorkload>(&scenario.workload)) {
      generation_ = generate_job(*generate, macro);
      selection_ = generation_->selection;
    }
  }
  const std::optional<Selection>& selection() const { return selection_; }
  std::unique_ptr<Simulation> simulate(const std::string& name, Fidelity fidelity,
                                       const std::vector<std::string>& linears, const std::filesystem::path& folder,
                                       debug::Debugger* debugger) const {
    if (scenario_.host.kind == HostKind::riscv) {
      const FirmwareWork work{chosen(gemms_, linears), generation_ ? &*generation_ : nullptr};
      return std::make_unique<FirmwareSimulation>(name, scenario_, fidelity, work, folder, debugger);
    }
    if (generation_) return std::make_unique<Generation>(name, scenario_, fidelity, *generation_, folder);
    return std::make_unique<GemmSimulation>(name, scenario_, fidelity, chosen(gemms_, linears), folder);
  }

 private:
  const Scenario& scenario_;
  std::vector<GemmJob> gemms_;
  std::optional<GenerateJob> generation_;
  std::optional<Selection> selection_;
};

PreparedRun::PreparedRun(const Scenario& scenario, const std::filesystem::path& folder, debug::Debugger* debugger)
    : scenario_(scenario), debugger_(debugger) {
  check_scenario(scenario);
  Findings findings;
  findings.check(scenario.place("workload"), [&] {
    jobs_ = std::make_unique<Jobs>(scenario);
    simulations_.push_back(jobs_->simulate("soc", scenario.fidelity, {}, folder, debugger));
    for (std::size_t i = 0; i < scenario.also.size(); ++i) {
      const AlsoRun& also = scenario.also[i];
      simulations_.push_back(jobs_->simulate(fmt::format("also_{}", i), also.fidelity, also.linears, folder, nullptr));
    }
  });
  findings.finish();
  simulations_.front()->check(findings);  // further runs have none but its layers
  findings.check("", [&] { trace_ = make_trace(scenario, simulations_, folder); });
  findings.finish();
  if (scenario.observe.transactions == TransactionFormat::csv && !folder.empty()) {
    transactions_ = std::make_unique<TransactionFile>(folder / kTransactionsFile);
  }
  if (!Visibility::wanted(scenario.observe) || folder.empty()) return;
  visibility_ = std::make_unique<Visibility>(scenario, folder);
  simulations_.front()->attach(*visibility_);
}

PreparedRun::~PreparedRun() = default;

const std::optional<Selection>& PreparedRun::selection() const { return jobs_->selection(); }

void PreparedRun::simulate() {
  std::vector<const Simulation*> simulations;
  for (const auto& simulation : simulations_) {
    simulations.push_back(simulation.get());
    if (!transactions_) continue;
    simulation->observers()->add_sink([this](const TransactionRecord& record) { transactions_->add(record); });
  }
  Limits limits = scenario_.limits;
  if (debugger_ != nullptr) limits.wall_s = kNoLimitS;
  run_to_end(simulations, limits, from_picoseconds(scenario_.power_window_ps()), [&](std::uint64_t window) {
    for (const auto& simulation : simulations_) simulation->sample(window);
    if (trace_ != nullptr) trace_->require_kept();
  });
}

RunResult PreparedRun::run() {
  RunResult result;
  try {
    simulate();
    for (const auto& simulation : simulations_) result.simulations.push_back(simulation->result());
  } catch (const SimulationError&) {
    if (visibility_) shown_ = visibility_->finish(nullptr);
    throw;
  }
  if (visibility_) shown_ = visibility_->finish(&result.simulations.front());
  result.selection = selection();
  result.area = EnergyModel(scenario_.architecture, scenario_.technology, scenario_.sequencing).area();
  result.dense_macros_mm2 = dense_macros_mm2(scenario_.architecture, scenario_.technology);
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
