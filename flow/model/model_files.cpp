#include "flow/model/model_files.h"

#include "flow/base/json_input.h"

#include <filesystem>
#include <set>

namespace flexcim {
namespace {

constexpr const char* kIndex = "model.safetensors.index.json";

}  // namespace

std::vector<std::string> model_files(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return {path};
  std::set<std::string> names{
      "config.json",     "generation_config.json", "model.safetensors", kIndex,       "tokenizer.json",
      "tokenizer.model", "tokenizer_config.json",  "added_tokens.json", "vocab.json", "merges.txt"};
  if (std::filesystem::exists(path + "/" + kIndex, ignored)) {
    const nlohmann::json index = read_json(path + "/" + kIndex);
    const auto map = index.is_object() ? index.find("weight_map") : index.end();
    if (map != index.end() && map->is_object()) {
      for (const nlohmann::json& shard : *map) {
        if (shard.is_string()) names.insert(shard.get<std::string>());
      }
    }
  }
  std::vector<std::string> files;
  for (const std::string& name : names) {
    const std::filesystem::path file = std::filesystem::path(path) / name;
    if (std::filesystem::exists(file, ignored)) files.push_back(file.string());
  }
  return files;
}

}  // namespace flexcim
