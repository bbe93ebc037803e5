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

std::optional<std::size_t> chosen(YamlReader& reader, const std::string& path, const YAML::Node& node,
                                  const std::vector<std::string>& words) {
  const std::string names = alternatives(words);
  const auto word = scalar(reader, path, node, names, false);
  if (!word) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *word);
  if (found != words.end()) return found - words.begin();
  reader.problem(path, node,
                 fmt::format("\"{}\" is none of {}; did you mean \"{}\"?", *word, names, nearest(*word, words)));
  return std::nullopt;
}

std::string alternatives(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " | ")); }

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
