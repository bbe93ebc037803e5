// Energy and area by component, and the figures that carry them.
#pragma once

#include "platform/config/figure.h"
#include "platform/energy/femtojoules.h"

#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Where energy goes; kComponentInfos says what each is.
enum class Component {
  cells,
  adder_trees,
  psum_buffers,
  merger,
  distributor,
  metadata,
  cell_writes,
  gated_cells,
  activation_buffer,
  weight_buffer,
  output_buffer,
  interconnect,
  dram,
  host,
  leakage
};

struct ComponentInfo {
  Component component;
  std::string_view name;  ///< in tables and files
  std::string_view description;
};
/// All of them, in order.
inline constexpr ComponentInfo kComponentInfos[] = {
    {Component::cells, "cells", "multipliers and their product registers"},
    {Component::adder_trees, "adder_trees", "column trees with their pipeline registers"},
    {Component::psum_buffers, "psum_buffers", "registers and adders of the psum buffers"},
    {Component::merger, "merger", "registers and adders of the merger"},
    {Component::distributor, "distributor", "first-stage and sub-macro multiplexers"},
    {Component::metadata, "metadata", "line multiplexers and index compares of the cells"},
    {Component::cell_writes, "cell_writes", "weights written into cells"},
    {Component::gated_cells, "gated_cells", "clock-gated cells of unselected columns and idle macros"},
    {Component::activation_buffer, "activation_buffer", "the buffer and its wires"},
    {Component::weight_buffer, "weight_buffer", "the buffer and its wires"},
    {Component::output_buffer, "output_buffer", "the buffer and its wires, accumulation and requantization"},
    {Component::interconnect, "interconnect", "bytes over the bus"},
    {Component::dram, "dram", "the devices of all channels"},
    {Component::host, "host", "instructions of the host"},
    {Component::leakage, "leakage", "area times time, logic and SRAM"},
};
constexpr std::size_t kComponents = std::size(kComponentInfos);
/// Those of the macro alone are the first ones: cells to gated_cells.
constexpr std::size_t kMacroComponents = static_cast<std::size_t>(Component::gated_cells) + 1;
constexpr Component component_at(std::size_t i) { return kComponentInfos[i].component; }
constexpr std::string_view to_string(Component component) {
  return kComponentInfos[static_cast<std::size_t>(component)].name;
}

using EnergyByComponent = std::array<Femtojoules, kComponents>;

/// What one figure of the technology adds to one component.
struct EnergyTerm {
  Component component = Component::cells;
  std::string name;  ///< the figure's key in the technology file, e.g. "energy.int8_multiply"
  Figure figure;
  Femtojoules energy = 0;
};

/// One figure's part of an energy, of all components.
struct FigureShare {
  std::string name;
  Figure figure;
  Femtojoules energy = 0;
};

/// Energy as a sum of terms; everything else follows from them.
/// Copies share their terms until one of them changes: layers that are alike have the same.
class EnergyReport {
 public:
  /// Each component and figure once, in order of first use.
  const std::vector<EnergyTerm>& terms() const;

  void add(const EnergyTerm& term);
  EnergyReport& operator+=(const EnergyReport& other);
  EnergyReport& operator*=(Femtojoules times);

  Femtojoules total() const;
  Femtojoules of(Component component) const;
  EnergyByComponent by_component() const;
  std::vector<FigureShare> by_figure() const;  ///< in order of first use

  // In pJ.
  double operator[](Component component) const { return picojoules(of(component)); }
  double total_pj() const { return picojoules(total()); }
  /// The macro alone: cells to gated_cells, without leakage.
  double macro_pj() const;
  double by_tag(char tag) const;

 private:
  std::vector<EnergyTerm>& own_terms();

  std::shared_ptr<std::vector<EnergyTerm>> terms_;  ///< null where there are none
};

}  // namespace flexcim
