#include "platform/estimate/job_estimate.h"

#include "platform/program/scenario_program.h"
#include "platform/workload/scenario_check.h"

namespace flexcim {

JobEstimate::JobEstimate(const Scenario& scenario, const std::filesystem::path& folder) : scenario_(scenario) {
  check_scenario(scenario);
  Findings findings;
  findings.check(scenario.place("workload"), [&] {
    jobs_ = scenario_jobs(scenario);
    program_ = scenario_program(scenario, jobs_);
    run_.emplace(scenario, *program_, folder);
  });
  findings.finish();
  run_->check(findings);
  findings.finish();
}

RunResult JobEstimate::run() {
  RunResult result;
  result.simulations.push_back(run_->run());
  result.selection = jobs_.selection;
  add_area(result, scenario_);
  return result;
}

}  // namespace flexcim
