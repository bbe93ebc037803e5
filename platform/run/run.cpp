#include "platform/run/run.h"

#include "flow/error.h"
#include "platform/run/generation.h"
#include "platform/run/simulation_error.h"
#include "platform/run/stage.h"
#include "platform/run/trace.h"
#include "platform/run/watchdog.h"
#include "platform/workload/block_jobs.h"
#include "platform/workload/generate_job.h"
#include "tlm/fabric/picoseconds.h"

#include <fmt/format.h>
#include <memory>
#include <optional>

namespace flexcim {
namespace {

std::vector<GemmJob> gemm_jobs(const Scenario& scenario) {
  if (const auto* gemm = std::get_if<GemmWorkload>(&scenario.workload)) {
    std::vector<GemmJob> jobs;
    jobs.push_back(load_gemm(gemm->weights, gemm->activations, gemm->pattern));
    return jobs;
  }
  if (const auto* block = std::get_if<BlockWorkload>(&scenario.workload)) {
    return block_jobs(*block, scenario.architecture.macro);
  }
  return {};
}

std::vector<const GemmJob*> chosen(const std::vector<GemmJob>& jobs, const std::vector<std::string>& linears) {
  std::vector<const GemmJob*> result;
  for (const GemmJob& job : jobs) {
    if (selects_linear(linears, job.weights.name)) result.push_back(&job);
  }
  return result;
}

/// What runs: GEMMs, or a whole model. The simulations refer to it.
class Work {
 public:
  explicit Work(const Scenario& scenario) : scenario_(scenario), gemms_(gemm_jobs(scenario)) {
    if (const auto* generate = std::get_if<GenerateWorkload>(&scenario.workload)) {
      generation_ = generate_job(*generate, scenario.architecture.macro);
    }
  }
  std::unique_ptr<Simulation> simulate(const std::string& name, Fidelity fidelity,
                                       const std::vector<std::string>& linears) const {
    if (generation_) return std::make_unique<Generation>(name, scenario_, fidelity, *generation_);
    return std::make_unique<Stage>(name, scenario_, fidelity, chosen(gemms_, linears));
  }

 private:
  const Scenario& scenario_;
  std::vector<GemmJob> gemms_;
  std::optional<GenerateJob> generation_;
};

}  // namespace

RunResult run_scenario(const Scenario& scenario, const std::filesystem::path& folder) {
  const Work work(scenario);
  std::vector<std::unique_ptr<Simulation>> stages;
  stages.push_back(work.simulate("soc", scenario.fidelity, {}));
  for (std::size_t i = 0; i < scenario.also.size(); ++i) {
    const AlsoRun& also = scenario.also[i];
    stages.push_back(work.simulate(fmt::format("also_{}", i), also.fidelity, also.linears));
  }
  const std::unique_ptr<Waveform> waveform = make_trace(scenario, stages, folder);
  std::vector<Soc*> socs;
  for (const auto& stage : stages) socs.push_back(&stage->soc());
  run_to_end(socs, scenario.limits, from_picoseconds(scenario.power_window_ps()), [&] {
    for (const auto& stage : stages) stage->sample();
    if (waveform != nullptr) waveform->require_kept();
  });

  RunResult result;
  for (const auto& stage : stages) result.stages.push_back(stage->result());
  if (waveform != nullptr) {
    waveform->close();
    result.waveform = "wave.gtkw";
  }
  return result;
}

}  // namespace flexcim
