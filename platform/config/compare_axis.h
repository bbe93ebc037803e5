// Axes of a comparison or a sweep: keys of a scenario and the values that they take (docs/scenarios.md,
// docs/sweeps.md).
#pragma once

#include "platform/yaml/yaml_reader.h"
#include "platform/yaml/yaml_schema.h"

#include <string>
#include <vector>

namespace flexcim {

/// One value of an axis: a name, and what it changes of the scenario.
struct CompareValue {
  std::string name;
  std::vector<Override> changes;
};

struct CompareAxis {
  std::string name;
  std::string key;                   ///< that the values are of; empty where each names the keys that it changes
  std::vector<CompareValue> values;  ///< at least one
  std::string reference;             ///< name of the value that results are related to; empty without
};

/// `{axis, key, values: [...]}`, `{axis, key, range: {from, to, step}}`, `{axis, key, log_range: {from, to, factor}}`,
/// or
/// `{axis, values: {NAME: {key: value, ...}, ...}}`.
YamlType<CompareAxis> axis_type();
/// The same with `reference`.
YamlType<CompareAxis> compare_axis_type();

/// What the point at `at`, a value of every axis, changes, in the order of the axes.
std::vector<Override> changes_at(const std::vector<CompareAxis>& axes, const std::vector<std::size_t>& at);

}  // namespace flexcim
