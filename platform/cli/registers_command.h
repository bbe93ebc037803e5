// flexcim registers: what a driver has to know.
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

void add_registers_command(CLI::App& app);

}  // namespace flexcim
