// Faults in summary.json and in the report.
#pragma once

#include "platform/results/json_place.h"
#include "platform/results/run_result.h"

#include <nlohmann/json.hpp>
#include <string>

namespace flexcim {

nlohmann::ordered_json faults_json(const FaultResult& faults);
nlohmann::ordered_json faults_json(const LayerFaults& faults);
FaultResult load_faults(const JsonPlace& json);
LayerFaults load_layer_faults(const JsonPlace& json);

/// Counts by site and errors by code, some lines.
std::string fault_table(const FaultResult& faults);
/// What a reader has to know of a run with faults, some lines.
std::string fault_lines(const SimulationResult& simulation);

}  // namespace flexcim
