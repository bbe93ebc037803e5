// A declarative schema over YAML: every key once, with type, range, unit, default and description. From the one
// declaration come reading with checks, writing back, the documentation table, and JSON Schema.
#pragma once

#include "platform/yaml/json_schema.h"
#include "platform/yaml/yaml_reader.h"

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
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

/// A function of a value of any type, which lies at `value`.
template <class Result, class... Before>
using OfAnyValue = std::function<Result(Before..., void* value)>;

/// The same of a value of type V. It is kept without its type: what is done with it is compiled once, and not for every
/// V.
template <class V, class Result, class... Before>
class OfValue {
 public:
  OfValue(std::nullptr_t) {}
  OfValue(OfAnyValue<Result, Before...> any) : any_(std::move(any)) {}
  template <class Typed, class = std::enable_if_t<std::is_invocable_v<const Typed&, Before..., V&>>>
  OfValue(Typed typed)
      : any_([typed = std::move(typed)](Before... before, void* value) -> Result {
          return typed(std::forward<Before>(before)..., *static_cast<V*>(value));
        }) {}

  Result operator()(Before... before, V& value) const { return any_(std::forward<Before>(before)..., &value); }
  explicit operator bool() const { return static_cast<bool>(any_); }
  const OfAnyValue<Result, Before...>& any() const { return any_; }

 private:
  OfAnyValue<Result, Before...> any_;
};

/// What a YamlType does, without the type.
struct YamlValue {
  OfAnyValue<void, YamlReader&, const std::string& /*path*/, const YAML::Node&> read;
  OfAnyValue<void, YAML::Emitter&> write;
  OfAnyValue<JsonSchema> json;
  OfAnyValue<bool> present;
  OfAnyValue<std::vector<KeyDoc>> keys;
  OfAnyValue<KeyPlace, const std::string& /*path*/> find;
};

/// How a value of type V is written in YAML.
template <class V>
struct YamlType {
  std::string type;  ///< for messages and the table
  std::string unit;
  /// Overwrites the value, or notes problems and leaves it. A map overwrites only the keys that it has.
  OfValue<V, void, YamlReader&, const std::string& /*path*/, const YAML::Node&> read = nullptr;
  OfValue<V, void, YAML::Emitter&> write = nullptr;
  /// What may stand there; the value has the defaults of a map's keys.
  OfValue<V, JsonSchema> json = nullptr;
  OfValue<V, bool> present = nullptr;  ///< whether there is anything to write; always where empty
  /// The keys of a map whose defaults are the value, relative to it; empty for other types.
  OfValue<V, std::vector<KeyDoc>> keys = nullptr;
  /// The key at a path below the value, as find_key(); empty for a type without keys.
  OfValue<V, KeyPlace, const std::string& /*path*/> find = nullptr;

  YamlValue any() const { return {read.any(), write.any(), json.any(), present.any(), keys.any(), find.any()}; }
};

/// That of values with which `value` does what is to be done.
template <class V>
YamlType<V> typed(std::string type, std::string unit, const YamlValue& value) {
  return {std::move(type), std::move(unit), value.read, value.write, value.json, value.present, value.keys, value.find};
}

/// A key of a struct, `owner` in what follows: its value lies at `at(owner)`.
struct YamlKey {
  KeyDoc doc;
  bool required = false;
  YamlValue value;
  std::function<void*(void* owner)> at;
};

/// What is said of a key where it is declared.
struct KeyText {
  std::string_view key, type, unit, description;
};
void add_key(std::vector<YamlKey>& keys, const KeyText& text, YamlValue value, std::function<void*(void* owner)> at);

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
/// A map of the keys as a value.
YamlValue map_of_keys(const std::vector<YamlKey>& keys);

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
  Schema& key(std::string_view name, Field field, const YamlType<V>& type, std::string_view description) {
    add_key(keys_, {name, type.type, type.unit, description}, type.any(),
            [field](void* owner) -> void* { return &std::invoke(field, *static_cast<T*>(owner)); });
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
