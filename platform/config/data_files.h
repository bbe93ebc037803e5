// Architectures, technologies and DRAM devices: by name, by path, or in place.
#pragma once

#include "platform/config/architecture.h"
#include "platform/config/dram_device.h"
#include "platform/config/technology.h"
#include "platform/yaml/yaml_schema.h"

#include <filesystem>
#include <string>
#include <vector>

namespace flexcim {

/// Folders in which KIND/NAME.yaml is looked for: the scenario's own, $FLEXCIM_DATA, and the scenarios installed with
/// the program (if it is not installed, those of the source tree that it was built from).
std::vector<std::filesystem::path> data_folders(const std::filesystem::path& scenario_folder);

/// A name (of a file in architectures/, technologies/ or dram/), a path to a YAML file (ends in .yaml or .yml), or a
/// map of keys whose `base` is one of those or `none`. Inside a map that changes another file, a
/// nested map without a base changes the values of that file.
YamlType<Architecture> architecture_type();
YamlType<Technology> technology_type();
YamlType<DramDevice> dram_device_type();

/// What such a file holds.
JsonSchema architecture_file_json();
JsonSchema technology_file_json();
JsonSchema dram_file_json();

/// The config.json that `name` stands for, seen from a file in the folder `from`: of a published model by name
/// (shapes/NAME.json, found as the others are), of a folder, or itself. Throws InputError with the names that there
/// are.
std::filesystem::path find_shapes(const std::string& name, const std::filesystem::path& from);

/// Every key with its value, as YAML: equal texts are equal architectures.
std::string architecture_text(Architecture architecture);

/// Alone, without a scenario: `name` is a name, or a path from the working directory. Throws InputError with everything
/// wrong in what it leads to, or with the names that there are.
Technology load_technology(const std::string& name);
DramDevice load_dram_device(const std::string& name);

}  // namespace flexcim
