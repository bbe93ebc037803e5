// How much of what could toggle did: assumed for all operands, or measured in a pin-accurate run.
#pragma once

#include "flow/map/events.h"
#include "flow/map/geometry.h"
#include "flow/map/toggles.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace flexcim {

/// One group of signals: bits that toggled, and bits times the cycles in which they were clocked.
struct ToggleGroup {
  std::string_view name;
  std::uint64_t toggles = 0;
  std::uint64_t bits = 0;

  /// 0 where nothing was clocked.
  double activity() const { return bits == 0 ? 0 : static_cast<double>(toggles) / static_cast<double>(bits); }
};
/// In the order of MacroToggles, whose last count is no group.
using ToggleGroups = std::array<ToggleGroup, StatisticList<MacroToggles>::list.size() - 1>;

/// `events`: of the same time as `toggles`, they say what was clocked. `cell_bits`: of a
/// cell's word.
ToggleGroups toggle_groups(const MacroToggles& toggles, const MacroEvents& events, const MacroGeometry& geometry,
                           int cell_bits);

/// Toggles per bit and cycle, by what it prices; 0.5 is what random data does.
struct SwitchingActivity {
  double lines = 0.5;         ///< distributor, line multiplexers of the cells
  double selects = 0.5;       ///< index compares
  double products = 0.5;      ///< multipliers
  double column_trees = 0.5;  ///< their adders
  double psum_buffers = 0.5;  ///< registers and adders
  double merger = 0.5;        ///< registers and adders

  /// The same for all.
  static SwitchingActivity assumed(double activity);
  static SwitchingActivity measured(const ToggleGroups& groups);
};

}  // namespace flexcim
