// A DRAM device as a YAML file in scenarios/dram/ describes it: its timing, and what it costs.
#pragma once

#include "platform/config/figure.h"
#include "platform/yaml/yaml_schema.h"
#include "tlm/timing/dram_timing.h"

#include <string>

namespace flexcim {

/// A flat figure, or a split into what the device does. A run is priced by one of them, never by both.
struct DramFigures {
  Figure flat;         ///< pJ/bit
  Figure read, write;  ///< pJ/bit
  Figure activate;     ///< nJ per row opened and closed
  Figure refresh;      ///< nJ per all-bank refresh
  Figure standby;      ///< mW per channel

  bool has_split() const { return read.given(); }
};

struct DramDevice {
  std::string name;  ///< empty: no device
  std::string description;
  DramParameters timing;  ///< of one channel
  DramFigures energy;
};

const Schema<DramDevice>& dram_device_schema();

/// Notes at `path` what no single key shows: a split that is incomplete, times that do not go together.
void check_dram_device(YamlReader& reader, const std::string& path, const DramDevice& device);

}  // namespace flexcim
