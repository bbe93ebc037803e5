// The output head as a linear of the hardware.
#pragma once

#include "flow/model/language_model.h"
#include "flow/pack/packed_linear.h"

namespace flexcim {

/// The output head of `model` (head_linear), dense, with int8 weights and a scale for each token of the vocabulary;
/// its inputs are quantized token by token. Throws InputError as LanguageModel::head does.
PackedLinear pack_head(const LanguageModel& model);

}  // namespace flexcim
