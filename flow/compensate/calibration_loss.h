// What a choice of patterns does to the model as a whole.
#pragma once

#include "flow/pack/prune_model.h"

namespace flexcim {

/// Bits per token of the pruned model on the calibration's held-out sequences, or where there are none on those it is
/// calibrated on: float activations, weights as `pruning` leaves them before they are quantized. With compensation the
/// linears, quantized and packed, and what became of them are put into `pruned`, if it is given: they are by the way
/// what a whole pruning makes. The same to the last bit for any number of threads. Throws as compensate_model does.
double calibration_loss(const LanguageModel& model, const Calibration& calibration, const ModelPruning& pruning,
                        PrunedModel* pruned = nullptr);

}  // namespace flexcim
