// Estimates a workload with data: the same program as in a simulation, on a SoC of arithmetic alone.
#pragma once

#include "platform/config/scenario.h"
#include "platform/estimate/plain_run.h"
#include "platform/results/run_result.h"
#include "platform/workload/scenario_jobs.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace flexcim {

class JobEstimate {
 public:
  /// `scenario` has the workload gemm, block or generate and outlives it. Counts over time that do not stay in memory
  /// wait in `folder`, which exists; empty where there is only something to check. Throws InputError for whatever in
  /// the scenario or its files cannot run, as PreparedRun does.
  explicit JobEstimate(const Scenario& scenario, const std::filesystem::path& folder = {});

  /// How the patterns of the workload's model were selected, where they were.
  const std::optional<Selection>& selection() const { return jobs_.selection; }

  /// As PlainRun.
  RunResult run();

 private:
  const Scenario& scenario_;
  ScenarioJobs jobs_;
  std::unique_ptr<NativeProgram> program_;
  std::optional<PlainRun> run_;
};

}  // namespace flexcim
