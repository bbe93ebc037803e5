// A run of a program on a SoC of arithmetic alone.
#pragma once

#include "platform/estimate/plain_soc.h"
#include "platform/program/native_program.h"
#include "platform/program/soc_meter.h"
#include "platform/results/run_result.h"

#include <filesystem>

namespace flexcim {

class PlainRun {
 public:
  /// All that is referred to outlives it. Counts over time that do not stay in memory wait in `folder`.
  PlainRun(const Scenario& scenario, NativeProgram& program, const std::filesystem::path& folder = {});

  /// Finds what the hardware would refuse.
  void check(Findings& findings) const { program_.check(soc_.dram_bytes(), findings); }
  /// Once. Layers, cycles, bytes, events, energy, power and activity over time are those of a simulation at tlm;
  /// nothing is computed that could be compared. With several DRAM channels the times are those of bursts that do not
  /// overtake each other. Rows over time are valid as long as this. Throws InputError naming the layer that the
  /// accelerator refused.
  SimulationResult run();

 private:
  NativeProgram& program_;
  PlainSoc soc_;
  SocMeter meter_;
};

}  // namespace flexcim
