#include "rtl_models/blocks/adder_tree.h"

namespace flexcim {

AdderTree::AdderTree(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges)
    : sc_module(name),
      rows_(geometry.rows),
      cols_(geometry.cols),
      levels_(log2_ceil(geometry.rows)),
      slots_(static_cast<std::size_t>(levels_) + 1) {
  SC_HAS_PROCESS(AdderTree);
  if (levels_ == 0) {
    SC_METHOD(pass_through);
    sensitive << product;
    return;
  }
  if (edges == Edges::own) {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
}

void AdderTree::pass_through() { sum.write(product.read()); }

void AdderTree::clock_edge(bool resets, bool enabled) {
  if (levels_ == 0) return;
  if (resets) {
    for (Slot& slot : slots_) slot.stage.valid = false;
    in_flight_ = 0;
    observed_in_flight_ = 0;
    TreeStage empty;
    empty.version = ++version_;
    sum.write(empty);
    return;
  }
  if (!enabled || !advance.read()) return;
  const TreeStage& in = product.read();
  if (!in.valid && in_flight_ == 0) return;
  const bool leaves = slot(levels_).stage.valid;
  newest_ = newest_ + 1 == slots_.size() ? 0 : newest_ + 1;
  slot(1).stage.valid = in.valid;
  if (in.valid) enter(in);
  in_flight_ += in.valid - leaves;
  observed_in_flight_ += in.valid && in.values != nullptr;
  if (observed_in_flight_ > 0) add_levels();
  TreeStage& out = slot(levels_).stage;
  if (!out.valid && !leaves) return;
  out.version = ++version_;
  sum.write(out);
}

void AdderTree::enter(const TreeStage& in) {
  Slot& first = slot(1);
  first.stage = in;
  if (in.values != nullptr) {
    first.values.assign(in.values, in.values + static_cast<std::size_t>(in.terms) * cols_);
    first.stage.values = first.values.data();
  }
  events_.column_adds += static_cast<std::uint64_t>(rows_ - 1) * in.selected;
}

void AdderTree::add_levels() {
  for (int level = 1; level <= levels_; ++level) {
    if (slot(level).stage.valid && slot(level).stage.values != nullptr) add_pairs(slot(level));
  }
  const TreeStage& out = slot(levels_).stage;
  observed_in_flight_ -= out.valid && out.values != nullptr;
}

/// One level of adders: row 2i and row 2i+1.
void AdderTree::add_pairs(Slot& slot) {
  const int half = slot.stage.terms / 2;
  for (int i = 0; i < half; ++i) {
    for (int c = 0; c < cols_; ++c) {
      slot.values[static_cast<std::size_t>(i) * cols_ + c] =
          slot.values[static_cast<std::size_t>(2) * i * cols_ + c] +
          slot.values[(static_cast<std::size_t>(2) * i + 1) * cols_ + c];
    }
  }
  slot.stage.terms = static_cast<std::uint16_t>(half);
  if (half > 1) return;
  slot.sums.assign(slot.values.begin(), slot.values.begin() + cols_);
  slot.stage.sums = slot.sums.data();  // what the adders made is what counts
}

}  // namespace flexcim
