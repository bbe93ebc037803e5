// The types of values that the project's YAML files use.
#pragma once

#include "flow/base/pattern.h"
#include "platform/yaml/yaml_schema.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// The scalar of a node; notes a problem that says what was `expected` and returns nothing for a map or list, and for
/// quoted text where `plain` is asked for.
std::optional<std::string> scalar(YamlReader& reader, const std::string& path, const YAML::Node& node,
                                  const std::string& expected, bool plain);

/// Numbers in a unit may be written in another of its kind: `64 KiB` (units.h).
YamlType<int> whole(int low, int high, const std::string& unit = "");
YamlType<std::uint64_t> whole(std::uint64_t low, std::uint64_t high, const std::string& unit = "");
YamlType<int> power_of_two(int high, const std::string& unit = "");
/// A finite number in [low, high].
YamlType<double> real(double low, double high, const std::string& unit = "");
/// `true` or `false`; `on` and `off` mean the same.
YamlType<bool> flag();
/// Text that is not empty. A default of "" means that there is none.
YamlType<std::string> text(const std::string& what = "text");
/// "dense" or "N:M".
YamlType<Pattern> pattern_type();
/// A path, relative to the folder of the file it stands in; written as an absolute one.
YamlType<std::filesystem::path> path_type(const std::string& what);

/// An enumeration, where its type is not known.
struct ChoiceAccess {
  void (*set)(void* value, std::size_t number);  ///< to the enumerator of that number
  std::string (*word)(void* value);
};
/// One of `words`, whose enumerators have these numbers.
YamlValue choice_of_words(const std::vector<std::string>& words, const std::vector<std::size_t>& numbers,
                          ChoiceAccess access);
/// "one | or | other"
std::string alternatives(const std::vector<std::string>& words);

/// One of several words, each what to_string() gives for its value.
template <class E>
YamlType<E> choice(const std::vector<E>& values) {
  static_assert(std::is_enum_v<E>);
  std::vector<std::string> words;
  std::vector<std::size_t> numbers;
  for (E value : values) {
    words.emplace_back(to_string(value));
    numbers.push_back(static_cast<std::size_t>(value));
  }
  return typed<E>(
      alternatives(words), "",
      choice_of_words(words, numbers,
                      {[](void* value, std::size_t number) { *static_cast<E*>(value) = static_cast<E>(number); },
                       [](void* value) { return std::string(to_string(*static_cast<E*>(value))); }}));
}

/// What is done with a value that is there for this alone.
using WithValue = std::function<void(void* value)>;

/// A list, where the type of its entries is not known.
struct ListAccess {
  std::size_t (*size)(void* list);
  void* (*at)(void* list, std::size_t i);
  void (*clear)(void* list);
  void (*add)(void* list);                  ///< a default-constructed entry
  void (*initially)(const WithValue& use);  ///< with such an entry
};
YamlValue list_of_values(const std::string& type, const YamlValue& entry, ListAccess access);

/// A list whose entries are all of one type. An entry that is a map starts from a default-constructed V.
template <class V>
YamlType<std::vector<V>> list_of(const YamlType<V>& entry) {
  using List = std::vector<V>;
  const std::string type = "list of " + entry.type;
  return typed<List>(type, entry.unit,
                     list_of_values(type, entry.any(),
                                    {[](void* list) { return static_cast<List*>(list)->size(); },
                                     [](void* list, std::size_t i) -> void* { return &(*static_cast<List*>(list))[i]; },
                                     [](void* list) { static_cast<List*>(list)->clear(); },
                                     [](void* list) { static_cast<List*>(list)->emplace_back(); },
                                     [](const WithValue& use) {
                                       V initial{};
                                       use(&initial);
                                     }}));
}

/// A value that may be absent, where its type is not known.
struct OptionalAccess {
  void* (*held)(void* optional);                       ///< null: absent
  void (*set)(void* optional);                         ///< to a default-constructed value
  void (*copy)(void* optional, const WithValue& use);  ///< with a copy; where absent, with such a value
};
YamlValue optional_value(const YamlValue& inner, OptionalAccess access);

/// A value that may be absent.
template <class V>
YamlType<std::optional<V>> optional_of(const YamlType<V>& inner) {
  using Optional = std::optional<V>;
  return typed<Optional>(
      inner.type, inner.unit,
      optional_value(inner.any(), {[](void* optional) -> void* {
                                     Optional& value = *static_cast<Optional*>(optional);
                                     return value ? &*value : nullptr;
                                   },
                                   [](void* optional) { static_cast<Optional*>(optional)->emplace(); },
                                   [](void* optional, const WithValue& use) {
                                     V copy = static_cast<Optional*>(optional)->value_or(V{});
                                     use(&copy);
                                   }}));
}

/// What a map of these keys is.
template <class T>
JsonSchema json_of(const Schema<T>& schema) {
  T defaults{};
  return json_of_keys(schema.keys(), &defaults);
}

/// A nested map.
template <class T>
YamlType<T> map_of(const Schema<T>& schema) {
  return typed<T>("map", "", map_of_keys(schema.keys()));
}

}  // namespace flexcim
