// The architecture of a scenario that says little of it.
#pragma once

#include "platform/config/data_files.h"

#include <string>

namespace flexcim {

/// `keys`: as YAML.
inline Architecture architecture_of(const std::string& keys) {
  YamlReader reader("test.yaml", "architecture: " + keys + "\n");
  Architecture architecture;
  architecture_type().read(reader, "architecture", reader.root()["architecture"], architecture);
  check_architecture(reader, "architecture", architecture);
  reader.finish();
  return architecture;
}

inline Architecture default_architecture() { return architecture_of("{}"); }

}  // namespace flexcim
