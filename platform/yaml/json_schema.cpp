#include "platform/yaml/json_schema.h"

#include "platform/yaml/units.h"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>
#include <yaml-cpp/yaml.h>

namespace flexcim {
namespace {

/// A number, or text with one and a unit of the kind.
JsonSchema in_units(JsonSchema number, const std::string& unit) {
  if (unit.empty()) return number;
  return json_any_of(
      {std::move(number), json_matching(fmt::format("-?[0-9]+(\\.[0-9]+)? ?({})", fmt::join(units_like(unit), "|")))});
}

/// The required keys of a map and of maps in it, taken out of it: a schema of them alone, empty without.
JsonSchema take_required(JsonSchema& map) {
  JsonSchema needs = JsonSchema::object();
  if (const auto required = map.find("required"); required != map.end()) {
    needs["required"] = *required;
    map.erase("required");
  }
  if (map.contains("properties")) {
    for (const auto& [key, property] : map["properties"].items()) {
      JsonSchema inner = take_required(property);
      if (!inner.empty()) needs["properties"][key] = std::move(inner);
    }
  }
  if (map.contains("allOf")) {
    for (JsonSchema& branch : map["allOf"]) {
      JsonSchema inner = take_required(branch["then"]);
      if (!inner.empty()) needs["allOf"].push_back({{"if", branch["if"]}, {"then", std::move(inner)}});
    }
  }
  return needs;
}

JsonSchema json_of(const YAML::Node& node) {
  if (node.IsSequence()) {
    JsonSchema list = JsonSchema::array();
    for (const YAML::Node& entry : node) list.push_back(json_of(entry));
    return list;
  }
  if (node.IsMap()) {
    JsonSchema map = JsonSchema::object();
    for (const auto& entry : node) map[entry.first.Scalar()] = json_of(entry.second);
    return map;
  }
  const bool quoted = node.Tag() == "!";
  return !quoted && JsonSchema::accept(node.Scalar()) ? JsonSchema::parse(node.Scalar()) : JsonSchema(node.Scalar());
}

}  // namespace

JsonSchema json_word() { return {{"type", {"string", "number", "boolean"}}, {"minLength", 1}}; }

JsonSchema json_words(const std::vector<std::string>& words) { return {{"enum", words}}; }

JsonSchema json_matching(const std::string& expression) {
  return {{"type", "string"}, {"pattern", "^(" + expression + ")$"}};
}

JsonSchema json_number(double low, double high, const std::string& unit) {
  JsonSchema number{{"type", "number"}, {"minimum", low}};
  if (!std::isinf(high)) number["maximum"] = high;
  return in_units(std::move(number), unit);
}

JsonSchema json_whole(std::uint64_t low, std::uint64_t high, const std::string& unit) {
  return in_units({{"type", "integer"}, {"minimum", low}, {"maximum", high}}, unit);
}

JsonSchema json_power_of_two(int high, const std::string& unit) {
  std::vector<int> powers;
  for (int power = 1; power <= high; power *= 2) powers.push_back(power);
  return in_units({{"enum", powers}}, unit);
}

JsonSchema json_list(JsonSchema entry, int least) {
  JsonSchema list{{"type", "array"}, {"items", std::move(entry)}};
  if (least > 0) list["minItems"] = least;
  return list;
}

JsonSchema json_any_of(const std::vector<JsonSchema>& schemas) { return {{"anyOf", schemas}}; }

JsonSchema json_or_word(JsonSchema map) {
  // Keywords of maps say nothing of text, and the other way round.
  map["type"] = {"object", "string", "number", "boolean"};
  map["minLength"] = 1;
  return map;
}

JsonSchema json_by_kind(const std::vector<std::pair<std::string, JsonSchema>>& kinds, const std::string& description) {
  std::vector<std::string> names;
  JsonSchema branches = JsonSchema::array();
  for (const auto& [name, map] : kinds) {
    names.push_back(name);
    branches.push_back(
        {{"if", {{"properties", {{"kind", {{"const", name}}}}}, {"required", {"kind"}}}}, {"then", map}});
  }
  JsonSchema kind = json_words(names);
  kind["description"] = description;
  return {{"type", "object"}, {"properties", {{"kind", kind}}}, {"required", {"kind"}}, {"allOf", branches}};
}

void require_only_if(JsonSchema& map, const JsonSchema& condition) {
  JsonSchema needs = take_required(map);
  if (needs.empty()) return;
  map["if"] = condition;
  map["then"] = std::move(needs);
}

JsonSchema json_of_yaml(const std::string& yaml) { return json_of(YAML::Load(yaml)); }

}  // namespace flexcim
