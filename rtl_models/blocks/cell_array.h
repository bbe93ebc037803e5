// The cells of one sub-macro and their product register (architecture.md §2).
#pragma once

#include "flow/map/events.h"
#include "rtl_models/kernels/column_dot.h"
#include "rtl_models/signals/edges.h"
#include "rtl_models/signals/optional_port.h"
#include "rtl_models/signals/pins.h"

#include <systemc>

#include <memory>
#include <vector>

namespace flexcim {

/// R x C cells, each an int8 weight and log2(2I) bits of metadata, or two int4 weights with metadata each, of which a
/// phase multiplies one. In a cycle in which a phase is on the lines and
/// `advance` is high, the rising edge latches the products of the selected columns into the product register (latency
/// 1). A write takes one column from the lines, all rows in parallel, whatever `advance` says. `enable` is the clock
/// gate: low holds cells and register. `reset`, sampled at the edge, empties the register and leaves the cells.
///
/// With WeightUpdate::shadow every cell has a second store, which takes a column from weight_write whatever the lines
/// do; a swap, in a cycle without a phase, exchanges the roles of the two.
class CellArray : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};
  sc_core::sc_in<bool> enable{"enable"};
  sc_core::sc_in<bool> advance{"advance"};
  sc_core::sc_in<LinePins> lines{"lines"};
  sc_core::sc_out<TreeStage> product{"product"};
  OptionalIn<WeightWrite> weight_write{"weight_write"};  ///< shadow only

  /// `number`: of the sub-macro, whose words of weight_write these cells take.
  CellArray(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges = Edges::own,
            WeightUpdate update = WeightUpdate::blocking, int number = 0);

  /// The rising edge, with what `reset` and `enable` were before it.
  void clock_edge(bool resets, bool enabled);

  /// Fills TreeStage::values with the R products of every column: for a waveform or toggle counts; slower.
  void observe(bool on) { observed_ = on; }

  /// The word that multiplies.
  CellWord cell(int column, int row) const {
    return store_.cells[static_cast<std::size_t>(column) * geometry_.rows + row];
  }
  /// products, idle_cells, metadata_selects, index_compares, cell_writes of this sub-macro.
  const MacroEvents& events() const { return events_; }

 private:
  struct Buffer {
    AlignedVector<std::int32_t> sums;
    std::vector<std::int32_t> values;
  };
  /// What of all cells multiplies together.
  struct Operand {
    explicit Operand(const MacroGeometry& geometry);
    ColumnDot dot;
    std::vector<std::uint16_t> cells_of_window;  ///< [plane][C]: cells whose index lies in the window
  };
  /// One word per cell, and what is derived from them.
  struct Store {
    explicit Store(const MacroGeometry& geometry);
    std::vector<CellWord> cells;    ///< [C][R]
    std::vector<Operand> operands;  ///< by LinePins::operand
  };

  void on_clock() { clock_edge(reset.read(), enable.read()); }
  void write_column(const LinePins& in);
  void take_weights(const WeightWrite& in);
  void write(Store& store, int column, int row, CellWord word);
  void multiply(const LinePins& in, Buffer& buffer);
  void multiply_each(const LinePins& in, std::vector<std::int32_t>& values) const;
  void count_phase(const LinePins& in);
  std::size_t plane_cell(int plane, int column) const {
    return static_cast<std::size_t>(plane) * geometry_.cols + column;
  }

  MacroGeometry geometry_;
  Store store_;
  std::unique_ptr<Store> shadow_;  ///< null where a cell has one store
  int number_;
  std::vector<Buffer> buffers_;  ///< one for the register, each stage of the tree, and what leaves the tree
  TreeStage register_;
  std::size_t current_ = 0;
  bool observed_ = false;
  MacroEvents events_;
};

}  // namespace flexcim
