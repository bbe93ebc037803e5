// From float weights and the choice of what is kept to the packed linear (flow.md §5, §6).
#pragma once

#include "flow/pack/packed_linear.h"
#include "flow/prune/prune.h"

#include <string>

namespace flexcim {

struct QuantizedLinear {
  PackedLinear packed;         ///< without an activation scale
  double squared_error = 0;    ///< sum of (kept weight - value * scale)^2
  double squared_weights = 0;  ///< sum of kept weight^2
};

/// Packs the kept weights; each row has the scale that takes its largest kept magnitude to the largest weight of
/// `weight_bits` bits, 4 or 8 (weight_scale). `pruned`
/// is what a Pruner of `rule` made of `weights`. The same result for any number of threads.
QuantizedLinear quantize_linear(const std::string& name, MatrixView<const float> weights, const PruneRule& rule,
                                Pruned pruned, int weight_bits, int threads);

}  // namespace flexcim
