#include "platform/config/sweep_schema.h"

#include "platform/yaml/yaml_types.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr std::uint64_t kMostPoints = 1'000'000'000;
constexpr std::uint64_t kMostPopulation = 10'000;
constexpr const char* kZip = "zip";
constexpr const char* kZipMeaning = "axes that go together, one value with one, in place of the other keys";

/// An axis, or `{zip: [axis, ...]}`.
YamlType<SweepAxis> sweep_axis_type() {
  const YamlType<CompareAxis> one = axis_type();
  const YamlType<std::vector<CompareAxis>> several = list_of(one);
  YamlType<SweepAxis> type;
  type.type = "map";
  type.keys = [keys = one.keys](SweepAxis&) {
    CompareAxis initial;
    std::vector<KeyDoc> rows = keys(initial);
    rows.push_back({kZip, "list of axes", "", "", kZipMeaning});
    return rows;
  };
  type.read = [one, several](YamlReader& reader, const std::string& path, const YAML::Node& node, SweepAxis& axis) {
    const bool zip = node.IsMap() && node[kZip].IsDefined();
    if (!zip) return one.read(reader, path, node, axis.parts.emplace_back());
    const std::string here = join_path(path, kZip);
    if (node.size() > 1) return reader.problem(path, node, "has other keys beside zip; they belong to the axes in it");
    several.read(reader, here, node[kZip], axis.parts);
    if (axis.parts.size() < 2) return reader.problem(here, node[kZip], "expected a list of two axes or more");
    for (const CompareAxis& part : axis.parts) {
      if (part.values.size() == axis.size()) continue;
      reader.problem(here, node[kZip],
                     fmt::format("\"{}\" has {} values, \"{}\" has {}: they go together", axis.parts.front().name,
                                 axis.size(), part.name, part.values.size()));
    }
  };
  type.write = [one, several](YAML::Emitter& out, SweepAxis& axis) {
    if (axis.parts.size() == 1) return one.write(out, axis.parts.front());
    out << YAML::BeginMap << YAML::Key << kZip << YAML::Value;
    several.write(out, axis.parts);
    out << YAML::EndMap;
  };
  type.json = [one](SweepAxis&) {
    CompareAxis initial;
    const JsonSchema axis = one.json(initial);
    JsonSchema parts = json_list(axis, 2);
    parts["description"] = kZipMeaning;
    return json_any_of(
        {axis,
         {{"type", "object"}, {"properties", {{kZip, parts}}}, {"required", {kZip}}, {"additionalProperties", false}}});
  };
  return type;
}

YamlType<SampleKind> kind_type() {
  using S = SampleKind;
  return choice<S>({S::grid, S::random, S::latin_hypercube, S::sobol, S::search});
}

Schema<SampleSpec> sample_schema() {
  using S = SampleSpec;
  Schema<S> s;
  s.key("kind", &S::kind, kind_type(), "all points of the grid, some of them, or those that a search asks for")
      .required();
  s.key("points", &S::points, whole(std::uint64_t{1}, kMostPoints), "how many; required for all but a grid")
      .initially("all");
  s.key("seed", &S::seed, whole(std::uint64_t{0}, ~std::uint64_t{0}), "of the drawing; not of a grid");
  s.key("population", &S::population, whole(std::uint64_t{4}, kMostPopulation), "of a search: points of a generation");
  return s;
}

