// Architectures and technologies: by name, by path, or in place.
#pragma once

#include "platform/config/architecture.h"
#include "platform/config/technology.h"
#include "platform/yaml/yaml_schema.h"

#include <filesystem>
#include <string>
#include <vector>

namespace flexcim {

/// Folders in which KIND/NAME.yaml is looked for: that of the scenario, $FLEXCIM_DATA, the scenarios
/// installed with the program, or for one that is not installed those of the project it was built from.
std::vector<std::filesystem::path> data_folders(const std::filesystem::path& scenario_folder);

/// A name (of a file in architectures/ or technologies/), a path to a YAML file (ends in .yaml or .yml), or a map of
/// keys whose `base` is one of those or `none`.
YamlType<Architecture> architecture_type();
YamlType<Technology> technology_type();

}  // namespace flexcim
