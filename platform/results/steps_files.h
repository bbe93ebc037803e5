// The files of a workload's steps.
#pragma once

#include "platform/results/json_place.h"
#include "platform/results/run_result.h"

#include <nlohmann/json.hpp>
#include <string>

namespace flexcim {

inline constexpr const char* kStepsFile = "steps.csv";

/// The object "steps" of a run in summary.json; the simulation has steps.
nlohmann::ordered_json steps_json(const SimulationResult& simulation);
/// What steps_json() has written, without energies. Throws InputError that names what is missing or of another kind.
StepsResult load_steps(const JsonPlace& json);

/// steps.csv: a row per run and pass.
std::string steps_csv(const RunResult& result);

}  // namespace flexcim
