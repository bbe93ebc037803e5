#include "platform/cli/flow_commands.h"

#include "platform/cli/flow_subcommands.h"

namespace flexcim {

void add_flow_commands(CLI::App& app) {
  CLI::App* flow = app.add_subcommand("flow", "FLOW: choose N:M per layer, prune, quantize, pack, evaluate");
  flow->require_subcommand(1);
  add_flow_prune(*flow);
  add_flow_analyze(*flow);
  add_flow_select(*flow);
  add_flow_pack(*flow);
  add_flow_eval(*flow);
  add_flow_front(*flow);
}

}  // namespace flexcim
