#include "platform/config/compare_axis.h"

#include "platform/config/axis_range.h"
#include "platform/yaml/yaml_types.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace flexcim {
namespace {

std::string flow_text(const YAML::Node& node) {
  YAML::Emitter out;
  out.SetSeqFormat(YAML::Flow);
  out.SetMapFormat(YAML::Flow);
  out << YAML::Clone(node);
  return out.c_str();
}

/// Values of a key, each called as it is written. Which key that is: complete().
void read_list(const YAML::Node& node, CompareAxis& axis) {
  for (const YAML::Node& entry : node) {
    const std::string text = flow_text(entry);
    axis.values.push_back({entry.IsScalar() ? entry.Scalar() : text, {{"", text}}});
  }
}

/// Named values with the keys that they change.
void read_names(YamlReader& reader, const std::string& path, const YAML::Node& node, CompareAxis& axis) {
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const std::string here = join_path(path, name);
    if (name.empty()) {
      reader.problem(path, entry.first, "a value has a plain word as its name");
    } else if (!entry.second.IsMap()) {
      reader.problem(here, entry.second, "expected a map of the keys that it changes");
    } else {
      CompareValue value{name, {}};
      for (const auto& change : entry.second)
        value.changes.push_back({change.first.Scalar(), flow_text(change.second)});
      axis.values.push_back(std::move(value));
    }
  }
}

