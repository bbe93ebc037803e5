// What the accelerator does, counted and placed in time (docs/architecture.md §11).
#pragma once

#include "flow/map/events.h"

#include <cstdint>

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
};

/// In the order of the counter registers, so that a new count comes last.
template <>
struct StatisticList<AcceleratorEvents> {
  using E = AcceleratorEvents;
  static constexpr auto list = joined(
      statistics_of_part<&E::macro>(),
      statistics<E>({
          {"activation_buffer_reads", "bytes", "read from the activation buffer", count<&E::activation_buffer_reads>},
          {"activation_buffer_writes", "bytes", "written to the activation buffer",
           count<&E::activation_buffer_writes>},
          {"weight_buffer_reads", "bytes", "read from the weight buffer", count<&E::weight_buffer_reads>},
          {"weight_buffer_writes", "bytes", "written to the weight buffer", count<&E::weight_buffer_writes>},
          {"output_buffer_reads", "bytes", "read from the output buffer", count<&E::output_buffer_reads>},
          {"output_buffer_writes", "bytes", "written to the output buffer", count<&E::output_buffer_writes>},
          {"dma_reads", "bytes", "read through the DMA port", count<&E::dma_reads>},
          {"dma_writes", "bytes", "written through the DMA port", count<&E::dma_writes>},
          {"accumulates", "events", "int32 additions in the output buffer", count<&E::accumulates>},
          {"requantizations", "events", "accumulators scaled to int8", count<&E::requantizations>},
      }));
};

}  // namespace flexcim
