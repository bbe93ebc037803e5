// Estimates a model by its shapes: every linear as one command, one after the other.
#pragma once

#include "platform/config/scenario.h"
#include "platform/estimate/gemm_estimates.h"
#include "platform/results/run_result.h"

namespace flexcim {

/// `scenario` has the workload shapes. Its linears are the layers of the result, in the model's order, each with the
/// cycles and counts of a command of its own; time and energy are those of the commands alone, without a host. Power
/// over time has a window per layer. Throws InputError, with the place of the key, for a model that cannot be read, a
/// sparsity that no mix reaches, a pattern that the macro cannot run, and buffers that are too small.
/// Where the scenario has axes to compare, further estimates at all of their points, whose own axes do not count; one
/// that cannot be estimated is named in the InputError. `estimates` may know gemms from before.
RunResult estimate_shapes(const Scenario& scenario, GemmEstimates& estimates);
RunResult estimate_shapes(const Scenario& scenario);

}  // namespace flexcim
