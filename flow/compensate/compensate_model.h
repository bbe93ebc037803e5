// Pruning a whole model with compensation, linear by linear behind what is pruned already.
#pragma once

#include "flow/pack/prune_model.h"

namespace flexcim {

/// Text on which a pruned model is tried.
struct LossTrial {
  const std::vector<std::vector<int>>& sequences;
  double bits_per_token = 0;  ///< that of the pruned float model, before its weights are quantized
};

/// Prunes, quantizes and hands on every linear, in order. Linears of one stage at a time, in the model's order: they
/// are given the weights with which they come closest, in least squares over the calibration tokens, to the dense
/// model's outputs on the inputs that they have behind everything pruned so far (refitted_weights), and pruned from
/// there (compensate). What lies before the first pruned linear stays as it is. Static activation scales are those of
/// these inputs. One report per linear, with the saliency of Compensated. With a trial the pruned model runs on its
/// sequences, too. The same to the last bit for any number of threads. Throws as prune_model and calibrate do, and,
/// where there is a trial, for logits that are not finite.
std::vector<LinearReport> compensate_model(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                                           const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                           const Progress& progress = {}, LossTrial* trial = nullptr);

}  // namespace flexcim
