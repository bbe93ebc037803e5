// FLOW from a model directory to a packed file (flow.md §3 to §6).
#pragma once

#include "flow/map/geometry.h"
#include "flow/pack/packed_model.h"
#include "flow/pack/prune_model.h"
#include "flow/select/analyze.h"

#include <limits>
#include <string>
#include <vector>

namespace flexcim {

struct ChoiceOptions {
  SelectionOptions selection;
  Granularity granularity = Granularity::block;
  DenseEnds keep_dense;
  Saliency saliency = Saliency::wanda;
  double outlier_multiple = kDefaultOutlierMultiple;
};

/// What was chosen and from which figures: one entry of figures, items and selection.chosen per block or per linear.
struct Choice {
  std::vector<OutlierFigures> figures;
  std::vector<SelectionItem> items;
  Selection selection;
  std::vector<Pattern> patterns;  ///< one per linear of the model
};

/// Analyzes the model and selects its patterns.
Choice choose_patterns(const LanguageModel& model, const std::vector<InputStatistics>& statistics,
                       const ChoiceOptions& options, int threads, const Progress& progress = {});

/// Throws InputError, as require_support does, for a candidate that this hardware cannot run.
void require_candidates(const MacroGeometry& geometry, const std::vector<Candidate>& candidates);

/// Prunes and quantizes the model and writes it as a packed file. `source` is the path it was loaded from: its
/// config.json, its generation_config.json and tokenizer.json if there are any, and all tensors but the linears'
/// weights go into the file. Throws InputError naming the file, and for values that are not finite the tensor; then no
/// file is left.
std::vector<LinearReport> write_packed_model(const std::string& path, const std::string& source,
                                             const LanguageModel& model, const std::vector<InputStatistics>& statistics,
                                             const ModelPruning& pruning, const Progress& progress = {});

/// Loads the linears of a packed file's blocks 0..last_block, in the model's order; `model` is what load_model made of
/// it. Throws InputError naming the file and a linear where the file's linears are not those of its own configuration.
std::vector<PackedLinear> load_packed_linears(const std::string& path, const LanguageModel& model,
                                              int last_block = std::numeric_limits<int>::max());

/// write_packed_model into memory.
std::vector<PackedLinear> prune_to_memory(const LanguageModel& model, const std::vector<InputStatistics>& statistics,
                                          const ModelPruning& pruning);

}  // namespace flexcim
