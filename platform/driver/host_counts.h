// What a host has done.
#pragma once

#include "flow/base/statistic.h"

#include <cstdint>

namespace flexcim {

/// What a host has done since the start.
struct HostCounts {
  std::uint64_t instructions = 0;  ///< one per word that it moves, and what the program says that it computes
  std::uint64_t bus_bytes = 0;     ///< moved over the bus, those of memory among them
  std::uint64_t memory_reads = 0;  ///< bytes of memory: what the bus said may be accessed through DMI
  std::uint64_t memory_writes = 0;
};

template <>
struct StatisticList<HostCounts> {
  static constexpr auto list = statistics<HostCounts>({
      {"instructions", "events", "executed", count<&HostCounts::instructions>},
      {"bus_bytes", "bytes", "moved over the bus", count<&HostCounts::bus_bytes>},
      {"memory_reads", "bytes", "read from memory", count<&HostCounts::memory_reads>},
      {"memory_writes", "bytes", "written to memory", count<&HostCounts::memory_writes>},
  });
};

}  // namespace flexcim
