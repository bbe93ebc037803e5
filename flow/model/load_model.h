// Opening a model: a directory in the Hugging Face layout or a packed file.
#pragma once

#include "flow/model/language_model.h"

#include <memory>
#include <string>

namespace flexcim {

/// Opens a model directory (config.json and tensors), or a packed model file, whose config lies in its metadata, and
/// makes the model that "architectures" names (LlamaForCausalLM and others: docs/flow.md §7), or "model_type"
/// (llama...) where that is missing. Shapes of all tensors are checked; weights are not yet read. A packed file's model
/// has no float weights: run it with an Int8Runner. Throws InputError naming file and key or tensor, also for every key
/// and tensor that is neither used nor known to change nothing (docs/flow.md §7).
std::unique_ptr<LanguageModel> load_model(const std::string& path);

}  // namespace flexcim
