#include "platform/yaml/yaml_types.h"

#include "flow/base/error.h"
#include "platform/yaml/number.h"
#include "platform/yaml/units.h"

#include <utility>

namespace flexcim {
namespace {

/// A number in `unit`: `parse` makes it of digits, `expected` and `json` say which it may be.
template <class V, class Parse, class Json>
YamlType<V> number(const std::string& expected, const std::string& unit, const Parse& parse, const Json& json) {
  return {expected, unit,
          [=](YamlReader& reader, const std::string& path, const YAML::Node& node, V& target) {
            const bool converted = !unit.empty() && node.IsScalar() && has_unit(node.Scalar());
            const auto word = scalar(reader, path, node, expected, !converted);
            if (!word) return;
            try {
              target = parse(converted ? in_unit(*word, unit) : *word);
            } catch (const InputError& error) {
              reader.problem(path, node, (converted ? "\"" + *word + "\": " : "") + error.what());
            }
          },
          [](YAML::Emitter& out, V& value) { out << fmt::format("{}", value); }, [json](V&) { return json(); }};
}

template <class V>
YamlType<V> whole_between(V low, V high, const std::string& unit) {
  return number<V>(
      "whole number " + range_text(low, high), unit,
      [=](const std::string& word) { return parse_whole(word, low, high); },
      [=] { return json_whole(static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high), unit); });
}

}  // namespace

std::optional<std::string> scalar(YamlReader& reader, const std::string& path, const YAML::Node& node,
                                  const std::string& expected, bool plain) {
  if (node.IsSequence() || node.IsMap()) {
    reader.problem(path, node, fmt::format("expected a {}, not a {}", expected, node.IsMap() ? "map" : "list"));
    return std::nullopt;
  }
  if (!node.IsScalar()) {
    reader.problem(path, node, "has no value; expected a " + expected);
    return std::nullopt;
  }
  if (plain && node.Tag() == "!") {  // yaml-cpp's tag of quoted text
    reader.problem(path, node, fmt::format("expected a {}, not the text \"{}\"", expected, node.Scalar()));
    return std::nullopt;
  }
  return node.Scalar();
}

YamlValue choice_of_words(const std::vector<std::string>& words, const std::vector<std::size_t>& numbers,
                          ChoiceAccess access) {
  YamlValue choice;
  choice.read = [=](YamlReader& reader, const std::string& path, const YAML::Node& node, void* value) {
    const std::string names = alternatives(words);
    const auto word = scalar(reader, path, node, names, false);
    if (!word) return;
    const auto found = std::find(words.begin(), words.end(), *word);
    if (found != words.end()) return access.set(value, numbers[found - words.begin()]);
    reader.problem(path, node,
                   fmt::format("\"{}\" is none of {}; did you mean \"{}\"?", *word, names, nearest(*word, words)));
  };
  choice.write = [access](YAML::Emitter& out, void* value) { out << access.word(value); };
  choice.json = [words](void*) { return json_words(words); };
  return choice;
}

std::string alternatives(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " | ")); }

YamlValue list_of_values(const std::string& type, const YamlValue& entry, ListAccess access) {
  YamlValue list;
  if (entry.keys) {
    list.keys = [keys = entry.keys, access](void*) {
      std::vector<KeyDoc> rows;
      access.initially([&](void* value) { rows = keys(value); });
      for (KeyDoc& row : rows) row.key = "N." + row.key;
      return rows;
    };
  }
  if (entry.find) {
    list.find = [find = entry.find, access](const std::string& path, void* values) {
      const std::size_t dot = path.find('.'), size = access.size(values);
      if (dot == std::string::npos) throw InputError("\"" + path + "\" is a map in a list, it has keys");
      for (std::size_t i = 0; i < size; ++i) {
        if (path.compare(0, dot, std::to_string(i)) == 0) return find(path.substr(dot + 1), access.at(values, i));
      }
      throw InputError(fmt::format("\"{}\" is no entry of that list, which has {}", path.substr(0, dot), size));
    };
  }
  list.read = [read = entry.read, type, access](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                                void* target) {
    if (!node.IsSequence()) return reader.problem(path, node, "expected a " + type);
    access.clear(target);
    const bool overlay = reader.overlay();
    reader.set_overlay(false);  // a list is given whole, also where it replaces another
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string here = join_path(path, std::to_string(i));
      reader.visit(here, node[i]);
      access.add(target);
      read(reader, here, node[i], access.at(target, i));
    }
    reader.set_overlay(overlay);
  };
  list.write = [write = entry.write, access](YAML::Emitter& out, void* values) {
    out << YAML::BeginSeq;
    for (std::size_t i = 0; i < access.size(values); ++i) write(out, access.at(values, i));
    out << YAML::EndSeq;
  };
  list.json = [json = entry.json, access](void*) {
    JsonSchema of_entry;
    access.initially([&](void* value) { of_entry = json(value); });
    return json_list(of_entry);
  };
  return list;
}

