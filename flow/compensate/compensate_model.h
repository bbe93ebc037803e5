// Pruning a whole model with compensation, linear by linear behind what is pruned already.
#pragma once

#include "flow/pack/prune_model.h"

namespace flexcim {

struct CompensatedModel {
  std::vector<LinearReport> reports;  ///< one per linear; their saliency is that of Compensated
  double bits_per_token = 0;          ///< of the pruned float model on the calibration sequences
};

/// Prunes, quantizes and hands on every linear, in order. Linears of one stage at a time, in the model's order: they
/// are given the weights with which they come closest, in least squares over the calibration tokens, to the dense
/// model's outputs on the inputs that they have behind everything pruned so far (refitted_weights), and pruned from
/// there (compensate). What lies before the first pruned linear stays as it is. Static activation scales are those of
/// these inputs. The same to the last bit for any number of threads. Throws as prune_model and calibrate do.
CompensatedModel compensate_model(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                                  const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                  const Progress& progress = {});

}  // namespace flexcim
