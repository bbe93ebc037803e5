// The waveform of a run.
#pragma once

#include "platform/config/scenario.h"
#include "platform/run/simulation.h"
#include "rtl_models/observe/waveform.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace flexcim {

/// Records the macros of the first pin-accurate simulation into `folder` (empty: nothing will run), as scenario.trace
/// says; null where there is none or no waveform is wanted. To be called before the simulation starts. Throws
/// InputError for globs that match nothing, with the place of each in the scenario, and where an FST is wanted and
/// vcd2fst is not installed.
std::unique_ptr<Waveform> make_trace(const Scenario& scenario,
                                     const std::vector<std::unique_ptr<Simulation>>& simulations,
                                     const std::filesystem::path& folder);

}  // namespace flexcim
