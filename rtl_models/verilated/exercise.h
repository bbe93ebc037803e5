// A Verilated macro and the SystemC macro under random pins: what the accelerator never does to a macro is among it.
#pragma once

#include "rtl_models/verilated/lockstep.h"
#include "rtl_models/verilated/random_driver.h"

#include <cstdint>
#include <optional>
#include <string>

namespace flexcim {

/// Of the clock, whatever the architecture has.
std::uint64_t exercise_period_ps();

struct ExerciseOptions {
  int cycles = 5000;
  unsigned seed = 1;
  std::string waveform;                  ///< base of the files that show it, empty: none
  std::uint64_t from_ps = 0, to_ps = 0;  ///< of the waveform
};

struct Exercised {
  std::uint64_t cycles = 0;  ///< in which every output pin has been compared
  RandomDriver::Coverage coverage;
  std::optional<RtlDifference> difference;  ///< the first one, where there is one
};

/// Random tiles, passes, stalls, resets and back-pressure, `options.cycles` cycles of them or up to some cycles behind
/// the first difference. Elaborates and runs a simulation: once per process. Throws RtlFailure where the RTL stops by
/// itself.
Exercised exercise(const RtlLibrary& library, const ExerciseOptions& options);

}  // namespace flexcim
