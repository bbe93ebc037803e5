// power.csv.
#pragma once

#include "platform/results/run_result.h"

#include <filesystem>

namespace flexcim {

/// A row per window and run, mW, written as the windows come. Throws std::system_error naming the file.
void write_power_csv(const std::filesystem::path& path, const RunResult& result);

/// Checks the file against the fidelities of `result`'s runs and makes their `power` read from it whenever it is
/// called: the rows are not kept in memory. The check and each such call throw InputError naming file, line and
/// column.
void read_power_csv(const std::filesystem::path& path, RunResult& result);

/// ",cells_UNIT,…": the columns of the components.
std::string component_columns(const char* unit);

}  // namespace flexcim
