// The cycles of a macro (architecture.md §6). Every fidelity takes them from here, or is compared with them.
#pragma once

#include "flow/map/geometry.h"

#include <cstdint>

namespace flexcim {

/// Cycles from a pass's last phase on the lines to its psum_final: product 1, column tree log2 R, psum buffer 1, merger
/// input 1, merger tree ceil(log2 P), psum_final 1. 11 for the published parameters.
int pipeline_latency(const MacroGeometry& geometry);

/// Cycles in which `bytes` of tile blobs are written into the macros through a weight port of `port_bytes` per cycle:
/// max(C, ceil(bytes / port)).
std::uint64_t write_cycles(const MacroGeometry& geometry, std::uint64_t bytes, std::uint64_t port_bytes);

/// Cycles from the first write up to the first phase that uses the weights, where no run is in the way: write_cycles
/// + 1, the turnaround of the data lines (blocking) or the swap (shadow).
std::uint64_t load_cycles(const MacroGeometry& geometry, std::uint64_t bytes, std::uint64_t port_bytes);

/// When one tile of those that a macro runs one after the other is loaded and used; all zero before the first one. With
/// tile i's weights there in cycle ready(i), its operands in cycle operands(i), and n(i) passes of
/// pass_cycles(i), its phases or what its buffers need (array_pass_cycles() in tlm/timing/command_plan.h):
///   load_start(i)  = max(ready(i), run_end(i-1))      blocking: the lines are free
///                  = max(ready(i), first_phase(i-1))  shadow: the second cells are, since the swap
///   loaded(i)      = load_start(i) + write_cycles(i)
///   first_phase(i) = max(loaded(i), run_end(i-1)) + 1 the turnaround or the swap, in cycle first_phase - 1
///   run_start(i)   = max(first_phase(i), operands(i))
///   run_end(i)     = run_start(i) + n(i) * pass_cycles(i)
struct TileTimes {
  std::uint64_t load_start = 0;   ///< cycle of the first write
  std::uint64_t loaded = 0;       ///< the one after the last write
  std::uint64_t first_phase = 0;  ///< the first that may carry a phase of this tile
  std::uint64_t run_end = 0;      ///< the one after its last phase
};

/// load_start of the tile behind `before`.
std::uint64_t load_start(WeightUpdate update, const TileTimes& before, std::uint64_t ready);

/// first_phase of the tile behind `before`.
std::uint64_t first_phase(const TileTimes& before, std::uint64_t loaded);

/// Cycles in which the tile behind `before` keeps the lines from carrying phases although its load has begun and
/// `before` is over: from max(load_start, run_end of `before`) to first_phase. All of load_cycles with blocking, the
/// swap alone where shadow hides the load. Never overlaps a run.
std::uint64_t exposed_load_cycles(const TileTimes& before, const TileTimes& tile);

}  // namespace flexcim
