#include "platform/workload/scenario_jobs.h"

#include "platform/config/block_parameters.h"
#include "platform/workload/block_jobs.h"

#include <utility>

namespace flexcim {

std::vector<const GemmJob*> ScenarioJobs::chosen(const std::vector<std::string>& linears) const {
  std::vector<const GemmJob*> result;
  for (const GemmJob& job : gemms) {
    if (selects_linear(linears, job.weights.name)) result.push_back(&job);
  }
  return result;
}

ScenarioJobs scenario_jobs(const Scenario& scenario) {
  const ImageSettings hardware = image_settings(scenario.architecture, scenario.sequencing);
  const bool estimated = scenario.fidelity == Fidelity::estimate;
  ScenarioJobs jobs;
  if (const auto* gemm = std::get_if<GemmWorkload>(&scenario.workload)) {
    jobs.gemms.push_back(load_gemm(gemm->weights, gemm->activations, gemm->pattern, gemm->weight_bits));
  } else if (const auto* block = std::get_if<BlockWorkload>(&scenario.workload)) {
    BlockJobs found = block_jobs(*block, hardware, estimated ? Golden::left_out : Golden::run);
    jobs.gemms = std::move(found.jobs);
    jobs.selection = std::move(found.selection);
  } else if (const auto* generate = std::get_if<GenerateWorkload>(&scenario.workload)) {
    const Golden golden = scenario.host.kind == HostKind::native ? Golden::alongside : Golden::run;
    jobs.generation = generate_job(*generate, hardware, estimated ? Golden::left_out : golden);
    jobs.selection = jobs.generation->selection;
  }
  return jobs;
}

}  // namespace flexcim
