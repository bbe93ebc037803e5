// The files of a generated text.
#pragma once

#include "platform/results/json_place.h"
#include "platform/results/run_result.h"

#include <nlohmann/json.hpp>
#include <string>

namespace flexcim {

/// An object of a part: its tokens, times, energies and operators.
nlohmann::ordered_json part_json(const GenerationPart& part);
/// What part_json() has written, without energies.
GenerationPart load_part(const std::string& name, const JsonPlace& json);

/// The object "generation" of a run in summary.json; the simulation has a generation.
nlohmann::ordered_json generation_json(const SimulationResult& simulation);
/// layer_kinds.csv: a row per run, part and kind of layer.
std::string layer_kinds_csv(const RunResult& result);

}  // namespace flexcim
