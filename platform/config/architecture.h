// An accelerator and its memory system, as an architecture YAML describes them (docs/architecture.md §1, §7, §8).
#pragma once

#include "flow/map/geometry.h"
#include "platform/config/clock_period.h"
#include "platform/config/dram_device.h"
#include "platform/yaml/yaml_schema.h"
#include "tlm/timing/command_plan.h"
#include "tlm/timing/dma_parameters.h"
#include "tlm/timing/interconnect_parameters.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace flexcim {

struct Buffers {
  BufferParameters activation = AcceleratorParameters().activation;
  BufferParameters weight = AcceleratorParameters().weight;
  BufferParameters output = AcceleratorParameters().output;
};

/// What a cell keeps its word in.
enum class CellStorage {
  sram,      ///< bit cells
  registers  ///< flip-flops: a multiplier array outside of memory
};
std::string_view to_string(CellStorage storage);

struct DramConfig {
  DramDevice device;  ///< none in Architecture(): architecture_type() reads it, lpddr4 where nothing else is said
  int channels = 1;
  Protection protection = Protection::none;
  std::uint64_t bytes = 0;  ///< of all channels; 0: what the data need
};

/// The defaults are the published macro (P = 4, 32 x 32) with one macro, 64 KiB buffers and one DRAM channel.
struct Architecture {
  std::string name = "custom";
  std::string description;
  MacroGeometry macro;
  ArrayShape macros;
  MergeMode merge = MergeMode::reduce;
  WeightUpdate weight_update = WeightUpdate::blocking;
  CellStorage storage = CellStorage::sram;
  Buffers buffers;
  bool weights_resident = false;  ///< all weights on chip: no weight traffic
  double clock_mhz = 500;         ///< asked for; clock() is what runs
  DmaParameters dma;
  DramConfig dram;
  InterconnectParameters interconnect;  ///< its clock is clock()

  ClockPeriod clock() const { return ClockPeriod(clock_mhz); }
};

const Schema<Architecture>& architecture_schema();

/// Notes at `path` what no single key shows: a window wider than the set, patterns out of reach, a DRAM device that is
/// impossible.
void check_architecture(YamlReader& reader, const std::string& path, const Architecture& architecture);

}  // namespace flexcim
