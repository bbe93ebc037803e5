// The last step of a pruned linear, however it was pruned: quantized, packed, reported.
#pragma once

#include "flow/pack/prune_model.h"

namespace flexcim {

struct FinishedLinear {
  PackedLinear packed;
  LinearReport report;
};

/// `pruned` is what a Pruner of `rule` has kept of `weights` (quantize_linear). `largest_input` is the largest
/// magnitude of the linear's inputs, for static activation scales.
FinishedLinear finish_linear(const LinearInfo& linear, MatrixView<const float> weights, const PruneRule& rule,
                             Pruned pruned, const ModelPruning& pruning, float largest_input);

}  // namespace flexcim
