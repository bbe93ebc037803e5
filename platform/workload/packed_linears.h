// The int8 linears of a workload's language model, pruned on the way where the model is not packed yet.
#pragma once

#include "flow/model/language_model.h"
#include "flow/pack/packed_linear.h"
#include "platform/config/scenario.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// Whether the golden int8 model runs: what it computes is what a simulation is given and compared with. An estimate
/// needs none of it.
enum class Golden { run, left_out };

/// Int8 linears in the model's order, and how their patterns were selected where they were.
struct ModelLinears {
  std::vector<PackedLinear> linears;
  std::optional<Selection> selection;
};

/// Linears of blocks 0..last_block; `model` is what load_model(path) gave. A model directory is calibrated, selected,
/// pruned and quantized as `flow` says, for the window and columns of `macro`; a packed model is taken as it is. Throws
/// InputError naming file and key, also where the sparsity cannot be reached.
ModelLinears packed_linears(const std::filesystem::path& path, const FlowSettings& flow, const LanguageModel& model,
                            int last_block, const MacroGeometry& macro);

/// The checks of packed_linears that need only the shape of the model. Each runs inside `check`, with the key of `flow`
/// that it concerns, and throws InputError.
void check_flow(const FlowSettings& flow, const LanguageModel& model, const MacroGeometry& macro,
                const std::function<void(const std::string& key, const std::function<void()>& body)>& check);

/// The tokens of a range of a text, counted row after row. Throws InputError naming the text where it has fewer or they
/// lie in several rows.
std::vector<int> read_range(const TokenRange& range, const ModelText& model);

}  // namespace flexcim
