// What an accelerator and its memory did, counted: the basis of energy and power (architecture.md §11).
#pragma once

#include "flow/map/events.h"
#include "flow/map/toggles.h"

#include <cstdint>
#include <optional>

namespace flexcim {

/// Bytes that crossed the port of one SRAM buffer.
struct BufferTraffic {
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
};

/// What the DRAM devices of all channels did.
struct DramTraffic {
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  std::uint64_t activates = 0;  ///< rows opened (and later closed)
  std::uint64_t refreshes = 0;  ///< all-bank refreshes
};

/// Counts over some span of time. All but toggles are equal in every fidelity (architecture.md §10.3).
struct Activity {
  MacroEvents macro;                    ///< summed over all macros
  std::uint64_t idle_macro_cycles = 0;  ///< cycles without a phase on the lines, summed over all macros
  BufferTraffic activation_buffer;
  BufferTraffic weight_buffer;
  BufferTraffic output_buffer;
  std::uint64_t accumulates = 0;         ///< int32 additions over k-tiles in the output buffer
  std::uint64_t requantizations = 0;     ///< accumulators scaled to int8
  std::uint64_t interconnect_bytes = 0;  ///< bytes times hops (DMA, command queue, host)
  DramTraffic dram;
  std::uint64_t host_instructions = 0;
  std::optional<MacroToggles> toggles;  ///< summed over all macros, where they were counted
};

}  // namespace flexcim
