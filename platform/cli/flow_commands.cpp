#include "platform/cli/flow_commands.h"

#include "flow/error.h"
#include "platform/cli/flow_subcommands.h"

#include <filesystem>
#include <fstream>

namespace flexcim {

void add_flow_commands(CLI::App& app) {
  CLI::App* flow = app.add_subcommand("flow", "FLOW: choose N:M per layer, prune, quantize, pack, evaluate");
  flow->require_subcommand(1);
  add_flow_prune(*flow);
  add_flow_analyze(*flow);
  add_flow_select(*flow);
  add_flow_pack(*flow);
  add_flow_eval(*flow);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw InputError(path + ": cannot be written");
}

void require_writable_folder(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder)) {
    throw InputError(path + ": there is no folder " + folder.string());
  }
  if (std::filesystem::is_directory(path)) throw InputError(path + ": is a folder");
  // The finished file is renamed to its name: that would put it in the place of a device.
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) {
    throw InputError(path + ": is there and is not a regular file");
  }
}

}  // namespace flexcim
