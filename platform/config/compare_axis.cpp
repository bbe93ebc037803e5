#include "platform/config/compare_axis.h"

#include "platform/yaml/yaml_types.h"

#include <algorithm>
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

/// The values of one key; each is called as it is written.
void read_list(YamlReader& reader, const std::string& path, const YAML::Node& node, CompareAxis& axis) {
  if (axis.key.empty()) return reader.problem(path, node, "a list of values needs the \"key\" that they are of");
  for (const YAML::Node& entry : node) {
    const std::string text = flow_text(entry);
    axis.values.push_back({entry.IsScalar() ? entry.Scalar() : text, {{axis.key, text}}});
  }
}

/// Named values with the keys that they change.
void read_names(YamlReader& reader, const std::string& path, const YAML::Node& node, CompareAxis& axis) {
  if (!axis.key.empty()) return reader.problem(path, node, "values of one \"key\" are a list");
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

void read_values(YamlReader& reader, const std::string& path, const YAML::Node& node, CompareAxis& axis) {
  reader.visit(path, node);
  if (node.IsSequence()) {
    read_list(reader, path, node, axis);
  } else if (node.IsMap()) {
    read_names(reader, path, node, axis);
  } else {
    return reader.problem(path, node, "expected a list of values, or a map of their names");
  }
  if (node.size() == 0) reader.problem(path, node, "has no value");
  std::set<std::string> names;
  for (const CompareValue& value : axis.values) {
    if (!names.insert(value.name).second) reader.problem(path, node, "has \"" + value.name + "\" twice");
    for (const Override& change : value.changes) {
      reader.guard(path, [&] { parse_override(change.path + "=" + change.value); });
      if (change.path == "compare" || change.path.rfind("compare.", 0) == 0) {
        reader.problem(path, node, "a comparison cannot change its own axes");
      }
    }
  }
}

Schema<CompareAxis> axis_schema() {
  using A = CompareAxis;
  Schema<A> s;
  s.key("axis", &A::name, text("name"), "of the column in comparison.csv").required();
  s.key("key", &A::key, text("key.path"), "that a list of values is of");
  s.elsewhere(
      "values", "list of values | map of maps", "required", "",
      "of that key, or by name the keys that each changes, as `--set` would",
      json_any_of({json_list(JsonSchema::object(), 1),
                   {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", {{"type", "object"}}}}}));
  s.key("reference", &A::reference, text("name"), "of the value that time and energy are related to");
  return s;
}

}  // namespace

YamlType<CompareAxis> compare_axis_type() {
  YamlType<CompareAxis> type = map_of(axis_schema());
  type.read = [read = type.read](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                 CompareAxis& axis) {
    read(reader, path, node, axis);
    if (!node.IsMap()) return;
    const std::string here = join_path(path, "values");
    const YAML::Node values = node["values"];
    if (!values.IsDefined()) return reader.problem(path, node, "the key \"values\" is missing");
    read_values(reader, here, values, axis);
    const auto named = [&](const CompareValue& value) { return value.name == axis.reference; };
    if (axis.reference.empty() || std::any_of(axis.values.begin(), axis.values.end(), named)) return;
    reader.problem(join_path(path, "reference"), node["reference"], "\"" + axis.reference + "\" is no value of it");
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
