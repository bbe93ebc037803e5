// One simulated run of a scenario's workload.
#pragma once

#include "platform/config/findings.h"
#include "platform/results/run_result.h"
#include "platform/soc/soc.h"

#include <cstdint>

namespace flexcim {

/// Made before sc_start(), asked afterwards. Several may live in one SystemC simulation; none sees the others.
class Simulation {
 public:
  virtual ~Simulation() = default;
  virtual Soc& soc() = 0;
  /// Finds what the accelerator would refuse.
  virtual void check(Findings& findings) = 0;
  /// To be called at the end of power windows, as PowerLog::sample is.
  virtual void sample(std::uint64_t window) = 0;
  /// Figures, and everything compared with the golden model. Throws InputError naming the layer that the accelerator
  /// refused, and SimulationError where the host's program has not come to its end.
  /// Its power over time is valid as long as the simulation is there.
  virtual StageResult result() const = 0;
};

}  // namespace flexcim
