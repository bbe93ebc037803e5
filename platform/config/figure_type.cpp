#include "platform/config/figure_type.h"

#include "platform/yaml/yaml_types.h"

#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

struct FigureText {
  double value = 0;
  std::string unit;
  std::string tag;
  std::string source;
};

const Schema<FigureText>& text_schema() {
  static const Schema<FigureText> schema = [] {
    Schema<FigureText> s;
    s.key("value", &FigureText::value, real(0, std::numeric_limits<double>::infinity()), "in the unit given")
        .required();
    s.key("unit", &FigureText::unit, text("unit"), "of the value").required();
    s.key("tag", &FigureText::tag, text("D | S | E | U"), "where the value comes from").required();
    s.key("source", &FigureText::source, text(), "publication, model or reasoning").required();
    return s;
  }();
  return schema;
}

/// The factor of a prefixed unit and what is left of it: "fJ" is 1e-15 J, "um2" 1e-12 m2.
struct Scaled {
  double factor = 1;
  std::string base;
};

Scaled split_unit(const std::string& unit) {
  static const struct {
    const char* text;
    double factor;
    const char* base;
  } kUnits[] = {{"fJ", 1e-15, "J"},   {"pJ", 1e-12, "J"},  {"nJ", 1e-9, "J"}, {"uW", 1e-6, "W"}, {"mW", 1e-3, "W"},
                {"um2", 1e-12, "m2"}, {"mm2", 1e-6, "m2"}, {"um", 1e-6, "m"}, {"mm", 1e-3, "m"}};
  const std::size_t slash = unit.find('/');
  const std::string numerator = unit.substr(0, slash);
  const std::string rest = slash == std::string::npos ? "" : unit.substr(slash);
  for (const auto& known : kUnits) {
    if (numerator == known.text) return {known.factor, known.base + rest};
  }
  return {1, unit};
}

void read_figure(YamlReader& reader, const std::string& path, const YAML::Node& node, const std::string& unit,
                 Figure& target) {
  if (node.IsScalar()) {
    double value = std::numeric_limits<double>::quiet_NaN();  // left so where the node is no number
    real(0, std::numeric_limits<double>::infinity(), unit).read(reader, path, node, value);
    if (!std::isnan(value)) target = {value, unit, 'E', "set by hand"};
    return;
  }
  FigureText figure;
  const bool overlay = reader.overlay();
  reader.set_overlay(false);  // a figure is given whole, also where it replaces another
  text_schema().read(reader, path, node, figure);
  reader.set_overlay(overlay);
  if (!figure.tag.empty() && (figure.tag.size() != 1 || std::string("DSEU").find(figure.tag) == std::string::npos)) {
    return reader.problem(join_path(path, "tag"), fmt::format("\"{}\" is none of D, S, E, U", figure.tag));
  }
  const Scaled wanted = split_unit(unit);
  const Scaled given = split_unit(figure.unit);
  if (!figure.unit.empty() && given.base != wanted.base) {
    return reader.problem(join_path(path, "unit"), fmt::format("\"{}\" cannot be converted to {}", figure.unit, unit));
  }
  if (figure.unit.empty() || figure.tag.empty()) return;  // already reported
  const double value = given.factor == wanted.factor ? figure.value : figure.value * given.factor / wanted.factor;
  if (!std::isfinite(value)) {
    return reader.problem(join_path(path, "value"), fmt::format("{} {} is too much", figure.value, figure.unit));
  }
  target = {value, unit, figure.tag[0], figure.source};
}

}  // namespace

YamlType<Figure> figure_type(const std::string& unit) {
  YamlType<Figure> type;
  type.type = "figure";
  type.unit = unit;
  type.read = [unit](YamlReader& reader, const std::string& path, const YAML::Node& node, Figure& target) {
    read_figure(reader, path, node, unit, target);
  };
  type.write = [](YAML::Emitter& out, Figure& value) {
    FigureText figure{value.value, value.unit, std::string(1, value.tag), value.source};
    out << YAML::Flow;
    text_schema().write(out, figure);
  };
  type.present = [](Figure& value) { return value.given(); };
  return type;
}

}  // namespace flexcim
