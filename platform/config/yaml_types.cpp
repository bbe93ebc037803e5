#include "platform/config/yaml_types.h"

#include "flow/error.h"

namespace flexcim {
namespace {

/// The whole of `text` as a number, or nothing. from_chars takes no leading plus and no spaces, as wanted.
template <class V>
std::optional<V> parse_number(const std::string& text) {
  V value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Whether `text` is a number of any size, so that a message can say "outside" rather than "no number".
bool looks_whole(const std::string& text) {
  const std::size_t first = !text.empty() && text[0] == '-' ? 1 : 0;
  return text.size() > first && text.find_first_not_of("0123456789", first) == std::string::npos;
}

std::optional<int> read_whole(YamlReader& reader, const std::string& path, const YAML::Node& node,
                              const std::string& expected, const std::string& range) {
  const auto word = scalar(reader, path, node, expected, true);
  if (!word) return std::nullopt;
  const auto value = parse_number<int>(*word);
  if (value) return value;
  if (looks_whole(*word)) {
    reader.problem(path, node, fmt::format("{} is outside {}", *word, range));
  } else {
    reader.problem(path, node, fmt::format("expected a {}, not \"{}\"", expected, *word));
  }
  return std::nullopt;
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

YamlType<int> whole(int low, int high, std::string unit) {
  const std::string range =
      high == std::numeric_limits<int>::max() ? fmt::format("{}…", low) : fmt::format("{}…{}", low, high);
  const std::string expected = "whole number " + range;
  return {expected, std::move(unit),
          [=](YamlReader& reader, const std::string& path, const YAML::Node& node, int& target) {
            const auto value = read_whole(reader, path, node, expected, range);
            if (!value) return;
            if (*value < low || *value > high) {
              return reader.problem(path, node, fmt::format("{} is outside {}", *value, range));
            }
            target = *value;
          },
          [](YAML::Emitter& out, int& value) { out << value; }};
}

YamlType<int> power_of_two(int high, std::string unit) {
  const std::string expected = fmt::format("power of two 1…{}", high);
  return {expected, std::move(unit),
          [=](YamlReader& reader, const std::string& path, const YAML::Node& node, int& target) {
            const auto value = read_whole(reader, path, node, expected, fmt::format("1…{}", high));
            if (!value) return;
            if (*value < 1 || *value > high || (*value & (*value - 1)) != 0) {
              return reader.problem(path, node, fmt::format("{} is no {}", *value, expected));
            }
            target = *value;
          },
          [](YAML::Emitter& out, int& value) { out << value; }};
}

YamlType<double> real(double low, double high, std::string unit) {
  const std::string range = std::isinf(high) ? fmt::format("{}…", low) : fmt::format("{}…{}", low, high);
  const std::string expected = "number " + range;
  return {expected, std::move(unit),
          [=](YamlReader& reader, const std::string& path, const YAML::Node& node, double& target) {
            const auto word = scalar(reader, path, node, expected, true);
            if (!word) return;
            const auto value = parse_number<double>(*word);
            if (!value || !std::isfinite(*value)) {
              return reader.problem(path, node, fmt::format("expected a {}, not \"{}\"", expected, *word));
            }
            if (*value < low || *value > high) {
              return reader.problem(path, node, fmt::format("{} is outside {}", *word, range));
            }
            target = *value;
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
