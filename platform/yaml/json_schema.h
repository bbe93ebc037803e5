// JSON Schema (draft 2020-12): what editors complete and validators check. The types of yaml_types.h make theirs of
// these. What a schema refuses flexcim refuses; what only several keys together show, flexcim alone finds.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace flexcim {

using JsonSchema = nlohmann::ordered_json;

/// Any plain value but none, and no empty text: YAML's numbers and booleans are names, too.
JsonSchema json_word();
/// One of these.
JsonSchema json_words(const std::vector<std::string>& words);
/// Text that a regular expression matches as a whole.
JsonSchema json_matching(const std::string& expression);
/// A number in [low, high], of which an infinite one is no bound. With a unit also text: a number and one of its kind.
JsonSchema json_number(double low, double high, const std::string& unit);
JsonSchema json_whole(std::uint64_t low, std::uint64_t high, const std::string& unit);
JsonSchema json_power_of_two(int high, const std::string& unit);
JsonSchema json_list(JsonSchema entry, int least = 0);
JsonSchema json_any_of(const std::vector<JsonSchema>& schemas);
/// `map`, or a plain value in its place.
JsonSchema json_or_word(JsonSchema map);

/// A map whose key `kind` says which of these maps it is. `kinds`: name and map, with the key `kind` in it.
JsonSchema json_by_kind(const std::vector<std::pair<std::string, JsonSchema>>& kinds, const std::string& description);

/// The keys that `map` requires, and those that maps in it do, are required only where `condition` holds, a schema of
/// the whole map. Entries of lists keep theirs.
void require_only_if(JsonSchema& map, const JsonSchema& condition);

/// A value as it stands in YAML.
JsonSchema json_of_yaml(const std::string& yaml);

}  // namespace flexcim
