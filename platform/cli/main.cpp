// The command line of FlexCiM-VP.
#include "platform/cli/exit_codes.h"
#include "platform/cli/flow_commands.h"
#include "platform/cli/keys_command.h"
#include "platform/cli/registers_command.h"
#include "platform/cli/report_command.h"
#include "platform/cli/run_commands.h"
#include "platform/cli/sweep_command.h"
#include "platform/cli/tech_command.h"
#include "platform/cli/verilog_command.h"

#include <systemc>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

// The SystemC library has a main() of its own, which calls this; ours takes its place.
int sc_main(int, char**) { return 0; }

namespace {

/// "flexcim flow prune": as far as the command line has come.
std::string command_words(const CLI::App& app) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return app.get_name() + (parsed.empty() ? "" : " " + command_words(*parsed.front()));
}

int run(int argc, char** argv) {
  CLI::App app{"Virtual prototype of FLOW pruning and the FlexCiM accelerator (arXiv 2504.14365)", "flexcim"};
  app.set_version_flag("--version", "flexcim " FLEXCIM_VERSION);
  app.require_subcommand(1);
  int exit_code = flexcim::kDone;
  flexcim::add_run_commands(app, exit_code);
  flexcim::add_sweep_command(app);
  flexcim::add_report_command(app);
  flexcim::add_flow_commands(app);
  flexcim::add_registers_command(app);
  flexcim::add_tech_command(app);
  flexcim::add_verilog_command(app, exit_code);
  flexcim::add_keys_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      app.exit(error);
    } else {
      // A word that is not known explains more than one that is missing because of it.
      const std::vector<std::string> unknown = app.remaining(true);
      const std::string what = unknown.empty() ? error.what() : "\"" + unknown.front() + "\" is not expected here";
      std::fprintf(stderr, "flexcim: %s (%s --help tells what there is)\n", what.c_str(), command_words(app).c_str());
      exit_code = flexcim::kBadInput;
    }
  }
  flexcim::require_printed();
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);  // the kernel would print a banner before the first table
  try {
    flexcim::prepare_for_failures();
    return run(argc, argv);
  } catch (...) {
    return flexcim::report_failure(std::current_exception(), stderr);
  }
}
