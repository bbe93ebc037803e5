#include "rtl_models/blocks/cell_array.h"

#include <utility>

namespace flexcim {

namespace {

/// What of a cell's word multiplies. An int4 weight takes the upper half of the multiplier, the lower half rests: its
/// products are 16 times as large.
CellWord operand_of(CellWord word, int operand, int metadata_mask) {
  if (operand > 0) {
    word = int4_of(word, operand - 1);
    word.weight = static_cast<std::int8_t>(word.weight * 16);
  }
  word.metadata = static_cast<std::uint8_t>(word.metadata & metadata_mask);
  return word;
}

}  // namespace

CellArray::Operand::Operand(const MacroGeometry& g)
    : dot(g.rows, g.cols, g.lines(), g.windows()), cells_of_window(static_cast<std::size_t>(g.windows()) * g.cols) {
  for (int c = 0; c < g.cols; ++c) {
    cells_of_window[c] = static_cast<std::uint16_t>(g.rows);  // all cells start as {0, 0}
  }
}

CellArray::Store::Store(const MacroGeometry& g)
    : cells(static_cast<std::size_t>(g.cols) * g.rows), operands(g.int4_per_cell == 1 ? 1 : 3, Operand(g)) {}

CellArray::CellArray(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges,
                     WeightUpdate update, int number)
    : sc_module(name),
      geometry_(geometry),
      store_(geometry),
      number_(number),
      buffers_(static_cast<std::size_t>(log2_ceil(geometry.rows)) + 2) {
  SC_HAS_PROCESS(CellArray);
  if (edges == Edges::own) {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  if (update == WeightUpdate::shadow) shadow_ = std::make_unique<Store>(geometry);
  for (Buffer& buffer : buffers_) buffer.sums.resize(geometry.cols);
}

void CellArray::clock_edge(bool resets, bool enabled) {
  if (resets) {
    if (register_.valid) {
      register_.valid = false;
      ++register_.version;
      product.write(register_);
    }
    return;
  }
  if (!enabled) return;
  const LinePins& in = lines.read();
  if (in.use == LineUse::write) write_column(in);
  if (shadow_ != nullptr) take_weights(weight_write->read());
  if (!advance.read()) return;

  const bool phase = in.use == LineUse::phase;
  if (phase) count_phase(in);
  const bool valid = phase && in.active;
  if (!valid && !register_.valid) return;
  register_.valid = valid;
  if (valid) {
    current_ = current_ + 1 == buffers_.size() ? 0 : current_ + 1;
    Buffer& buffer = buffers_[current_];
    multiply(in, buffer);
    register_.tag = in.tag;
    register_.selected = in.selected;
    register_.sums = buffer.sums.data();
    register_.values = observed_ ? buffer.values.data() : nullptr;
    register_.terms = static_cast<std::uint16_t>(geometry_.rows);
  }
  ++register_.version;
  product.write(register_);
}

void CellArray::write_column(const LinePins& in) {
  for (int r = 0; r < geometry_.rows; ++r) {
    const std::int8_t* line = in.lines + static_cast<std::size_t>(r) * geometry_.lines();
    const int metadata = geometry_.lines() > 1 ? line[1] : 0;
    write(store_, in.column, r, {line[0], static_cast<std::uint8_t>(metadata)});
  }
  events_.cell_writes += geometry_.rows;
}

/// The register keeps what the old words gave: a swap never comes in a cycle with a phase.
void CellArray::take_weights(const WeightWrite& in) {
  if (in.swap) std::swap(store_, *shadow_);
  if (!in.write) return;
  const CellWord* words = in.words + static_cast<std::size_t>(number_) * geometry_.rows;
  for (int r = 0; r < geometry_.rows; ++r) write(*shadow_, in.column, r, words[r]);
  events_.cell_writes += geometry_.rows;
}

void CellArray::write(Store& store, int column, int row, CellWord word) {
  word.metadata = static_cast<std::uint8_t>(word.metadata & geometry_.metadata_mask());
  CellWord& cell = store.cells[static_cast<std::size_t>(column) * geometry_.rows + row];
  for (std::size_t i = 0; i < store.operands.size(); ++i) {
    Operand& operand = store.operands[i];
    const CellWord before = operand_of(cell, static_cast<int>(i), geometry_.largest_m() - 1);
    const CellWord after = operand_of(word, static_cast<int>(i), geometry_.largest_m() - 1);
    --operand.cells_of_window[plane_cell(before.metadata / geometry_.lines(), column)];
    ++operand.cells_of_window[plane_cell(after.metadata / geometry_.lines(), column)];
    operand.dot.write(column, row, after.weight, after.metadata);
  }
  cell = word;
}

void CellArray::multiply(const LinePins& in, Buffer& buffer) {
  store_.operands[in.operand].dot.sums(in.plane, in.lines, buffer.sums.data());
  if (in.selected != geometry_.cols) {
    for (int c = 0; c < geometry_.cols; ++c) {
      if (!in.columns.test(c)) buffer.sums[c] = 0;
    }
  }
  if (observed_) multiply_each(in, buffer.values);
}

void CellArray::multiply_each(const LinePins& in, std::vector<std::int32_t>& values) const {
  values.assign(static_cast<std::size_t>(geometry_.rows) * geometry_.cols, 0);
  for (int r = 0; r < geometry_.rows; ++r) {
    const std::int8_t* line = in.lines + static_cast<std::size_t>(r) * geometry_.lines();
    for (int c = 0; c < geometry_.cols; ++c) {
      const CellWord word = operand_of(cell(c, r), in.operand, geometry_.largest_m() - 1);
      if (!in.columns.test(c) || word.metadata / geometry_.lines() != in.plane) continue;
      values[static_cast<std::size_t>(r) * geometry_.cols + c] = word.weight * line[word.metadata % geometry_.lines()];
    }
  }
}

void CellArray::count_phase(const LinePins& in) {
  const std::uint64_t cells = static_cast<std::uint64_t>(geometry_.rows) * geometry_.cols;
  std::uint64_t products = 0;
  if (in.active) {
    const std::uint64_t live = static_cast<std::uint64_t>(geometry_.rows) * in.selected;
    products = live;
    if (in.scan) {
      products = 0;
      for (int c = 0; c < geometry_.cols; ++c) {
        if (in.columns.test(c)) products += store_.operands[in.operand].cells_of_window[plane_cell(in.plane, c)];
      }
      events_.index_compares += live;
    }
    if (in.compressed) events_.metadata_selects += live;
  }
  events_.products += products;
  if (in.operand > 0) events_.int4_products += products;
  events_.idle_cells += cells - products;
}

}  // namespace flexcim
