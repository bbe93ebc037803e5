// What accelerator and memory do over the time of a run, in as many points as a plot can show.
#pragma once

#include "platform/results/activity_window.h"

#include <nlohmann/json.hpp>

namespace flexcim {

/// Points as of power_data(). Means of each: `utilization`; of `dram_bytes_per_s` and `buffer_bytes` an array each for
/// `read` and `write`, for `activation`, `weight` and `output`.
nlohmann::ordered_json activity_data(const ActivityRows& rows);

}  // namespace flexcim
