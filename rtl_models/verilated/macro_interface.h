// The documented pins and parameters of a macro in SystemVerilog (docs/your_rtl.md): those of
// rtl_models/verilog/flexcim_macro.sv, and what anybody's macro in its place must have.
#pragma once

#include "flow/map/geometry.h"

#include <string>
#include <vector>

namespace flexcim {

/// What of an architecture and a scenario shows at the pins.
struct MacroInterface {
  MacroGeometry geometry;
  WeightUpdate update = WeightUpdate::blocking;
  bool scan = true;    ///< cells hold the index in the block and compare it
  bool concat = true;  ///< the merger can add in several lanes

  int metadata_bits() const;
  int base_bits() const;
  int route_bits() const;
  int column_bits() const;
  int count_bits() const;
  int pair_bits() const;
  int phase_bits() const;
  int most_lanes() const { return concat ? geometry.sub_macros : 1; }
};

struct MacroParameter {
  std::string name;
  std::string value;
};
/// P, R, C, I, WINDOW, PSUM_DEPTH, SCAN, CONCAT and SHADOW.
std::vector<MacroParameter> macro_parameters(const MacroInterface& interface);

struct MacroPin {
  std::string name;
  int bits = 1;
  bool input = false;
  const char* width = "1";  ///< where the bits come from, in terms of the parameters
};
/// All of them, in the order of the module's ports; `swap` and `swap_ready` with shadow cells only.
std::vector<MacroPin> macro_pins(const MacroInterface& interface);

/// Throws InputError, which says what it is, for what no macro in SystemVerilog does: a list of patterns, two int4
/// weights in a cell, weights from tables.
void require_describable(const MacroGeometry& geometry);

}  // namespace flexcim