/// `grid`, or a map.
YamlType<SampleSpec> sample_type() {
  const Schema<SampleSpec> schema = sample_schema();
  YamlType<SampleSpec> type = map_of(schema);
  type.type = "grid | map";
  type.read = [read = type.read](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                 SampleSpec& sample) {
    if (node.IsScalar())
      kind_type().read(reader, path, node, sample.kind);
    else
      read(reader, path, node, sample);
    const YAML::Node kind = node.IsMap() ? node["kind"] : node;
    if (!kind.IsDefined() || !kind.IsScalar() || kind.Scalar() != to_string(sample.kind)) return;  // it has been said
    const bool grid = sample.kind == SampleKind::grid;
    const auto given = [&](const char* key) { return node.IsMap() && node[key].IsDefined(); };
    const auto refuse = [&](const char* key, const std::string& text) {
      reader.problem(join_path(path, key), node[key], text);
    };
    if (!grid && sample.points == 0) {
      reader.problem(path, node,
                     fmt::format("the key \"points\" is missing: how many points of {}", to_string(sample.kind)));
    }
    if (grid && given("points")) refuse("points", "a grid has all of its points");
    if (grid && given("seed")) refuse("seed", "a grid has no chance in it");
    if (sample.kind != SampleKind::search && given("population")) refuse("population", "only a search has generations");
  };
  type.write = [](YAML::Emitter& out, SampleSpec& sample) {
    if (sample.kind == SampleKind::grid) return void(out << "grid");
    out << YAML::Flow << YAML::BeginMap << YAML::Key << "kind" << YAML::Value << std::string(to_string(sample.kind));
    out << YAML::Key << "points" << YAML::Value << sample.points << YAML::Key << "seed" << YAML::Value << sample.seed;
    if (sample.kind == SampleKind::search) out << YAML::Key << "population" << YAML::Value << sample.population;
    out << YAML::EndMap;
  };
  type.json = [json = type.json](SampleSpec& sample) {
    return json_any_of({json_words({std::string(to_string(SampleKind::grid))}), json(sample)});
  };
  return type;
}

/// `{minimize: METRIC}` or `{maximize: METRIC}`.
YamlType<Objective> objective_type() {
  YamlType<Objective> type;
  type.type = "{minimize: metric} | {maximize: metric}";
  type.read = [expected = type.type](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                     Objective& objective) {
    const bool one = node.IsMap() && node.size() == 1 && node.begin()->first.IsScalar();
    const std::string word = one ? node.begin()->first.Scalar() : "";
    objective.maximize = word == "maximize";
    if (!objective.maximize && word != "minimize") return reader.problem(path, node, "expected " + expected);
    const std::string here = join_path(path, word);
    reader.visit(here, node[word]);
    text("metric").read(reader, here, node[word], objective.metric);
  };
  type.write = [](YAML::Emitter& out, Objective& objective) {
    out << YAML::Flow << YAML::BeginMap << YAML::Key << (objective.maximize ? "maximize" : "minimize") << YAML::Value
        << objective.metric << YAML::EndMap;
  };
  type.json = [](Objective&) -> JsonSchema {
    JsonSchema metric = json_word();
    metric["description"] = "a column of points.csv";
    return {{"type", "object"},
            {"properties", {{"minimize", metric}, {"maximize", metric}}},
            {"minProperties", 1},
            {"maxProperties", 1},
            {"additionalProperties", false}};
  };
  return type;
}

/// A list that has an entry.
template <class V>
YamlType<std::vector<V>> some_of(const YamlType<V>& entry) {
  YamlType<std::vector<V>> type = list_of(entry);
  type.read = [read = type.read, expected = type.type](YamlReader& reader, const std::string& path,
                                                       const YAML::Node& node, std::vector<V>& target) {
    read(reader, path, node, target);
    if (node.IsSequence() && node.size() == 0) reader.problem(path, node, "is empty; expected a " + expected);
  };
  type.json = [json = entry.json](std::vector<V>&) {
    V initial{};
    return json_list(json(initial), 1);
  };
  return type;
}

Schema<SweepSpec> sweep_schema() {
  using S = SweepSpec;
  Schema<S> s;
  s.key("axes", &S::axes, some_of(sweep_axis_type()), "what the points differ in").required();
  s.key("sample", &S::sample, sample_type(), "which of their points").initially("grid");
  s.key("constraints", &S::constraints, list_of(text("expression")), "over keys; a point that breaks one is invalid");
  s.key("objectives", &S::objectives, some_of(objective_type()), "metrics of a point that shall be least or most")
      .required();
  return s;
}

}  // namespace

std::string_view to_string(SampleKind kind) {
  switch (kind) {
    case SampleKind::grid:
      return "grid";
    case SampleKind::random:
      return "random";
    case SampleKind::latin_hypercube:
      return "latin_hypercube";
    case SampleKind::sobol:
      return "sobol";
    case SampleKind::search:
      break;
  }
  return "search";
}

std::uint64_t SweepSpec::grid_size() const {
  std::uint64_t size = 1;
  for (const SweepAxis& axis : axes) size = axis.size() > most_grid / size ? most_grid : size * axis.size();
  return size;
}

YamlType<SweepSpec> sweep_type() { return map_of(sweep_schema()); }

}  // namespace flexcim
