// The table of a model that was estimated by its shapes.
#pragma once

#include "platform/results/run_result.h"

#include <string>

namespace flexcim {

/// A row for the linears of one kind (last part of their names), tokens and pattern, in order of their first one;
/// totals below.
std::string shapes_table(const SimulationResult& simulation);

}  // namespace flexcim
