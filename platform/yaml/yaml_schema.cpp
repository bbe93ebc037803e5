#include "platform/yaml/yaml_schema.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

namespace flexcim {
namespace {

constexpr std::size_t kShortList = 20;  // keys that a message can list
constexpr const char* kRequired = "required";

const YamlKey* named(const std::vector<YamlKey>& keys, const std::string& name) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const YamlKey& key) { return key.doc.key == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::string unknown_key(const std::string& name, const std::vector<YamlKey>& keys) {
  if (name == "<<") return "merge keys are no part of YAML 1.2; write the keys here";
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const YamlKey& key : keys) names.push_back(key.doc.key);
  std::string text = fmt::format("unknown key; did you mean \"{}\"?", nearest(name, names));
  if (names.size() <= kShortList) text += fmt::format(" Valid keys: {}", fmt::join(names, ", "));
  return text;
}

/// What is said of a key whose default `owner` has.
KeyDoc documented(const YamlKey& key, void* owner) {
  KeyDoc doc = key.doc;
  if (key.required) {
    doc.initial = kRequired;
  } else if (doc.initial.empty() && !key.value.keys) {
    doc.initial = value_text({&key, owner});
  }
  return doc;
}

std::string escape_bars(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

}  // namespace

void add_key(std::vector<YamlKey>& keys, const KeyText& text, YamlValue value, std::function<void*(void* owner)> at) {
  keys.push_back(
      {{std::string(text.key), std::string(text.type), std::string(text.unit), "", std::string(text.description)},
       false,
       std::move(value),
       std::move(at)});
}

YamlValue map_of_keys(const std::vector<YamlKey>& keys) {
  const auto held = std::make_shared<const std::vector<YamlKey>>(keys);
  return {[held](YamlReader& reader, const std::string& path, const YAML::Node& node, void* owner) {
            read_keys(reader, path, node, *held, owner);
          },
          [held](YAML::Emitter& out, void* owner) { write_keys(out, *held, owner); },
          [held](void* owner) { return json_of_keys(*held, owner); },
          nullptr,
          [held](void* owner) { return document_keys(*held, owner); },
          [held](const std::string& path, void* owner) { return find_key(*held, owner, path); }};
}

void read_keys(YamlReader& reader, const std::string& path, const YAML::Node& node, const std::vector<YamlKey>& keys,
               void* owner) {
  reader.visit(path, node);
  if (!node.IsMap()) {
    reader.problem(path, node, "expected a map of keys and values");
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      reader.problem(path, entry.first, "a key must be a plain word");
      continue;
    }
    const std::string name = entry.first.Scalar();
    const std::string here = join_path(path, name);
    const YamlKey* key = named(keys, name);
    if (key == nullptr) {
      reader.problem(here, entry.first, unknown_key(name, keys));
    } else if (!seen.insert(name).second) {
      reader.problem(here, entry.first, "given twice");
    } else if (!entry.second.IsDefined() || entry.second.IsNull()) {
      reader.problem(here, entry.first, "has no value; expected " + key->doc.type);
    } else {
      reader.visit(here, entry.second);
      key->value.read(reader, here, entry.second, key->at(owner));
    }
  }
  for (const YamlKey& key : keys) {
    if (!key.required || reader.overlay() || seen.count(key.doc.key) != 0) continue;
    reader.problem(path, node, fmt::format("the key \"{}\" is missing: {}", key.doc.key, key.doc.description));
  }
}

void write_keys(YAML::Emitter& out, const std::vector<YamlKey>& keys, void* owner) {
  out << YAML::BeginMap;
  for (const YamlKey& key : keys) {
    if (key.value.present && !key.value.present(key.at(owner))) continue;
    out << YAML::Key << key.doc.key << YAML::Value;
    key.value.write(out, key.at(owner));
  }
  out << YAML::EndMap;
}

KeyPlace find_key(const std::vector<YamlKey>& keys, void* owner, const std::string& path) {
  const std::size_t dot = path.find('.');
  const std::string name = path.substr(0, dot);
  const YamlKey* key = named(keys, name);
  if (key == nullptr) throw InputError(fmt::format("\"{}\" is an {}", name, unknown_key(name, keys)));
  if (dot == std::string::npos) return {key, owner};
  if (!key->value.find) throw InputError(fmt::format("\"{}\" is a {}, it has no keys", name, key->doc.type));
  return key->value.find(path.substr(dot + 1), key->at(owner));
}

std::string value_text(const KeyPlace& place) {
  const YamlValue& value = place.key->value;
  void* const at = place.key->at(place.owner);
  if (value.present && !value.present(at)) return "";
  YAML::Emitter out;
  out.SetSeqFormat(YAML::Flow);
  out.SetMapFormat(YAML::Flow);
  value.write(out, at);
  return out.c_str();
}

std::vector<KeyDoc> document_keys(const std::vector<YamlKey>& keys, void* owner) {
  std::vector<KeyDoc> rows;
  for (const YamlKey& key : keys) {
    rows.push_back(documented(key, owner));
    if (!key.value.keys) continue;
    for (KeyDoc row : key.value.keys(key.at(owner))) {
      row.key = key.doc.key + "." + row.key;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

YamlKey key_elsewhere(KeyDoc doc, const std::string& written, const JsonSchema& json) {
  YamlKey key;
  key.doc = std::move(doc);
  key.value.read = [](YamlReader&, const std::string&, const YAML::Node&, void*) {};
  key.value.present = [shown = !written.empty()](void*) { return shown; };
  key.value.write = [written](YAML::Emitter& out, void*) { out << written; };
  key.value.json = [json](void*) { return json; };
  key.at = [](void* owner) { return owner; };
  return key;
}

JsonSchema json_of_keys(const std::vector<YamlKey>& keys, void* owner) {
  JsonSchema map{{"type", "object"}, {"properties", JsonSchema::object()}, {"additionalProperties", false}};
  for (const YamlKey& key : keys) {
    const KeyDoc doc = documented(key, owner);
    JsonSchema value = key.value.json(key.at(owner));
    value["description"] = fmt::format("{}; {}{}{}", doc.description, doc.type, doc.unit.empty() ? "" : ", ", doc.unit);
    if (doc.initial == kRequired) {
      map["required"].push_back(doc.key);
    } else if (!doc.initial.empty()) {
      value["default"] = json_of_yaml(doc.initial);
    }
    map["properties"][doc.key] = std::move(value);
  }
  return map;
}

std::string markdown_table(const std::vector<KeyDoc>& keys) {
  std::string table = "| key | type | unit | default | meaning |\n|---|---|---|---|---|\n";
  for (const KeyDoc& row : keys) {
    table += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.key, escape_bars(row.type), row.unit,
                         row.initial.empty() || row.initial == kRequired ? row.initial : "`" + row.initial + "`",
                         escape_bars(row.description));
  }
  return table;
}

}  // namespace flexcim
