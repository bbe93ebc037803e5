// FLOW from a model directory to a packed file (flow.md §3 to §6).
#pragma once

#include "flow/map/geometry.h"
#include "flow/pack/packed_model.h"
#include "flow/pack/prune_model.h"

#include <limits>
#include <string>
#include <vector>

namespace flexcim {

/// Throws InputError, as require_support does, for a candidate that this hardware cannot run.
void require_candidates(const MacroGeometry& geometry, const std::vector<Candidate>& candidates);

/// Makes the linears of a model, hands them on in order and says what became of them.
using PruneLinears = std::function<std::vector<LinearReport>(const std::function<void(PackedLinear&&)>& sink)>;

/// Writes what `prune` makes, linears as `pruning` has them, as a packed file. `source` is the path that the model was
/// loaded from: its config.json, its generation_config.json and tokenizer.json if there are any, and all tensors but
/// the linears' weights go into the file. Throws InputError naming the file, and for values that are not finite the
/// tensor; then no file is left.
std::vector<LinearReport> write_packed_model(const std::string& path, const std::string& source,
                                             const LanguageModel& model, const ModelPruning& pruning,
                                             const PruneLinears& prune);
/// The same with prune_linears.
std::vector<LinearReport> write_packed_model(const std::string& path, const std::string& source,
                                             const LanguageModel& model, const Calibration& calibration,
                                             const ModelPruning& pruning, const Progress& progress = {});

/// Loads the linears of a packed file's blocks 0..last_block, in the model's order, by all processors; their entries
/// stay in the file. `model` is what load_model made of it. Throws InputError naming the file and a linear where the
/// file's linears are not those of its own configuration.
std::vector<PackedLinear> load_packed_linears(const std::string& path, const LanguageModel& model,
                                              int last_block = std::numeric_limits<int>::max(),
                                              const Progress& progress = {});

/// Prunes, quantizes and hands on every linear, in order: prune_model, or compensate_model where `pruning` says so.
/// Throws InputError where that needs calibration sequences and there are none.
std::vector<LinearReport> prune_linears(const LanguageModel& model, const Calibration& calibration,
                                        const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                        const Progress& progress = {});

/// prune_linears into memory.
PrunedModel prune_to_memory(const LanguageModel& model, const Calibration& calibration, const ModelPruning& pruning);

}  // namespace flexcim
