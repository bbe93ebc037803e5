#include "flow/model/config.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/base/mapped_file.h"
#include "flow/base/safetensors.h"

#include <filesystem>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr const char* kConfig = "config";

/// NAME.json of a model directory, or the metadata of that name of a packed file. A directory's config.json must be
/// there.
std::optional<ModelConfig> read_text(const std::string& path, const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    const std::string file = path + "/" + name + ".json";
    if (name != kConfig && !std::filesystem::exists(file, ignored)) return {};
    return ModelConfig(MappedFile(file).text(), file);
  }
  const SafetensorsFile file(path);
  const auto text = file.metadata().find(name);
  if (text == file.metadata().end()) return {};
  return ModelConfig(text->second, path + ": __metadata__: " + name);
}

}  // namespace

ModelConfig::ModelConfig(std::string_view text, const std::string& where)
    : where_(where), values_(parse_python_json(text, where)) {
  if (!values_.is_object()) throw InputError(where_ + ": is not a JSON object");
}

std::string ModelConfig::place(const std::string& key) const { return where_ + ": " + key; }

void ModelConfig::fail(const std::string& key, const std::string& problem) const {
  throw InputError(place(key) + " " + problem);
}

const nlohmann::json& ModelConfig::raw(const std::string& key) const {
  static const nlohmann::json missing;
  asked_.insert(key);
  const auto found = values_.find(key);
  return found == values_.end() ? missing : *found;
}

int ModelConfig::integer(const std::string& key, int low, int high, std::optional<int> otherwise) const {
  const nlohmann::json& value = raw(key);
  if (value.is_null()) {
    if (otherwise) return *otherwise;
    fail(key, "is missing");
  }
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT32_MAX) ||
      value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
    fail(key, fmt::format("is {}, not an integer of {} to {}", json_text(value), low, high));
  }
  return value.get<int>();
}

double ModelConfig::number(const std::string& key, double low, double high, std::optional<double> otherwise) const {
  const nlohmann::json& value = raw(key);
  if (value.is_null()) {
    if (otherwise) return *otherwise;
    fail(key, "is missing");
  }
  if (!value.is_number() || !(value.get<double>() >= low && value.get<double>() <= high)) {
    fail(key, fmt::format("is {}, not a number of {} to {}", json_text(value), low, high));
  }
  return value.get<double>();
}

bool ModelConfig::boolean(const std::string& key, bool otherwise) const {
  const nlohmann::json& value = raw(key);
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) fail(key, "is " + json_text(value) + ", not true or false");
  return value.get<bool>();
}

std::string ModelConfig::text(const std::string& key, const std::string& otherwise) const {
  const nlohmann::json& value = raw(key);
  if (value.is_null()) return otherwise;
  if (!value.is_string()) fail(key, "is " + json_text(value) + ", not a string");
  return value.get<std::string>();
}

void ModelConfig::require(const std::string& key, const nlohmann::json& value) const {
  const nlohmann::json& found = raw(key);
  if (found.is_null() || found == value) return;
  fail(key, fmt::format("is {}; only {} is supported", json_text(found), json_text(value)));
}

ModelConfig ModelConfig::object(const std::string& key) const {
  const nlohmann::json& value = raw(key);
  if (!value.is_object()) fail(key, "is " + json_text(value) + ", not an object");
  ModelConfig inner("{}", place(key));
  inner.values_ = value;
  return inner;
}

void ModelConfig::require_all_known(const std::set<std::string_view>& idle) const {
  for (const auto& item : values_.items()) {
    if (item.value().is_null() || asked_.count(item.key()) > 0 || idle.count(item.key()) > 0) continue;
    fail(item.key(), "is not known; take it out if it does not change what the model computes");
  }
}

ModelConfig read_config(const std::string& path) {
  std::optional<ModelConfig> config = read_text(path, kConfig);
  if (config) return *std::move(config);
  throw InputError(path + ": is neither a model directory nor a packed model (no \"config\" in __metadata__)");
}

std::optional<ModelConfig> read_generation_config(const std::string& path) {
  return read_text(path, "generation_config");
}

}  // namespace flexcim
