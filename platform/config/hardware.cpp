#include "platform/config/hardware.h"

#include "platform/config/data_files.h"
#include "platform/config/scenario.h"
#include "platform/yaml/yaml_file.h"

#include <filesystem>

namespace flexcim {
namespace {

/// Whether a file says what runs, or whose keys it takes.
bool is_scenario(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;
  const YAML::Node root = parse_map(file, read_text_file(file));
  return root["workload"].IsDefined() || root["extends"].IsDefined();
}

}  // namespace

Hardware load_hardware(const std::string& name) {
  if (is_scenario(name)) {
    Scenario scenario = load_scenario(name, {});
    return {std::move(scenario.architecture), std::move(scenario.technology), scenario.sequencing};
  }
  if (name.empty()) throw InputError("command line: architecture: is empty; expected a name or a path");
  YamlReader reader("command line", "technology: {}", {}, {{"architecture", name}});
  Hardware hardware;
  architecture_type().read(reader, "architecture", reader.root()["architecture"], hardware.architecture);
  technology_type().read(reader, "technology", reader.root()["technology"], hardware.technology);
  if (reader.good()) check_architecture(reader, "architecture", hardware.architecture);
  reader.finish();
  return hardware;
}

}  // namespace flexcim
