// What load_scenario leaves to be checked: the files that a scenario refers to.
#pragma once

#include "platform/config/scenario.h"

namespace flexcim {

/// Checks what the scenario refers to, as far as that is quick: referenced files exist and open, tensors are there,
/// shapes fit, tokens are there and within the model's context, the sparsity can be reached, the block and the linears
/// exist and the hardware runs the patterns. Throws one InputError with every problem. PreparedRun begins with it and
/// finds the rest.
void check_scenario(const Scenario& scenario);

}  // namespace flexcim