YamlType<CompareAxis> values_type() {
  YamlType<CompareAxis> type;
  type.type = "list of values | map of maps";
  type.read = [](YamlReader& reader, const std::string& path, const YAML::Node& node, CompareAxis& axis) {
    if (node.IsSequence()) return read_list(node, axis);
    if (node.IsMap()) return read_names(reader, path, node, axis);
    reader.problem(path, node, "expected a list of values, or a map of their names");
  };
  type.present = [](CompareAxis&) { return false; };  // nothing is a default
  type.json = [](CompareAxis&) {
    return json_any_of({json_list(JsonSchema::object(), 1),
                        {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", {{"type", "object"}}}}});
  };
  return type;
}

template <class Range>
YamlType<CompareAxis> range_type(const Schema<Range>& schema) {
  YamlType<CompareAxis> type;
  type.type = "map";
  type.keys = [&schema](CompareAxis&) { return schema.document(); };
  type.read = [&schema](YamlReader& reader, const std::string& path, const YAML::Node& node, CompareAxis& axis) {
    Range range;
    schema.read(reader, path, node, range);
    if (!reader.good()) return;
    reader.guard(path, [&] {
      for (const std::string& value : values_of(range)) axis.values.push_back({value, {{"", value}}});
    });
  };
  type.json = [&schema](CompareAxis&) { return json_of(schema); };
  return type;
}

Schema<CompareAxis> axis_schema() {
  using A = CompareAxis;
  const auto itself = [](A& axis) -> A& { return axis; };
  Schema<A> s;
  s.key("axis", &A::name, text("name"), "of the column in the results").required();
  s.key("key", &A::key, text("key.path"), "that a list or range of values is of");
  s.key("values", itself, values_type(), "of that key, or by name the keys that each changes, as `--set` would");
  s.key("range", itself, range_type(axis_range_schema()), "values of the key in equal steps");
  s.key("log_range", itself, range_type(log_range_schema()), "values of the key in equal ratios");
  return s;
}

/// Of these keys an axis has one.
constexpr std::array<const char*, 3> kHow{"values", "range", "log_range"};

/// Whether a point of the axes may change `path`.
bool changes_axes(const std::string& path) {
  const std::string first = path.substr(0, path.find('.'));
  return first == "compare" || first == "sweep";
}

/// What the keys of an axis say together. `how`: the one of them that says what the values are.
void complete(YamlReader& reader, const std::string& path, const YAML::Node& node, const std::string& how,
              CompareAxis& axis) {
  const std::string here = join_path(path, how);
  const bool named = node[how].IsMap() && how == "values";
  if (named && !axis.key.empty()) return reader.problem(here, node[how], "values of one \"key\" are a list");
  if (!named && axis.key.empty()) {
    return reader.problem(here, node[how], "values without names need the \"key\" that they are of");
  }
  const bool collection = node[how].IsSequence() || node[how].IsMap();
  if (collection && node[how].size() == 0) reader.problem(here, node[how], "has no value");
  std::set<std::string> names;
  for (CompareValue& value : axis.values) {
    if (!named) value.changes.front().path = axis.key;
    if (!names.insert(value.name).second) {
      return reader.problem(here, node[how], "has \"" + value.name + "\" twice");
    }
    for (const Override& change : value.changes) {
      reader.guard(here, [&] { parse_override(change.path + "=" + change.value); });
      if (changes_axes(change.path)) reader.problem(here, node[how], "a point cannot change the axes that it is of");
    }
  }
}

/// An axis whose own keys are those of `schema`.
YamlType<CompareAxis> type_of(const Schema<CompareAxis>& schema) {
  YamlType<CompareAxis> type = map_of(schema);
  type.read = [read = type.read](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                 CompareAxis& axis) {
    read(reader, path, node, axis);
    if (!node.IsMap()) return;
    std::vector<std::string> given;
    for (const char* how : kHow) {
      if (node[how].IsDefined()) given.emplace_back(how);
    }
    if (given.empty()) {
      return reader.problem(path, node, "the key \"values\" is missing, or \"range\" or \"log_range\"");
    }
    if (given.size() > 1) {
      return reader.problem(path, node,
                            fmt::format("has {}: one of them says what its values are", fmt::join(given, " and ")));
    }
    complete(reader, path, node, given.front(), axis);
  };
  type.write = [](YAML::Emitter& out, CompareAxis& axis) {
    out << YAML::BeginMap << YAML::Key << "axis" << YAML::Value << YAML::DoubleQuoted << axis.name;
    if (!axis.reference.empty()) {
      out << YAML::Key << "reference" << YAML::Value << YAML::DoubleQuoted << axis.reference;
    }
    out << YAML::Key << "values" << YAML::Value << YAML::BeginMap;
    for (const CompareValue& value : axis.values) {
      out << YAML::Key << YAML::DoubleQuoted << value.name << YAML::Value << YAML::BeginMap;
      for (const Override& change : value.changes) {
        out << YAML::Key << change.path << YAML::Value << YAML::Flow << YAML::Load(change.value);
      }
      out << YAML::EndMap;
    }
    out << YAML::EndMap << YAML::EndMap;
  };
  type.json = [json = type.json](CompareAxis& axis) {
    JsonSchema map = json(axis);
    for (const char* how : kHow) map["oneOf"].push_back({{"required", {how}}});
    return map;
  };
  return type;
}

}  // namespace

YamlType<CompareAxis> axis_type() { return type_of(axis_schema()); }

YamlType<CompareAxis> compare_axis_type() {
  Schema<CompareAxis> schema = axis_schema();
  schema.key("reference", &CompareAxis::reference, text("name"), "of the value that time and energy are related to");
  YamlType<CompareAxis> type = type_of(schema);
  type.read = [read = type.read](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                 CompareAxis& axis) {
    read(reader, path, node, axis);
    const auto named = [&](const CompareValue& value) { return value.name == axis.reference; };
    if (axis.reference.empty() || std::any_of(axis.values.begin(), axis.values.end(), named)) return;
    reader.problem(join_path(path, "reference"), node["reference"], "\"" + axis.reference + "\" is no value of it");
  };
  return type;
}

std::vector<Override> changes_at(const std::vector<CompareAxis>& axes, const std::vector<std::size_t>& at) {
  std::vector<Override> all;
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    const std::vector<Override>& changes = axes[axis].values.at(at.at(axis)).changes;
    all.insert(all.end(), changes.begin(), changes.end());
  }
  return all;
}

}  // namespace flexcim
