// The files of a result folder (docs/scenarios.md).
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/run_result.h"

#include <filesystem>
#include <string>

namespace flexcim {

/// The version of the files. It rises when an older load_result() would misread them. docs/results.md describes them.
constexpr int kResultSchema = 4;

/// summary.json: totals of the scenario's own run and its layers; `also` has the further runs in the same form; `match`
/// at the top holds for all of them.
std::string summary_json(const Scenario& scenario, const RunResult& result);
/// layers.csv: a row per layer and run.
std::string layers_csv(const RunResult& result);

/// The prefix of a run's tensors: empty, or "also.0.".
std::string run_prefix(std::size_t simulation);
/// The name of the tensor with a layer's accumulators (gemm and block).
std::string output_name(const Scenario& scenario, std::size_t simulation, const LayerResult& layer);

/// Whether runs of the scenario have activity.csv: shapes are estimated one by one, without what happens inside.
bool has_activity(const Scenario& scenario);

/// Writes summary.json, layers.csv, energy.csv, power.csv, activity.csv, outputs.safetensors and scenario.yaml (the
/// effective configuration) into `folder`; for steps also steps.csv, for a generation layer_kinds.csv and text.txt
/// (prompt and text; ids separated by blanks where there is no tokenizer). An estimate has no outputs.safetensors and
/// no text.txt. Outputs are int32: `output` of a gemm, `LAYER.output` of a block, `tokens` of a generation; of further
/// runs `also.N.` before that. Throws std::system_error naming a file that cannot be written.
void write_results(const std::filesystem::path& folder, const Scenario& scenario, const RunResult& result);

}  // namespace flexcim
