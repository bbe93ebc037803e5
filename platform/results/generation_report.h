// What the terminal shows of a generated text.
#pragma once

#include "platform/results/run_result.h"

#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// All linears of one kind ("q_proj") in one part of a generation.
struct LayerKind {
  std::string part;  ///< "prefill" or "decode"
  std::string kind;
  int linears = 0;
  std::vector<Pattern> patterns;  ///< those that occur, in order of their first linear
  std::uint64_t macs_dense = 0;
  std::uint64_t cycles = 0;
  std::uint64_t stall_cycles = 0;
  double busy_cells = 0;  ///< utilization times cycles
  Femtojoules energy = 0;
  std::optional<bool> match;  ///< none where nothing was compared

  double utilization() const { return cycles > 0 ? busy_cells / static_cast<double>(cycles) : 0; }
  std::string patterns_text() const;  ///< "dense 2:4"
};

/// The simulation's layers by part and kind, in order of their first linear.
std::vector<LayerKind> layer_kinds(const SimulationResult& simulation);

/// Prompt, and the text where there is one; a table of the parts with rates, energy and time split; tables of layer
/// kinds and of the host's operators. The simulation has a generation.
std::string generation_report(const SimulationResult& simulation);

/// A line on where the generation differs from the golden model; empty where it does not.
std::string generation_mismatch(const SimulationResult& simulation);

}  // namespace flexcim
