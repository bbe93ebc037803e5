#include "platform/config/json_schemas.h"

#include "platform/config/data_files.h"
#include "platform/config/scenario_schema.h"
#include "platform/yaml/yaml_types.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace flexcim {
namespace {

struct File {
  const char* name;
  const char* title;
  JsonSchema (*json)();
};

/// What one that extends another lacks, that one may have.
JsonSchema scenario_file_json() {
  JsonSchema map = json_of(scenario_schema());
  require_only_if(map, {{"not", {{"required", {kExtends}}}}});
  return map;
}

constexpr std::array<File, 4> kFiles{{{"scenario", "FlexCiM-VP scenario", scenario_file_json},
                                      {"architecture", "FlexCiM-VP architecture", architecture_file_json},
                                      {"technology", "FlexCiM-VP technology", technology_file_json},
                                      {"dram", "FlexCiM-VP DRAM device", dram_file_json}}};

}  // namespace

std::vector<std::string> json_schema_names() {
  std::vector<std::string> names;
  names.reserve(kFiles.size());
  for (const File& file : kFiles) names.emplace_back(file.name);
  return names;
}

std::string json_schema_text(const std::string& name) {
  const auto* file = std::find_if(kFiles.begin(), kFiles.end(), [&](const File& each) { return each.name == name; });
  JsonSchema schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", file->title}};
  schema.update(file->json());
  return schema.dump(1, ' ') + "\n";
}

}  // namespace flexcim
