// What the result says of one linear.
#pragma once

#include "flow/pack/packed_linear.h"
#include "platform/program/soc_meter.h"
#include "platform/results/run_result.h"
#include "tlm/timing/command_unit.h"

#include <cstdint>
#include <string>

namespace flexcim {

/// One command of a linear, or several of the same one.
struct GemmTotals {
  int tokens = 0;
  Cycle start = 0;  ///< of the first
  std::uint64_t cycles = 0;
  GemmStatistics gemm;  ///< tiles and phases are of the linear, whatever the number of commands
  SocCounts spent;      ///< by DRAM and macros

  void add(const CommandRecord& record, int token_count, const SocCounts& spent_by_command);
};

/// What says how many phases tiles have that hold weights of `layer` (for messages) in slots of `runs_as`: `weights`,
/// where tiles have selects of their own.
PhaseSource phases_from(const Scenario& scenario, const Pattern& runs_as, const std::string& layer,
                        PhaseSource weights);

/// What follows from its commands' counts alone: tiles, phases, cycles, stalls, multiplications, utilization.
void set_counts(LayerResult& layer, const Architecture& architecture, const GemmStatistics& gemm, Cycle cycles);

/// All of a LayerResult but its output and how that compares. Takes the energy from `account`.
LayerResult layer_figures(const SocMeter& meter, Account& account, const Scenario& scenario, const PackedLinear& linear,
                          const GemmTotals& totals);

/// How many sums differ and the first that does, one phrase; empty where none does. Shapes are equal.
std::string first_difference(MatrixView<const std::int32_t> output, MatrixView<const std::int32_t> golden);

}  // namespace flexcim
