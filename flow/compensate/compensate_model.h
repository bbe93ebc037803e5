// Pruning a whole model with compensation, linear by linear behind what is pruned already.
#pragma once

#include "flow/pack/prune_model.h"

namespace flexcim {

/// Prunes, quantizes and hands on every linear, in order. Linears of one stage at a time, in the model's order: they
/// are given the weights with which they come closest, in least squares over the calibration tokens, to the dense
/// model's outputs on the inputs that they have behind everything pruned so far (refitted_weights), and pruned from
/// there (compensate). What lies before the first pruned linear stays as it is. Static activation scales are those of
/// these inputs. One report per linear, with the saliency of Compensated. `bits_per_token`, if it is given, becomes
/// that of the pruned float model on the calibration sequences. The same to the last bit for any number of threads.
/// Throws as prune_model and calibrate do, and, where bits are asked for, for logits that are not finite.
std::vector<LinearReport> compensate_model(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                                           const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                           const Progress& progress = {}, double* bits_per_token = nullptr);

}  // namespace flexcim
