// flexcim report: results as a page to look at.
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

void add_report_command(CLI::App& app);

}  // namespace flexcim
