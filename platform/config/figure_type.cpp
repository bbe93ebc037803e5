#include "platform/config/figure_type.h"

#include "platform/yaml/units.h"
#include "platform/yaml/yaml_types.h"

#include <cmath>
#include <cstdlib>
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
    YamlType<std::string> tag = text("D | S | E | U");
    tag.json = [](std::string&) { return json_words({"D", "S", "E", "U"}); };
    Schema<FigureText> s;
    s.key("value", &FigureText::value, real(0, std::numeric_limits<double>::infinity()), "in the unit given")
        .required();
    s.key("unit", &FigureText::unit, text("unit"), "of the value").required();
    s.key("tag", &FigureText::tag, tag, "where the value comes from").required();
    s.key("source", &FigureText::source, text(), "publication, model or reasoning").required();
    return s;
  }();
  return schema;
}

double in_ratio(double value, UnitRatio ratio) {
  const double tens = std::pow(10, std::abs(ratio.tens));  // exact, as is a product with it but for its last digit
  return std::ldexp(ratio.tens < 0 ? value / tens : value * tens, ratio.twos);
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
  const auto ratio = unit_ratio(figure.unit, unit);
  if (!figure.unit.empty() && !ratio) {
    return reader.problem(join_path(path, "unit"), fmt::format("\"{}\" cannot be converted to {}", figure.unit, unit));
  }
  if (figure.unit.empty() || figure.tag.empty()) return;  // already reported
  const double value = in_ratio(figure.value, *ratio);
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
  type.json = [unit](Figure&) {
    return json_any_of({json_number(0, std::numeric_limits<double>::infinity(), unit), json_of(text_schema())});
  };
  return type;
}

}  // namespace flexcim
