#include "flow/map/schedule.h"

#include <algorithm>

namespace flexcim {
namespace {

/// max(least, ceil(a / b)); seldom divides.
std::uint64_t at_least_ceil(std::uint64_t least, std::uint64_t a, std::uint64_t b) {
  return a <= least * b ? least : (a + b - 1) / b;
}

}  // namespace

int pipeline_latency(const MacroGeometry& geometry) {
  const int product = 1, psum_buffer = 1, merger_input = 1, psum_final = 1;
  return product + log2_ceil(geometry.rows) + psum_buffer + merger_input + log2_ceil(geometry.sub_macros) + psum_final;
}

std::uint64_t write_cycles(const MacroGeometry& geometry, std::uint64_t bytes, std::uint64_t port_bytes) {
  return at_least_ceil(static_cast<std::uint64_t>(geometry.cols), bytes, port_bytes);
}

std::uint64_t load_cycles(const MacroGeometry& geometry, std::uint64_t bytes, std::uint64_t port_bytes) {
  return write_cycles(geometry, bytes, port_bytes) + 1;
}

std::uint64_t load_start(WeightUpdate update, const TileTimes& before, std::uint64_t ready) {
  return std::max(ready, update == WeightUpdate::shadow ? before.first_phase : before.run_end);
}

std::uint64_t first_phase(const TileTimes& before, std::uint64_t loaded) {
  return std::max(loaded, before.run_end) + 1;
}

std::uint64_t exposed_load_cycles(const TileTimes& before, const TileTimes& tile) {
  return tile.first_phase - std::max(tile.load_start, before.run_end);
}

}  // namespace flexcim
