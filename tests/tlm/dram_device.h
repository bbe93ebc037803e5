// The timing of the DRAM devices in scenarios/dram/, without the room that knows YAML.
#pragma once

#include "tlm/timing/dram_timing.h"

#include <fstream>
#include <stdexcept>
#include <string>

namespace flexcim {

/// Of scenarios/dram/NAME.yaml: "  KEY: VALUE" for every key of its timing, a line each.
inline DramParameters dram_device(const std::string& name) {
  const std::string path = std::string(FLEXCIM_SCENARIOS_DIR) + "/dram/" + name + ".yaml";
  std::ifstream file(path);
  DramParameters device;
  device.name = name;
  std::size_t found = 0;
  for (std::string line; std::getline(file, line);) {
    for (const DramField& field : dram_fields()) {
      const std::string key = "  " + std::string(field.name) + ": ";
      if (line.rfind(key, 0) != 0) continue;
      device.*field.value = std::stoi(line.substr(key.size()));
      ++found;
    }
  }
  if (found != dram_fields().size()) throw std::runtime_error(path + ": not every key of a timing, a line each");
  return device;
}

inline constexpr const char* kDramDevices[] = {"lpddr4", "lpddr5", "ddr4", "hbm2"};

}  // namespace flexcim
