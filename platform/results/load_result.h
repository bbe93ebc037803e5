// Results of a run, read back from its folder.
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/run_result.h"

#include <filesystem>

namespace flexcim {

struct LoadedResult {
  /// As in scenario.yaml; `file` is the name of the file that ran. The files that it names may be gone.
  Scenario scenario;
  RunResult result;
};

/// Reads what write_results() wrote into `folder`; written again, it gives the same files. Not in any file, and so
/// empty in the result: the activity of a layer. Power and activity over time are read from power.csv and activity.csv
/// whenever they are asked for.
///
/// Throws InputError that names the file and the key, or line and column: for a file or value that is missing, for a
/// schema_version that is newer than kResultSchema, and for whatever does not fit the rest of the results.
LoadedResult load_result(const std::filesystem::path& folder);

}  // namespace flexcim
