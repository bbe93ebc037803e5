// What the requests of a pass are for the accelerator and for the host.
#pragma once

#include "flow/model/model_memory.h"
#include "flow/model/operator_class.h"
#include "platform/config/steps.h"
#include "platform/estimate/model_slice.h"
#include "platform/results/steps_result.h"

#include <array>
#include <cstdint>
#include <vector>

namespace flexcim {

/// Units of work by class.
using OperatorUnits = std::array<std::uint64_t, kOperatorClasses>;
/// What operators of a class move of the model's memory, in so many pieces each way.
struct OperatorUse {
  MemoryUse rows;
  std::uint64_t pieces = 0;
};
using OperatorUses = std::array<OperatorUse, kOperatorClasses>;

/// Equal requests of a pass.
struct RequestWork {
  RequestFigures figures;    ///< all but attention_macs
  std::uint64_t logits = 0;  ///< tokens of a run whose logits are needed, of all of them
  double scores = 0;         ///< pairs of a token and one that it sees, itself among them, in all runs of all of them
  double longest = 0;        ///< tokens of one at the end of the last run
};

/// Of a request in a step's own pass.
RequestWork work_of(const Request& request, const Step& step);
/// Of a request that verifies, in the passes that draft for it: in each it reads one token.
RequestWork drafting_of(const Request& request, const Step& step);

/// Throws InputError for a request that is longer than the model's positions or window, and one that wants logits of an
/// encoder.
void require_served(const ModelShapes& model, const std::vector<RequestWork>& requests);

/// Multiply-accumulates of attention: queries times keys, weights times values.
double attention_macs(const SlicedModel& model, const RequestWork& request);

/// What the host computes in `times` runs, as a generation does (docs/generate.md): attention by context, everything
/// else by token; inputs and outputs of the linears are quantized and dequantized, of the head where it runs on the
/// accelerator (`head_there`); elsewhere the head is the host's. Throws InputError for more than 1e18 units.
OperatorUnits operator_units(const SlicedModel& model, const std::vector<RequestWork>& requests, std::uint64_t times,
                             bool head_there);
/// What it moves for that, as a generation does: keys and values, which `queries` tokens of a request read together;
/// the state of each request, once each way in a run; rows of embedding; the head once in a run. Throws InputError for
/// more than 1e18 of anything.
OperatorUses operator_uses(const SlicedModel& model, const std::vector<RequestWork>& requests, std::uint64_t times,
                           bool head_there, int queries);

}  // namespace flexcim
