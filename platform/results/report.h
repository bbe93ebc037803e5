// What a run shows on the terminal.
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/run_result.h"

#include <filesystem>
#include <string>

namespace flexcim {

/// A table per run (layer, shape, N:M, tiles, phases, cycles, utilization, energy, match; totals), where the energy
/// goes, and which figures carry it.
std::string report(const Scenario& scenario, const RunResult& result);

/// The lines that name the files and the waveform in `folder`, and what did not match.
std::string closing_lines(const RunResult& result, const std::filesystem::path& folder);

}  // namespace flexcim
