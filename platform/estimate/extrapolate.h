// Counts of many like parts from the counts of few.
#pragma once

#include "platform/estimate/dataless_system.h"

#include <functional>

namespace flexcim {

/// at(n), where n is the number of like parts between a beginning and an end, from at() of a few smaller numbers: what
/// parts that take `enough` cycles together have added, the others are taken to add, too. Exact where all parts take
/// equally long. at(n) itself where it is no longer than that. `first`: the parts in which the beginning and the end
/// show.
CommandCounts extrapolate(int n, int first, Cycle enough, const std::function<CommandCounts(int)>& at);

}  // namespace flexcim
