// flexcim keys: every key of scenarios, as tables or as JSON Schema.
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

void add_keys_command(CLI::App& app);

}  // namespace flexcim
