// Patterns for a model of which only the shape is known.
#pragma once

#include "flow/select/analyze.h"
#include "flow/select/selection.h"

#include <vector>

namespace flexcim {

/// Without weights FLOW has nothing to choose by. What a selection costs in time and energy is then that of a mix: of
/// the candidates, the two whose sparsities are nearest to `target` on both sides (of equally sparse ones the one with
/// the largest M), in the shares whose mean over the blocks that are not kept dense is the nearest at or above it, the
/// sparser ones spread evenly over the depth. One candidate per block in the result; `objective` is 0.
///
/// Throws InputError where `target` is above the sparsity of every candidate, or there is none.
Selection spread_patterns(int blocks, double target, const std::vector<Candidate>& candidates, DenseEnds keep_dense);

}  // namespace flexcim
