// flexcim sweep: every point of a scenario's sweep, and shards put together.
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

void add_sweep_command(CLI::App& app);

}  // namespace flexcim
