// flexcim run and flexcim check.
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

/// Adds the subcommands; `run` sets `exit_code` to 1 where an output does not match the golden model.
void add_run_commands(CLI::App& app, int& exit_code);

}  // namespace flexcim
