// Power over time of a run, in as many points as a plot can show.
#pragma once

#include "platform/energy/power_sampler.h"

#include <nlohmann/json.hpp>

namespace flexcim {

/// `windows` that the run has, `windows_per_point` neighbours in each point (the last may have fewer), so that there
/// are at most 800 points; `edges_ns`, one more than points; and `mw`: for each component that spends anything its mean
/// power in each point, to six digits.
nlohmann::ordered_json power_data(const PowerRows& rows);

}  // namespace flexcim
