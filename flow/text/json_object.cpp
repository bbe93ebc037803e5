#include "flow/text/json_object.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"

#include <cstdint>
#include <utility>

namespace flexcim {

JsonObject::JsonObject(const nlohmann::json& json, std::string where) : json_(json), where_(std::move(where)) {
  if (!json_.is_object()) throw InputError(where_ + ": is not a JSON object");
}

const nlohmann::json* JsonObject::find(const std::string& key) {
  known_.insert(key);
  const auto found = json_.find(key);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json& JsonObject::value(const std::string& key) {
  const nlohmann::json* found = find(key);
  if (found == nullptr) fail(key, "is missing");
  return *found;
}

std::string JsonObject::text(const std::string& key) {
  const nlohmann::json& found = value(key);
  if (!found.is_string()) fail(key, "is no text");
  return found.get<std::string>();
}

std::string JsonObject::text(const std::string& key, const char* fallback) {
  return has(key) ? text(key) : std::string(fallback);
}

bool JsonObject::flag(const std::string& key, bool fallback) {
  const nlohmann::json* found = find(key);
  if (found == nullptr) return fallback;
  if (!found->is_boolean()) fail(key, "is neither true nor false");
  return found->get<bool>();
}

int JsonObject::id(const std::string& key) { return token_id(value(key), where_ + ": " + key); }

JsonObject JsonObject::object(const std::string& key) { return {value(key), where_ + ": " + key}; }

std::vector<JsonObject> JsonObject::list(const std::string& key) {
  const nlohmann::json& found = value(key);
  if (!found.is_array()) fail(key, "is no list");
  std::vector<JsonObject> objects;
  for (std::size_t i = 0; i < found.size(); ++i) {
    objects.emplace_back(found[i], where_ + ": " + key + "[" + std::to_string(i) + "]");
  }
  return objects;
}

void JsonObject::require_off(const std::string& key) {
  const nlohmann::json* found = find(key);
  if (found == nullptr || *found == false || *found == 0) return;
  if (found->is_string() && found->get_ref<const std::string&>().empty()) return;
  fail(key, "is " + json_text(*found) + ", which is not supported");
}

void JsonObject::ignore(const std::vector<std::string>& keys) { known_.insert(keys.begin(), keys.end()); }

void JsonObject::finish() const {
  for (const auto& item : json_.items()) {
    if (known_.count(item.key()) == 0 && !item.value().is_null()) fail(item.key(), "is a key that is not supported");
  }
}

void JsonObject::fail(const std::string& key, const std::string& problem) const {
  throw InputError(where_ + ": " + key + " " + problem);
}

void JsonObject::refuse(const std::string& key, const std::string& supported) const {
  fail(key, "is " + json_text(json_.at(key)) + "; supported: " + supported);
}

int token_id(const nlohmann::json& value, const std::string& where) {
  if (!value.is_number_integer() || value < 0 || value >= INT32_MAX) {
    throw InputError(where + " is " + json_text(value) + ", no token id");
  }
  return value.get<int>();
}

}  // namespace flexcim
