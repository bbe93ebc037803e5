// The int8 linears of a workload's language model, pruned on the way where the model is not packed yet.
#pragma once

#include "flow/model/language_model.h"
#include "flow/pack/packed_linear.h"
#include "platform/config/scenario.h"

#include <filesystem>
#include <vector>

namespace flexcim {

/// Linears of blocks 0..last_block in the model's order; `model` is what load_model(path) gave. A model directory is
/// calibrated, selected, pruned and quantized as `flow` says, for the window and columns of `macro`; a packed model is
/// taken as it is. Throws InputError naming file and key.
std::vector<PackedLinear> packed_linears(const std::filesystem::path& path, const FlowSettings& flow,
                                         const LanguageModel& model, int last_block, const MacroGeometry& macro);

/// The tokens of a range of a text. Throws InputError naming the text where it has fewer.
std::vector<int> read_range(const TokenRange& range, int vocabulary);

}  // namespace flexcim
