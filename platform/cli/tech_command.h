// flexcim tech: the figures of a technology, and of a DRAM device.
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

void add_tech_command(CLI::App& app);

}  // namespace flexcim
