// The cycles of a macro (architecture.md §6). Every fidelity takes them from here, or is compared with them.
#pragma once

#include "flow/map/geometry.h"

#include <cstdint>

namespace flexcim {

/// Cycles from a pass's last phase on the lines to its psum_final: product 1, column tree log2 R, psum buffer 1, merger
/// input 1, merger tree ceil(log2 P), psum_final 1. 11 for the published parameters.
int pipeline_latency(const MacroGeometry& geometry);

/// Cycles to load `bytes` of tile blobs into the macros through a weight port of `port_bytes` per cycle, counted up to
/// the first phase that uses them: max(C, ceil(bytes / port)) + 1.
std::uint64_t load_cycles(const MacroGeometry& geometry, std::uint64_t bytes, std::uint64_t port_bytes);

/// Cycles of one pass: its phases, or longer where the activation port needs longer for the pass's inputs (one byte
/// each).
std::uint64_t pass_cycles(std::uint64_t phases, std::uint64_t input_bytes, std::uint64_t port_bytes);

}  // namespace flexcim
