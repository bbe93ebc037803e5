#include "flow/map/schedule.h"

#include <algorithm>

namespace flexcim {
namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

int pipeline_latency(const MacroGeometry& geometry) {
  const int product = 1, psum_buffer = 1, merger_input = 1, psum_final = 1;
  return product + log2_ceil(geometry.rows) + psum_buffer + merger_input + log2_ceil(geometry.sub_macros) + psum_final;
}

std::uint64_t load_cycles(const MacroGeometry& geometry, std::uint64_t bytes, std::uint64_t port_bytes) {
  return std::max<std::uint64_t>(geometry.cols, ceil_div(bytes, port_bytes)) + 1;
}

std::uint64_t pass_cycles(std::uint64_t phases, std::uint64_t input_bytes, std::uint64_t port_bytes) {
  return std::max(phases, ceil_div(input_bytes, port_bytes));
}

}  // namespace flexcim
