// One sub-macro: cells, column trees and psum buffers (architecture.md §2).
#pragma once

#include "rtl_models/blocks/adder_tree.h"
#include "rtl_models/blocks/cell_array.h"
#include "rtl_models/blocks/psum_buffer.h"
#include "rtl_models/signals/bus.h"

#include <systemc>

namespace flexcim {

/// From the lines to the psum: product 1 + tree log2 R + psum buffer 1 cycles. `ready` low says that the psum buffer is
/// full: the product register and all tree stages hold, and the lines must carry no phase.
class SubMacro : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};
  sc_core::sc_in<bool> enable{"enable"};
  sc_core::sc_in<LinePins> lines{"lines"};
  sc_core::sc_out<bool> ready{"ready"};
  sc_core::sc_out<bool> psum_valid{"psum_valid"};
  sc_core::sc_out<std::uint8_t> psum_active{"psum_active"};
  sc_core::sc_out<PsumEntry> psum{"psum"};
  sc_core::sc_in<bool> ack{"ack"};
  OptionalIn<WeightWrite> weight_write{"weight_write"};  ///< shadow only

  CellArray cells;
  AdderTree tree;
  PsumBuffer buffer;
  Bus<TreeStage> product{"product"};
  Bus<TreeStage> sum{"sum"};

  /// `number`: of this sub-macro in the macro.
  SubMacro(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges = Edges::own,
           WeightUpdate update = WeightUpdate::blocking, int number = 0);

  /// The rising edge of all three parts.
  void clock_edge(bool resets, bool enabled);

  /// What its parts counted.
  MacroEvents events() const;

 private:
  void on_clock() { clock_edge(reset.read(), enable.read()); }
};

}  // namespace flexcim
