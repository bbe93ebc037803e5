// Exercises a Verilated macro in a process of its own, and again with a waveform where it differs.
#pragma once

#include "rtl_models/verilated/rtl_library.h"

#include <string>

namespace flexcim {

struct ExerciseReport {
  std::string text;  ///< for the user
  bool equal = false;
  bool waveform = false;  ///< whether the files are there
};

/// Runs exercise() in a child, since the SystemC kernel elaborates once per process: where RTL and model differ a
/// second one runs up to there and writes BASE.vcd and BASE.gtkw, which begin some cycles before. Throws
/// std::system_error where no process is to be had or one of them has been ended by a signal.
ExerciseReport exercise_apart(const RtlLibrary& library, int cycles, unsigned seed, const std::string& base);

}  // namespace flexcim
