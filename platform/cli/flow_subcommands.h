// One function per flow subcommand, each in a file of its own.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace flexcim {

void add_flow_analyze(CLI::App& flow);
void add_flow_select(CLI::App& flow);
void add_flow_prune(CLI::App& flow);
void add_flow_pack(CLI::App& flow);
void add_flow_eval(CLI::App& flow);

/// Writes a text file. Throws InputError naming it.
void write_text(const std::string& path, const std::string& text);

/// Throws InputError naming the path where its folder is not there, or it is there and no regular file: to be called
/// before long work.
void require_writable_folder(const std::string& path);

}  // namespace flexcim
