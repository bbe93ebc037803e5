// One function per flow subcommand, each in a file of its own.
#pragma once

#include <CLI/CLI.hpp>

namespace flexcim {

void add_flow_analyze(CLI::App& flow);
void add_flow_select(CLI::App& flow);
void add_flow_prune(CLI::App& flow);
void add_flow_pack(CLI::App& flow);
void add_flow_eval(CLI::App& flow);
void add_flow_front(CLI::App& flow);

}  // namespace flexcim
