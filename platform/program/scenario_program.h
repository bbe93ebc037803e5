// The program that runs a scenario's workload.
#pragma once

#include "platform/program/native_program.h"
#include "platform/workload/scenario_jobs.h"

#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// A generation where the jobs have one, their GEMMs that `linears` selects otherwise. All that is referred to outlives
/// the program. Throws InputError where the hardware cannot run a linear.
std::unique_ptr<NativeProgram> scenario_program(const Scenario& scenario, const ScenarioJobs& jobs,
                                                const std::vector<std::string>& linears = {});

}  // namespace flexcim
