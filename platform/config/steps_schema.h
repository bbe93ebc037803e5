// The schema of a workload's steps (docs/scenarios.md, docs/workloads.md).
#pragma once

#include "platform/config/steps.h"
#include "platform/yaml/yaml_schema.h"

#include <vector>

namespace flexcim {

/// A list of steps, each checked by itself: what a phase reads and gives, what drafts need; names that are told apart.
YamlType<std::vector<Step>> steps_type();

/// A name of a file in shapes/, or a path to a config.json or its folder; written as an absolute path.
YamlType<std::filesystem::path> shapes_type();

/// Bits of weights: 4 or 8.
YamlType<int> weight_bits_type();

}  // namespace flexcim
