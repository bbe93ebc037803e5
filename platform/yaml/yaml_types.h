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

/// Which of `words` stands at a node; notes a problem and returns nothing for another.
std::optional<std::size_t> chosen(YamlReader& reader, const std::string& path, const YAML::Node& node,
                                  const std::vector<std::string>& words);
/// "one | or | other"
std::string alternatives(const std::vector<std::string>& words);

/// One of several words, each what to_string() gives for its value.
template <class E>
YamlType<E> choice(const std::vector<E>& values) {
  std::vector<std::string> words;
  words.reserve(values.size());
  for (E value : values) words.emplace_back(to_string(value));
  return {alternatives(words), "",
          [values, words](YamlReader& reader, const std::string& path, const YAML::Node& node, E& target) {
            if (const auto found = chosen(reader, path, node, words)) target = values[*found];
          },
          [](YAML::Emitter& out, E& value) { out << std::string(to_string(value)); },
          [words](E&) { return json_words(words); }};
}

/// A list whose entries are all of one type. An entry that is a map starts from a default-constructed V.
template <class V>
YamlType<std::vector<V>> list_of(const YamlType<V>& entry) {
  YamlType<std::vector<V>> list;
  list.type = "list of " + entry.type;
  list.unit = entry.unit;
  if (entry.keys) {
    list.keys = [keys = entry.keys](std::vector<V>&) {
      V initial{};
      std::vector<KeyDoc> rows = keys(initial);
      for (KeyDoc& row : rows) row.key = "N." + row.key;
      return rows;
    };
  }
  if (entry.find) {
    list.find = [find = entry.find](const std::string& path, std::vector<V>& values) {
      const std::size_t dot = path.find('.');
      if (dot == std::string::npos) throw InputError("\"" + path + "\" is a map in a list, it has keys");
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (path.compare(0, dot, std::to_string(i)) == 0) return find(path.substr(dot + 1), values[i]);
      }
      throw InputError(
          fmt::format("\"{}\" is no entry of that list, which has {}", path.substr(0, dot), values.size()));
    };
  }
  list.read = [read = entry.read, type = list.type](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                                    std::vector<V>& target) {
    if (!node.IsSequence()) return reader.problem(path, node, "expected a " + type);
    target.clear();
    const bool overlay = reader.overlay();
    reader.set_overlay(false);  // a list is given whole, also where it replaces another
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string here = join_path(path, std::to_string(i));
      reader.visit(here, node[i]);
      target.emplace_back();
      read(reader, here, node[i], target.back());
    }
    reader.set_overlay(overlay);
  };
  list.write = [write = entry.write](YAML::Emitter& out, std::vector<V>& values) {
    out << YAML::BeginSeq;
    for (V& value : values) write(out, value);
    out << YAML::EndSeq;
  };
  list.json = [json = entry.json](std::vector<V>&) {
    V initial{};
    return json_list(json(initial));
  };
  return list;
}

/// A value that may be absent.
template <class V>
YamlType<std::optional<V>> optional_of(const YamlType<V>& inner) {
  YamlType<std::optional<V>> type;
  type.type = inner.type;
  type.unit = inner.unit;
  if (inner.keys) {
    type.keys = [keys = inner.keys](std::optional<V>& value) {
      V initial = value.value_or(V{});
      return keys(initial);
    };
  }
  if (inner.find) {
    type.find = [find = inner.find](const std::string& path, std::optional<V>& value) {
      if (!value) throw InputError("there is no \"" + path + "\" here");
      return find(path, *value);
    };
  }
  type.read = [read = inner.read](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                  std::optional<V>& target) {
    if (!target) target.emplace();
    read(reader, path, node, *target);
  };
  type.write = [write = inner.write](YAML::Emitter& out, std::optional<V>& value) { write(out, *value); };
  type.present = [](std::optional<V>& value) { return value.has_value(); };
  type.json = [json = inner.json](std::optional<V>& value) {
    V initial = value.value_or(V{});
    return json(initial);
  };
  return type;
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
  const YamlValue map = map_of_keys(schema.keys());
  return {"map", "", map.read, map.write, map.json, map.present, map.keys, map.find};
}

}  // namespace flexcim
