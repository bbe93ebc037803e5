// power.csv.
#pragma once

#include "platform/results/run_result.h"

#include <filesystem>

namespace flexcim {

/// A row per window and run, mW, written as the windows come. Throws std::system_error naming the file.
void write_power_csv(const std::filesystem::path& path, const RunResult& result);

/// Checks the file against the fidelities of `result`'s runs, whose `power` reads from it afterwards: it is not kept in
/// memory. Throws InputError naming file, line and column, then as now.
void read_power_csv(const std::filesystem::path& path, RunResult& result);

/// ",cells_UNIT,…": the columns of the components.
std::string component_columns(const char* unit);

}  // namespace flexcim
