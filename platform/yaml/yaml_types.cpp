#include "platform/yaml/yaml_types.h"

#include "flow/base/error.h"
#include "platform/yaml/number.h"

#include <utility>

namespace flexcim {
namespace {

/// Sets `target` to what `parse` makes of a plain scalar, or notes what is wrong with it.
template <class V, class Parse>
void read_number(YamlReader& reader, const std::string& path, const YAML::Node& node, const std::string& expected,
                 const Parse& parse, V& target) {
  const auto word = scalar(reader, path, node, expected, true);
  if (!word) return;
  try {
    target = parse(*word);
  } catch (const InputError& error) {
    reader.problem(path, node, error.what());
  }
}

template <class V>
YamlType<V> whole_between(V low, V high, std::string unit) {
  const std::string expected = "whole number " + range_text(low, high);
  return {expected, std::move(unit),
          [=](YamlReader& reader, const std::string& path, const YAML::Node& node, V& target) {
            const auto parse = [=](const std::string& word) { return parse_whole(word, low, high); };
            read_number(reader, path, node, expected, parse, target);
          },
          [](YAML::Emitter& out, V& value) { out << value; }};
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

YamlType<int> whole(int low, int high, std::string unit) { return whole_between(low, high, std::move(unit)); }
YamlType<std::uint64_t> whole(std::uint64_t low, std::uint64_t high, std::string unit) {
  return whole_between(low, high, std::move(unit));
}

YamlType<int> power_of_two(int high, std::string unit) {
  const std::string expected = "power of two " + range_text(1, high);
  return {expected, std::move(unit),
          [=](YamlReader& reader, const std::string& path, const YAML::Node& node, int& target) {
            const auto parse = [=](const std::string& word) { return parse_power_of_two(word, high); };
            read_number(reader, path, node, expected, parse, target);
          },
          [](YAML::Emitter& out, int& value) { out << value; }};
}

YamlType<double> real(double low, double high, std::string unit) {
  const std::string expected = "number " + range_text(low, high);
  return {expected, std::move(unit),
          [=](YamlReader& reader, const std::string& path, const YAML::Node& node, double& target) {
            const auto parse = [=](const std::string& word) { return parse_real(word, low, high); };
            read_number(reader, path, node, expected, parse, target);
          },
          [](YAML::Emitter& out, double& value) { out << fmt::format("{}", value); }};
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
          [](YAML::Emitter& out, bool& value) { out << value; }};
}

YamlType<std::string> text(const std::string& what) {
  return {what, "",
          [what](YamlReader& reader, const std::string& path, const YAML::Node& node, std::string& target) {
            const auto word = scalar(reader, path, node, what, false);
            if (!word) return;
            if (word->empty()) return reader.problem(path, node, "is empty; expected " + what);
            target = *word;
          },
          [](YAML::Emitter& out, std::string& value) { out << value; },
          [](std::string& value) { return !value.empty(); }};
}

YamlType<Pattern> pattern_type() {
  return {"dense | N:M", "",
          [](YamlReader& reader, const std::string& path, const YAML::Node& node, Pattern& target) {
            const auto word = scalar(reader, path, node, "pattern", false);
            if (word) reader.guard(path, [&] { target = parse_pattern(*word); });
          },
          [](YAML::Emitter& out, Pattern& value) { out << YAML::DoubleQuoted << to_string(value); }};
}

YamlType<std::filesystem::path> path_type(const std::string& what) {
  return {what, "",
          [what](YamlReader& reader, const std::string& path, const YAML::Node& node, std::filesystem::path& target) {
            const auto word = scalar(reader, path, node, what, false);
            if (!word) return;
            if (word->empty()) return reader.problem(path, node, "is empty; expected a " + what);
            target = std::filesystem::absolute(reader.file()).parent_path() / *word;
            target = target.lexically_normal();
          },
          [](YAML::Emitter& out, std::filesystem::path& value) { out << value.string(); },
          [](std::filesystem::path& value) { return !value.empty(); }};
}

}  // namespace flexcim
