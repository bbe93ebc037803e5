// Counts the toggles of a macro's registers and buses.
#pragma once

#include "flow/map/toggles.h"
#include "rtl_models/blocks/macro.h"

#include <systemc>

#include <cstdint>
#include <vector>

namespace flexcim {

/// Watches a macro at the falling edge, when the cycle has settled, and makes it keep every register (slower). A column
/// that is not selected is clock-gated: its product and tree registers and its psum keep what they had, so that a
/// toggle is counted between two phases that select it. In a scan the product of a cell whose window is not on the
/// lines is 0.
class ToggleCounter : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};  ///< the macro's

  /// `macro` outlives it. To be made before the simulation starts.
  ToggleCounter(const sc_core::sc_module_name& name, Macro& macro);

  const MacroToggles& toggles() const { return toggles_; }

 private:
  /// The registers of one stage, [terms][C].
  struct Registers {
    int width = 0;
    std::vector<std::int32_t> last;
    std::vector<std::int32_t> gates;  ///< [C]: bits that are clocked, 0 where the column is gated
  };
  struct SubState {
    std::vector<std::int8_t> lines;
    ColumnMask columns;
    std::vector<std::uint8_t> bases;
    std::vector<Registers> stages;                   ///< product, then the tree's levels
    std::vector<std::vector<std::int32_t>> entries;  ///< psum_depth times [C]
    std::vector<std::int32_t> running;               ///< [C]: the open entry's sums
    std::size_t entry = 0;                           ///< that is written
    bool advanced = false;                           ///< product and tree take new values at the next rising edge
    std::vector<CellWord> cells[2];                  ///< [C][R]; the second only with WeightUpdate::shadow
  };

  void sample();
  /// Whether the next rising edge latches anything at all.
  bool clocked() const { return macro_.enable.read() && !macro_.reset.read(); }
  void count_phase(int p);
  void count_pipeline(int p);
  void count_psums(int p);
  void count_merger();
  void count_writes();
  void write_column(int p, int store, int column, const CellWord* words);

  Macro& macro_;
  const MacroGeometry geometry_;
  std::vector<SubState> subs_;
  std::vector<Registers> merger_;  ///< input, levels, psum_final
  int computing_ = 0;              ///< which of the two stores of a cell multiplies
  MacroToggles toggles_;
};

}  // namespace flexcim
