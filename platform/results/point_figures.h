// What one design point of a comparison or a sweep gives.
#pragma once

#include "platform/energy/energy_report.h"

#include <cstdint>
#include <numeric>

namespace flexcim {

/// Of a run's first simulation; point_metrics() says what each figure means.
struct PointFigures {
  std::uint64_t cycles = 0;
  std::uint64_t stall_cycles = 0;
  std::int64_t time_ps = 0;
  double tokens_per_s = 0;  ///< 0 where no tokens are counted
  // Of steps; 0 without.
  double tokens_out = 0;
  double first_token_ns = 0;
  double per_token_ns = 0;
  EnergyByComponent energy{};
  std::uint64_t macs_dense = 0;
  std::uint64_t macs_executed = 0;
  double utilization = 0;  ///< 0..1
  std::uint64_t dram_bytes = 0;
  double area_mm2 = 0;

  Femtojoules total() const { return std::accumulate(energy.begin(), energy.end(), Femtojoules{0}); }
};

}  // namespace flexcim
