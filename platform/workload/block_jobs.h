// The workload `block`: linears of one block of a language model, on the activations that the block sees.
#pragma once

#include "flow/model/language_model.h"
#include "platform/config/scenario.h"
#include "platform/workload/gemm_job.h"
#include "platform/workload/packed_linears.h"

#include <optional>
#include <vector>

namespace flexcim {

/// The jobs, and how the model's patterns were selected where they were.
struct BlockJobs {
  std::vector<GemmJob> jobs;
  std::optional<Selection> selection;
};

/// One job per chosen linear, in the model's order. A model directory is calibrated, selected, pruned and quantized
/// first, as `flow` says, for the window and columns of the macro; a packed model is taken as it is. The activations
/// are what the int8 model feeds to each linear when it reads the chosen tokens as one sequence; 0 where it is left
/// out. Throws InputError naming file and key.
BlockJobs block_jobs(const BlockWorkload& workload, const ImageSettings& hardware, Golden golden = Golden::run);

/// The chosen tokens. Throws InputError where they are not in the text or more than the model reads.
std::vector<int> block_tokens(const BlockWorkload& workload, const LanguageModel& model);

}  // namespace flexcim
