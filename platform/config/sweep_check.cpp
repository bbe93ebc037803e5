#include "platform/config/sweep_check.h"

#include "platform/config/constraint.h"
#include "platform/config/findings.h"
#include "platform/config/scenario_schema.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <set>

namespace flexcim {
namespace {

/// An axis as the columns of the results know it.
struct Column {
  const CompareAxis& axis;
  std::string place;  ///< its path
};

std::vector<Column> columns_of(const SweepSpec& sweep) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    const std::vector<CompareAxis>& parts = sweep.axes[i].parts;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      columns.push_back({parts[part], parts.size() == 1 ? fmt::format("sweep.axes.{}", i)
                                                        : fmt::format("sweep.axes.{}.zip.{}", i, part)});
    }
  }
  return columns;
}

std::set<std::string> paths_of(const CompareAxis& axis) {
  std::set<std::string> paths;
  for (const CompareValue& value : axis.values) {
    for (const Override& change : value.changes) paths.insert(change.path);
  }
  return paths;
}

/// SQLite's names are the same in capitals.
std::string in_small(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

void check_names(YamlReader& reader, const std::vector<Column>& columns) {
  std::set<std::string> names;
  for (const Column& column : columns) {
    if (names.insert(in_small(column.axis.name)).second) continue;
    reader.problem(column.place + ".axis", fmt::format("another axis is called \"{}\"", column.axis.name));
  }
}

/// An override may change what lies below one before it, and not undo it.
void check_paths(YamlReader& reader, const std::vector<Column>& columns, const std::vector<Override>& overrides) {
  std::map<std::string, std::string> changed;  // by what
  for (const Override& change : overrides) changed.emplace(change.path, "--set " + change.path + "=" + change.value);
  for (const Column& column : columns) {
    const std::set<std::string> paths = paths_of(column.axis);
    for (const std::string& path : paths) {
      const auto undone = std::find_if(changed.begin(), changed.end(),
                                       [&](const auto& earlier) { return lies_within(earlier.first, path); });
      if (undone == changed.end()) continue;
      reader.problem(column.place, fmt::format("changes {}, which undoes {}", path, undone->second));
    }
    for (const std::string& path : paths) changed.emplace(path, fmt::format("the axis \"{}\"", column.axis.name));
  }
}

/// Each value in place of the scenario's own, as its key reads it; throws for the first that cannot be.
void try_values(const CompareAxis& axis, const Scenario& bare) {
  for (const CompareValue& value : axis.values) {
    Scenario point = bare;
    for (const Override& change : value.changes) {
      const KeyPlace place = scenario_key(point, change.path);
      YamlReader alone(bare.file, "{}", {change});
      place.key->value.read(alone, change.path, YAML::Load(change.value), place.key->at(place.owner));
      alone.finish();
    }
  }
}

void check_size(YamlReader& reader, const SweepSpec& sweep) {
  constexpr std::uint64_t kMostOfGrid = 1'000'000'000;
  const std::uint64_t grid = sweep.grid_size();
  const SampleKind kind = sweep.sample.kind;
  if (kind == SampleKind::grid && grid > kMostOfGrid) {
    reader.problem("sweep", fmt::format("is a grid of more than {} points; a sample has fewer", kMostOfGrid));
  }
  if (kind != SampleKind::random && kind != SampleKind::search) return;
  if (grid == SweepSpec::most_grid) {
    reader.problem("sweep.axes", "have more than 2^60 points; latin_hypercube and sobol can draw from them");
  } else if (sweep.sample.points > grid) {
    reader.problem("sweep.sample.points", fmt::format("{} are more than all points of the axes, {}; none comes twice",
                                                      sweep.sample.points, grid));
  }
}

}  // namespace

void check_sweep(YamlReader& reader, const Scenario& scenario) {
  const SweepSpec& sweep = *scenario.sweep;
  if (!scenario.compare.empty()) reader.problem("sweep", "is one set of points, compare another; a scenario has one");
  const std::vector<Column> columns = columns_of(sweep);
  check_names(reader, columns);
  check_paths(reader, columns, scenario.overrides);
  check_size(reader, sweep);
  for (std::size_t i = 0; i < sweep.constraints.size(); ++i) {
    reader.guard(fmt::format("sweep.constraints.{}", i), [&] { Constraint(sweep.constraints[i], scenario); });
  }
}

void check_axis_values(const Scenario& scenario) {
  Scenario bare = scenario;  // what each point begins with
  bare.sweep.reset();
  Findings findings;
  for (const Column& column : columns_of(*scenario.sweep)) {
    findings.check(scenario.place(column.place), [&] { try_values(column.axis, bare); });
  }
  findings.finish();
}

}  // namespace flexcim
