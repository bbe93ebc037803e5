// The command line of FlexCiM-VP. Exit codes: 0 done and every comparison matched, 1 a comparison did not match, 2 bad
// input, 3 the simulation could not finish.
#include "flow/error.h"
#include "platform/cli/flow_commands.h"
#include "platform/cli/registers_command.h"
#include "platform/cli/run_commands.h"
#include "platform/config/scenario.h"
#include "platform/run/simulation_error.h"

#include <systemc>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

// The SystemC library has a main() of its own, which calls this; ours takes its place.
int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);  // the kernel would print a banner before the first table
  CLI::App app{"Virtual prototype of FLOW pruning and the FlexCiM accelerator (arXiv 2504.14365)", "flexcim"};
  app.set_version_flag("--version", "flexcim " FLEXCIM_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  int exit_code = 0;
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
    return exit_code;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const flexcim::InputError& error) {
    std::fprintf(stderr, "flexcim: %s\n", error.what());
    return 2;
  } catch (const flexcim::SimulationError& error) {
    std::fprintf(stderr, "flexcim: the simulation could not finish: %s\n", error.what());
    return 3;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "flexcim: internal error: %s\n", error.what());
    return 3;
  }
}
