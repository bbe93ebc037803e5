// `flexcim verilog`: the macro in SystemVerilog of a scenario (docs/your_rtl.md).
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

/// Adds the subcommand; `exit_code` becomes kMismatch where RTL and model differ.
void add_verilog_command(CLI::App& app, int& exit_code);

}  // namespace flexcim
