// The int8 linears of a workload's language model, pruned on the way where the model is not packed yet.
#pragma once

#include "flow/map/weight_image.h"
#include "flow/model/language_model.h"
#include "flow/pack/packed_linear.h"
#include "platform/config/scenario.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// Whether the golden int8 model runs: what it computes is what a simulation is given and compared with.
enum class Golden {
  run,        ///< before the simulation
  alongside,  ///< during it, linear by linear: of a generation on the native host
  left_out    ///< an estimate needs none of it
};

/// Int8 linears in the model's order, and how their patterns were selected where they were.
struct ModelLinears {
  std::vector<PackedLinear> linears;
  std::vector<MappedVector<std::uint8_t>> images;  ///< of them all in DRAM, or none: they are still to be encoded
  std::optional<Selection> selection;
};

/// Linears of blocks 0..last_block; `model` is what load_model(path) gave. A model directory is calibrated, selected,
/// pruned and quantized as `flow` says, for the window and columns of the macro, or its packed model is taken from the
/// cache (flow.cache); a packed model is taken as it is, with the images that lie beside it. Throws InputError naming
/// file and key, also where the sparsity cannot be reached.
ModelLinears packed_linears(const std::filesystem::path& path, const FlowSettings& flow, const LanguageModel& model,
                            int last_block, const ImageSettings& hardware);

/// The checks of packed_linears that need only the shape of the model. Each runs inside `check`, with the key of `flow`
/// that it concerns, and throws InputError.
void check_flow(const FlowSettings& flow, const LanguageModel& model, const MacroGeometry& macro,
                const std::function<void(const std::string& key, const std::function<void()>& body)>& check);

/// The tokens of a range of a text, counted row after row. Throws InputError naming the text where it has fewer or they
/// lie in several rows.
std::vector<int> read_range(const TokenRange& range, const ModelText& model);

}  // namespace flexcim
