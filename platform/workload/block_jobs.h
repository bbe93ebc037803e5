// The workload `block`: linears of one block of a language model, on the activations that the block sees.
#pragma once

#include "platform/config/scenario.h"
#include "platform/workload/gemm_job.h"

#include <vector>

namespace flexcim {

/// One job per chosen linear, in the model's order. A model directory is calibrated, selected, pruned and quantized
/// first, as `flow` says, for the window and columns of `macro`; a packed model is taken as it is. The activations are
/// what the int8 model feeds to each linear when it reads the chosen tokens as one sequence. Throws InputError naming
/// file and key.
std::vector<GemmJob> block_jobs(const BlockWorkload& workload, const MacroGeometry& macro);

}  // namespace flexcim
