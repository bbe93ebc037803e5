// `flexcim flow ...`: analyze, select, prune, pack, eval, front (docs/flow.md).
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

/// Adds the subcommand `flow` with its subcommands to the application. A parsed subcommand does its work inside
/// app.parse() and throws InputError for bad input.
void add_flow_commands(CLI::App& app);

}  // namespace flexcim
