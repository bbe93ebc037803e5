// A declarative schema over YAML: every key once, with type, range, unit, default and description. From the one
// declaration come reading with checks, writing back, the documentation table, and JSON Schema.
#pragma once

#include "platform/yaml/json_schema.h"
#include "platform/yaml/yaml_reader.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flexcim {

/// A row of the documentation table.
struct KeyDoc {
  std::string key;      ///< full path, e.g. "buffers.activation.bytes"
  std::string type;     ///< "whole number 1…16"
  std::string unit;     ///< "bytes", empty without
  std::string initial;  ///< default as YAML; "required" for a required key
  std::string description;
};

struct YamlKey;

/// A key, and the struct that holds its value.
struct KeyPlace {
  const YamlKey* key;  ///< lives as long as the schema
  void* owner;
};

/// How a value of type V is written in YAML.
template <class V>
struct YamlType {
  std::string type;  ///< for messages and the table
  std::string unit;
  /// Overwrites `value`, or notes problems and leaves it. A map overwrites only the keys that it has.
  std::function<void(YamlReader&, const std::string& path, const YAML::Node&, V& value)> read;
  std::function<void(YAML::Emitter&, V& value)> write;
  /// What may stand there; `value` has the defaults of a map's keys.
  std::function<JsonSchema(V& value)> json;
  std::function<bool(V& value)> present = nullptr;  ///< whether there is anything to write; always where empty
  /// The keys of a map whose defaults are `value`, relative to it; empty for other types.
  std::function<std::vector<KeyDoc>(V& value)> keys = nullptr;
  /// The key at a path below `value`, as find_key(); empty for a type without keys.
  std::function<KeyPlace(V& value, const std::string& path)> find = nullptr;
};

/// A YamlType whose value has no type: what a schema does with it is compiled once, and not for every key.
struct YamlValue {
  std::function<void(YamlReader&, const std::string& path, const YAML::Node&, void* value)> read;
  std::function<void(YAML::Emitter&, void* value)> write;
  std::function<JsonSchema(void* value)> json;
  std::function<bool(void* value)> present;
  std::function<std::vector<KeyDoc>(void* value)> keys;
  std::function<KeyPlace(void* value, const std::string& path)> find;
};

template <class V>
YamlValue erased(YamlType<V> type) {
  const auto held = std::make_shared<const YamlType<V>>(std::move(type));
  YamlValue value;
  value.read = [held](YamlReader& reader, const std::string& path, const YAML::Node& node, void* at) {
    held->read(reader, path, node, *static_cast<V*>(at));
  };
  value.write = [held](YAML::Emitter& out, void* at) { held->write(out, *static_cast<V*>(at)); };
  value.json = [held](void* at) { return held->json(*static_cast<V*>(at)); };
  if (held->present) value.present = [held](void* at) { return held->present(*static_cast<V*>(at)); };
  if (held->keys) value.keys = [held](void* at) { return held->keys(*static_cast<V*>(at)); };
  if (held->find) {
    value.find = [held](void* at, const std::string& path) { return held->find(*static_cast<V*>(at), path); };
  }
  return value;
}

/// A key of a struct, `owner` in what follows: its value lies at `at(owner)`.
struct YamlKey {
  KeyDoc doc;
  bool required = false;
  YamlValue value;
  std::function<void*(void* owner)> at;
};

/// Reads every key of a map: unknown, repeated, empty and missing keys are problems.
void read_keys(YamlReader& reader, const std::string& path, const YAML::Node& node, const std::vector<YamlKey>& keys,
               void* owner);
void write_keys(YAML::Emitter& out, const std::vector<YamlKey>& keys, void* owner);
/// The keys and those of nested maps, with the values of `owner` as defaults.
std::vector<KeyDoc> document_keys(const std::vector<YamlKey>& keys, void* owner);
/// A key that other code reads: here it is allowed, documented, and written as `written` unless that is empty.
YamlKey key_elsewhere(KeyDoc doc, const std::string& written, const JsonSchema& json);
/// A map of the keys, each with its description and the value of `owner` as default.
JsonSchema json_of_keys(const std::vector<YamlKey>& keys, void* owner);

/// The key at `path` ("buffers.weight.bytes") of the struct `owner`. Entries of lists are numbers from 0. Throws
/// InputError, with the nearest key, for a path that leads nowhere.
KeyPlace find_key(const std::vector<YamlKey>& keys, void* owner, const std::string& path);
/// Its value on one line of YAML; empty where there is none.
std::string value_text(const KeyPlace& place);

/// The keys of a struct T. Defaults are those of a default-constructed T.
template <class T>
class Schema {
 public:
  /// `field` is a pointer to a member of T, or a function from T& to V&.
  template <class V, class Field>
  Schema& key(std::string name, Field field, YamlType<V> type, std::string description) {
    keys_.push_back({{std::move(name), type.type, type.unit, "", std::move(description)},
                     false,
                     erased(std::move(type)),
                     [field](void* owner) -> void* { return &std::invoke(field, *static_cast<T*>(owner)); }});
    return *this;
  }

  /// key_elsewhere().
  Schema& elsewhere(std::string name, std::string type, std::string initial, const std::string& written,
                    std::string description, const JsonSchema& json) {
    keys_.push_back(key_elsewhere({std::move(name), std::move(type), "", std::move(initial), std::move(description)},
                                  written, json));
    return *this;
  }

  /// Makes the key declared last a required one.
  Schema& required() {
    keys_.back().required = true;
    return *this;
  }

  /// What the table shows as the default of the key declared last, in place of its full value.
  Schema& initially(std::string text) {
    keys_.back().doc.initial = std::move(text);
    return *this;
  }

  /// Overwrites in `target` what `node` has.
  void read(YamlReader& reader, const std::string& path, const YAML::Node& node, T& target) const {
    read_keys(reader, path, node, keys_, &target);
  }
  void write(YAML::Emitter& out, T& source) const { write_keys(out, keys_, &source); }
  KeyPlace find(T& owner, const std::string& path) const { return find_key(keys_, &owner, path); }
  std::vector<KeyDoc> document(T& defaults) const { return document_keys(keys_, &defaults); }
  std::vector<KeyDoc> document() const {
    T defaults{};
    return document(defaults);
  }
  const std::vector<YamlKey>& keys() const { return keys_; }

 private:
  std::vector<YamlKey> keys_;
};

/// The table of a schema in markdown: key, type, unit, default, meaning.
std::string markdown_table(const std::vector<KeyDoc>& keys);

}  // namespace flexcim
