// Shards of a sweep become the whole.
#pragma once

#include "platform/sweep/sweep_summary.h"

#include <filesystem>
#include <vector>

namespace flexcim {

/// Puts the shards in `folders` together: `out` has then the files that the sweep would have had in one piece. Throws
/// InputError for a folder without shards, shards of several sweeps, and shards that are missing or not at their end,
/// all of which it names; nothing is written then.
SweepSummary merge_sweep(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& out);

}  // namespace flexcim
