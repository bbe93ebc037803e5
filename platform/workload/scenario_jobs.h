// What a scenario's workload has to be run, whatever runs it.
#pragma once

#include "platform/config/scenario.h"
#include "platform/workload/gemm_job.h"
#include "platform/workload/generate_job.h"

#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// GEMMs, or a model that generates, or nothing where the firmware brings its own data.
struct ScenarioJobs {
  std::vector<GemmJob> gemms;
  std::optional<GenerateJob> generation;
  std::optional<Selection> selection;  ///< of the model's patterns, where they were selected

  /// The GEMMs that a list of linears selects (selects_linear()).
  std::vector<const GemmJob*> chosen(const std::vector<std::string>& linears) const;
};

/// Files read, model pruned; unless the scenario is estimated, also the golden model run. Throws InputError as
/// load_gemm(), block_jobs() and generate_job() do.
ScenarioJobs scenario_jobs(const Scenario& scenario);

}  // namespace flexcim
