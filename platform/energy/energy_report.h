// Energy and area by component, and the figures that carry them.
#pragma once

#include "platform/config/figure.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Where energy goes. Names in tables and files come from to_string.
enum class Component {
  cells,        ///< multipliers and their product registers
  adder_trees,  ///< column trees with their pipeline registers
  psum_buffers,
  merger,
  distributor,
  metadata,  ///< per-cell line multiplexers and index compares
  cell_writes,
  gated_cells,  ///< clock-gated cells of unselected columns and idle macros
  activation_buffer,
  weight_buffer,
  output_buffer,  ///< with accumulation and requantization
  interconnect,
  dram,
  host,
  leakage  ///< area times time, logic and SRAM
};
constexpr std::size_t kComponents = 15;
std::string_view to_string(Component component);
constexpr Component component_at(std::size_t i) { return static_cast<Component>(i); }

using EnergyByComponent = std::array<double, kComponents>;  ///< pJ

/// One figure's part of an energy.
struct FigureShare {
  std::string name;  ///< its key in the technology file, e.g. "energy.int8_multiply"
  Figure figure;
  double energy_pj = 0;
};

/// Energy in pJ.
struct EnergyReport {
  EnergyByComponent by_component{};
  std::vector<FigureShare> by_figure;  ///< in order of first use

  double operator[](Component c) const { return by_component[static_cast<std::size_t>(c)]; }
  double total_pj() const;
  /// The macro alone: cells to gated_cells, without leakage.
  double macro_pj() const;
  double by_tag(char tag) const;
  EnergyReport& operator+=(const EnergyReport& other);
};

}  // namespace flexcim
