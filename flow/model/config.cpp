#include "flow/model/config.h"

#include "flow/error.h"
#include "flow/json_input.h"

#include <cmath>
#include <fmt/format.h>

namespace flexcim {

ModelConfig::ModelConfig(std::string_view text, const std::string& where)
    : where_(where), values_(parse_json(text, where)) {
  if (!values_.is_object()) throw InputError(where_ + ": is not a JSON object");
}

void ModelConfig::fail(const std::string& key, const std::string& problem) const {
  throw InputError(where_ + ": " + key + " " + problem);
}

const nlohmann::json& ModelConfig::raw(const std::string& key) const {
  static const nlohmann::json missing;
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
    fail(key, fmt::format("is {}, not an integer of {} to {}", value.dump(), low, high));
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
    fail(key, fmt::format("is {}, not a number of {} to {}", value.dump(), low, high));
  }
  return value.get<double>();
}

bool ModelConfig::boolean(const std::string& key, bool otherwise) const {
  const nlohmann::json& value = raw(key);
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) fail(key, "is " + value.dump() + ", not true or false");
  return value.get<bool>();
}

std::string ModelConfig::text(const std::string& key, const std::string& otherwise) const {
  const nlohmann::json& value = raw(key);
  if (value.is_null()) return otherwise;
  if (!value.is_string()) fail(key, "is " + value.dump() + ", not a string");
  return value.get<std::string>();
}

void ModelConfig::require_flag(const std::string& key, bool value) const {
  if (boolean(key, value) != value) fail(key, fmt::format("is {}, which is not supported", !value));
}

void ModelConfig::require_text(const std::string& key, const std::string& value) const {
  const std::string found = text(key, value);
  if (found != value) fail(key, fmt::format("is \"{}\"; only \"{}\" is supported", found, value));
}

}  // namespace flexcim
