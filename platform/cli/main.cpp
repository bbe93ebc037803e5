// The command line of FlexCiM-VP.
#include "platform/cli/exit_codes.h"
#include "platform/cli/flow_commands.h"
#include "platform/cli/registers_command.h"
#include "platform/cli/run_commands.h"
#include "platform/config/scenario.h"

#include <systemc>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

// The SystemC library has a main() of its own, which calls this; ours takes its place.
int sc_main(int, char**) { return 0; }

namespace {

int run(int argc, char** argv) {
  CLI::App app{"Virtual prototype of FLOW pruning and the FlexCiM accelerator (arXiv 2504.14365)", "flexcim"};
  app.set_version_flag("--version", "flexcim " FLEXCIM_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  int exit_code = flexcim::kDone;
  flexcim::add_run_commands(app, exit_code);
  flexcim::add_flow_commands(app);
  flexcim::add_registers_command(app);
  // For docs/scenarios.md, which a test compares with this.
  app.add_subcommand("keys", "Print the tables of all keys of scenarios")->group("")->callback([] {
    for (const flexcim::KeyTable& table : flexcim::scenario_key_tables()) {
      std::printf("%s\n\n%s\n", table.title.c_str(), table.markdown.c_str());
    }
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? flexcim::kDone : flexcim::kBadInput;
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
