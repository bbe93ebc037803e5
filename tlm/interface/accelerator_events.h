// What the accelerator does, counted and placed in time (docs/architecture.md §11).
#pragma once

#include "flow/map/events.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace flexcim {

/// Counts of macros, buffers and DMA; equal in every fidelity.
struct AcceleratorEvents {
  MacroEvents macro;                          ///< over all macros
  std::uint64_t activation_buffer_reads = 0;  ///< bytes, as are all up to dma_writes
  std::uint64_t activation_buffer_writes = 0;
  std::uint64_t weight_buffer_reads = 0;
  std::uint64_t weight_buffer_writes = 0;
  std::uint64_t output_buffer_reads = 0;
  std::uint64_t output_buffer_writes = 0;
  std::uint64_t dma_reads = 0;
  std::uint64_t dma_writes = 0;
  std::uint64_t accumulates = 0;      ///< int32 additions to what an earlier k-tile left in the output buffer
  std::uint64_t requantizations = 0;  ///< accumulators scaled to int8

  AcceleratorEvents& operator+=(const AcceleratorEvents& other);
  bool operator==(const AcceleratorEvents& other) const;
};

/// One count with what a report needs to show it.
struct EventCounter {
  std::string_view name;
  std::string_view unit;
  std::string_view description;
  std::uint64_t& (*at)(AcceleratorEvents&);

  std::uint64_t get(const AcceleratorEvents& events) const { return at(const_cast<AcceleratorEvents&>(events)); }
};

/// All counts: the one list for registers, tables and files.
const std::vector<EventCounter>& event_counters();

}  // namespace flexcim
