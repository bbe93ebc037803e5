// What accelerator and memory do over time, by windows as power is.
#pragma once

#include "tlm/timing/buffer_access.h"

#include <array>
#include <cstdint>
#include <functional>

namespace flexcim {

/// [start_ns, end_ns). Events are spread evenly over the time that they take, so that sums over all windows are those
/// of the run.
struct ActivityWindow {
  double start_ns = 0;
  double end_ns = 0;
  std::uint64_t macs_executed = 0;                 ///< multiplications that the cells did
  double utilization = 0;                          ///< macs_executed over cycles times all cells, 0..1
  std::uint64_t dram_read_bytes = 0;               ///< as whole bursts
  std::uint64_t dram_write_bytes = 0;              ///< likewise
  std::array<double, kBuffers> buffer_bytes = {};  ///< by BufferId: held, on average over the window
};

/// As PowerRow and PowerRows.
using ActivityRow = std::function<void(const ActivityWindow&)>;
using ActivityRows = std::function<void(const ActivityRow& row)>;

}  // namespace flexcim
