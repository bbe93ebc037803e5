// Brings activations, or the words of a column, onto the data lines of every sub-macro (architecture.md §3, §4).
#pragma once

#include "rtl_models/signals/pins.h"

#include <systemc>

#include <vector>

namespace flexcim {

/// Combinational. Per row P first-stage multiplexers: that of sub-macro p picks, of the pairs of its block, the window
/// that starts at the phase's base (cyclic); P second-stage multiplexers: that of sub-macro p picks the first-stage
/// result route(p). Where the block's inputs stand in the activation vector follows from the layout: input i of block q
/// of row r is (r * blocks_per_row + q) * M + i; those of second int4 weights stand behind all of the first ones'. A
/// write puts weight and metadata of the beat's column on lines 0 and 1 instead.
class Distributor : public sc_core::sc_module {
 public:
  sc_core::sc_in<PhaseControl> control{"control"};
  sc_core::sc_in<LoadBeat> load{"load"};
  sc_core::sc_in<PassPins> pass{"pass"};
  sc_core::sc_in<bool> go{"go"};
  sc_core::sc_vector<sc_core::sc_out<LinePins>> lines;

  Distributor(const sc_core::sc_module_name& name, const MacroGeometry& geometry);

  /// The second-stage select of sub-macro p: itself, unless lanes need no selects of their own; then all lanes are fed
  /// from the multiplexers of lane 0 (broadcast).
  static int route(const LayoutPins& layout, int p);

 private:
  void drive();
  void drive_write();
  void drive_phase();
  void prepare(const PhaseControl& now);
  void select_first_stage(const PhaseControl& pins, int p, const std::int8_t* activations, std::int8_t* lines_of_p);
  void resolve(const PhaseControl& pins);
  std::size_t line_bytes() const { return static_cast<std::size_t>(geometry_.rows) * geometry_.lines(); }

  MacroGeometry geometry_;
  std::vector<std::vector<std::int8_t>> buffers_;  ///< [P][R * lines()]
  std::vector<LinePins> pins_;                     ///< [P]
  std::vector<std::vector<std::uint32_t>>
      sources_;  ///< [phase][P][R][window]: what the selects of a resident tile point at
  std::vector<std::vector<std::uint16_t>> selected_;  ///< [phase][lane]: columns that the masks select
  std::uint32_t sources_tile_ = 0;
  std::uint32_t prepared_ = 0;  ///< version of the phase that pins_ were prepared for
};

}  // namespace flexcim
