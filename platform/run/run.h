// Runs a scenario.
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/run_result.h"

#include <filesystem>

namespace flexcim {

/// Makes the workload, simulates the scenario's run and its `also`, compares every output with the golden model. A
/// waveform goes into `folder`, which exists. Once per process: the SystemC kernel elaborates once. Throws InputError
/// and SimulationError.
RunResult run_scenario(const Scenario& scenario, const std::filesystem::path& folder);

}  // namespace flexcim
