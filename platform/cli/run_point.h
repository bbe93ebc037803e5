// A design point of a sweep, run as flexcim run would.
#pragma once

#include "platform/config/scenario.h"
#include "platform/estimate/gemm_estimates.h"
#include "platform/sweep/point_result.h"

#include <filesystem>

namespace flexcim {

/// As RunPoint (platform/sweep/point_evaluator.h) says. A simulation that does not come to its end, firmware that fails
/// and outputs that are not the golden model's are reasons to fail. What a run shows beside its figures is left out. A
/// scenario that is simulated can be run once per process. `estimates`: of the points before it.
void run_point(Scenario& point, const std::filesystem::path& scratch, PointResult& result, GemmEstimates& estimates);

}  // namespace flexcim