YamlValue optional_value(const YamlValue& inner, OptionalAccess access) {
  YamlValue optional;
  if (inner.keys) {
    optional.keys = [keys = inner.keys, access](void* value) {
      std::vector<KeyDoc> rows;
      access.copy(value, [&](void* copy) { rows = keys(copy); });
      return rows;
    };
  }
  if (inner.find) {
    optional.find = [find = inner.find, access](const std::string& path, void* value) {
      void* const held = access.held(value);
      if (held == nullptr) throw InputError("there is no \"" + path + "\" here");
      return find(path, held);
    };
  }
  optional.read = [read = inner.read, access](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                              void* target) {
    if (access.held(target) == nullptr) access.set(target);
    read(reader, path, node, access.held(target));
  };
  optional.write = [write = inner.write, access](YAML::Emitter& out, void* value) { write(out, access.held(value)); };
  optional.present = [access](void* value) { return access.held(value) != nullptr; };
  optional.json = [json = inner.json, access](void* value) {
    JsonSchema schema;
    access.copy(value, [&](void* copy) { schema = json(copy); });
    return schema;
  };
  return optional;
}

YamlType<int> whole(int low, int high, const std::string& unit) { return whole_between(low, high, unit); }
YamlType<std::uint64_t> whole(std::uint64_t low, std::uint64_t high, const std::string& unit) {
  return whole_between(low, high, unit);
}

YamlType<int> power_of_two(int high, const std::string& unit) {
  return number<int>(
      "power of two " + range_text(1, high), unit,
      [=](const std::string& word) { return parse_power_of_two(word, high); },
      [=] { return json_power_of_two(high, unit); });
}

YamlType<double> real(double low, double high, const std::string& unit) {
  return number<double>(
      "number " + range_text(low, high), unit, [=](const std::string& word) { return parse_real(word, low, high); },
      [=] { return json_number(low, high, unit); });
}

YamlType<bool> flag() {
  return {"true | false", "",
          [](YamlReader& reader, const std::string& path, const YAML::Node& node, bool& target) {
            const auto word = scalar(reader, path, node, "true or false", true);
            if (!word) return;
            const bool yes = *word == "true" || *word == "on";
            if (!yes && *word != "false" && *word != "off") {
              return reader.problem(path, node, fmt::format("expected true or false, not \"{}\"", *word));
            }
            target = yes;
          },
          [](YAML::Emitter& out, bool& value) { out << value; },
          [](bool&) {
            return JsonSchema{{"enum", {true, false, "on", "off"}}};
          }};
}

YamlType<std::string> text(const std::string& what) {
  return {what,
          "",
          [what](YamlReader& reader, const std::string& path, const YAML::Node& node, std::string& target) {
            const auto word = scalar(reader, path, node, what, false);
            if (!word) return;
            if (word->empty()) return reader.problem(path, node, "is empty; expected " + what);
            target = *word;
          },
          [](YAML::Emitter& out, std::string& value) { out << value; },
          [](std::string&) { return json_word(); },
          [](std::string& value) { return !value.empty(); }};
}

YamlType<Pattern> pattern_type() {
  return {"dense | N:M", "",
          [](YamlReader& reader, const std::string& path, const YAML::Node& node, Pattern& target) {
            const auto word = scalar(reader, path, node, "pattern", false);
            if (word) reader.guard(path, [&] { target = parse_pattern(*word); });
          },
          [](YAML::Emitter& out, Pattern& value) { out << YAML::DoubleQuoted << to_string(value); },
          [](Pattern&) { return json_matching("dense|[0-9]+:[0-9]+"); }};
}

YamlType<std::filesystem::path> path_type(const std::string& what) {
  return {what,
          "",
          [what](YamlReader& reader, const std::string& path, const YAML::Node& node, std::filesystem::path& target) {
            const auto word = scalar(reader, path, node, what, false);
            if (!word) return;
            if (word->empty()) return reader.problem(path, node, "is empty; expected a " + what);
            target = (reader.folder(path) / *word).lexically_normal();
          },
          [](YAML::Emitter& out, std::filesystem::path& value) { out << value.string(); },
          [](std::filesystem::path&) { return json_word(); },
          [](std::filesystem::path& value) { return !value.empty(); }};
}

}  // namespace flexcim
