// What the terminal shows of a workload's steps.
#pragma once

#include "platform/results/run_result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// A pass with all of its runs.
struct StepRow {
  std::string name;
  std::string phases;  ///< "prefill+decode", in order of the requests
  std::uint64_t runs = 1, batches = 1;
  std::uint64_t requests = 0;  ///< of a batch
  std::uint64_t tokens = 0;    ///< read
  double tokens_out = 0;
  std::uint64_t cycles = 0;  ///< of the accelerator
  TimeSplit time;
  Femtojoules energy = 0, gemms = 0;
};

/// The passes of a simulation with steps, in order.
std::vector<StepRow> step_rows(const SimulationResult& simulation);

/// A table of the passes, and a line with rates, times of tokens and energy per token. The simulation has steps.
std::string steps_report(const SimulationResult& simulation);

}  // namespace flexcim
