// What a gemm costs, without its data and without a simulation: the schedule arithmetic of tlm.
#pragma once

#include "platform/config/architecture.h"
#include "platform/energy/activity.h"
#include "tlm/timing/gemm_unit.h"

#include <cstdint>
#include <tuple>

namespace flexcim {

/// A gemm without data.
struct GemmShape {
  int tokens = 1, out = 0, in = 0;
  Pattern pattern;
  /// Phases of every macro tile, where each serves some of the columns (sequencing grouped): 1 for weights pruned for
  /// the window that columns share, up to the number of columns for element-wise ones. What is no such tile does not
  /// ask.
  int phases = 1;
  int weight_bits = 8;       ///< 4 or 8; of two int4 weights in a cell each has as many phases
  bool requantized = false;  ///< outputs are int8 by a table of scales; int32 otherwise

  /// Any order, for tables of shapes.
  bool operator<(const GemmShape& other) const {
    const auto members = [](const GemmShape& shape) {
      return std::tie(shape.tokens, shape.out, shape.in, shape.pattern.n, shape.pattern.m, shape.phases,
                      shape.weight_bits, shape.requantized);
    };
    return members(*this) < members(other);
  }
};

/// What one command for it costs: as CommandRecord and the SoC's counts have it after a simulation at tlm.
struct GemmEstimate {
  Cycle cycles = 0;  ///< fetch of the descriptor to its completion
  GemmStatistics gemm;
  DramTraffic dram;
  std::uint64_t interconnect_bytes = 0;
  /// Between the end of the first row of array tiles and that of the last: in which the macros wait for weights,
  /// activations or write-backs. Where it is 0 memory does not contend.
  Cycle waited = 0;
};

/// Of the only command of a simulation, whose weights, activations and outputs lie one behind the other. Throws
/// InputError for a shape or a pattern that the accelerator refuses, or one that does not fit its buffers.
GemmEstimate estimate_gemm(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape);

/// How many tokens of it the buffers hold at a time; 0 where not one. All that an estimate takes of the sizes of the
/// activation and the output buffer. Throws InputError for a shape or a pattern that the accelerator refuses.
int token_tile(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape);

/// The same with no tile left out: exact whatever contends, and slower.
GemmEstimate whole_gemm(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape);

/// What was counted over the command, to be priced.
Activity activity_of(const Architecture& architecture, const GemmEstimate& estimate);

}  // namespace flexcim
