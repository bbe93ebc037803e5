#include "rtl_models/blocks/merger.h"

#include "rtl_models/kernels/column_sum.h"

#include <algorithm>
#include <array>

namespace flexcim {

Merger::Merger(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges)
    : sc_module(name),
      psum_valid("psum_valid", geometry.sub_macros),
      psum("psum", geometry.sub_macros),
      ack("ack", geometry.sub_macros),
      sub_macros_(geometry.sub_macros),
      cols_(geometry.cols),
      stages_(1 + log2_ceil(geometry.sub_macros) + 1),
      slots_(static_cast<std::size_t>(stages_) + 1) {
  SC_HAS_PROCESS(Merger);
  if (edges == Edges::own) {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  SC_METHOD(drive_ack);
  sensitive << psum_active << final_ready << enable << final_valid_;
  for (auto& valid : psum_valid) sensitive << valid;
  for (Stage& stage : slots_) stage.sums.resize(static_cast<std::size_t>(sub_macros_) * cols_);
}

void Merger::drive_ack() {
  bool all = enable.read() && (!final_valid_.read() || final_ready.read());
  const int active = std::max<int>(psum_active.read(), 1);
  for (int p = 0; p < active; ++p) all = all && psum_valid[p].read();
  for (int p = 0; p < sub_macros_; ++p) ack[p].write(all && p < active);
}

void Merger::clock_edge(bool resets, bool enabled) {
  if (resets) {
    for (Stage& stage : slots_) stage.valid = false;
    in_flight_ = 0;
    final_valid_.write(false);
    PsumFinal empty;
    empty.version = ++version_;
    psum_final.write(empty);
    return;
  }
  if (!enabled || (final_valid_.read() && !final_ready.read())) return;
  const bool enters = ack[0].read();
  if (!enters && in_flight_ == 0) return;
  const bool leaves = slot(stages_).valid;
  newest_ = newest_ + 1 == slots_.size() ? 0 : newest_ + 1;
  slot(1).valid = enters;
  if (enters) capture(slot(1));
  in_flight_ += enters - leaves;
  if (observed_) {
    for (int number = 2; number < stages_; ++number) {
      if (slot(number).valid) add_pairs(slot(number));
    }
  }
  Stage& out = slot(stages_);
  if (!out.valid && !leaves) return;
  out.pins.valid = out.valid;
  out.pins.sums = out.sums.data();
  out.pins.version = ++version_;
  psum_final.write(out.pins);
  if (out.valid != final_valid_.read()) final_valid_.write(out.valid);
}

void Merger::capture(Stage& in) {
  const PhaseTag tag = psum[0].read().tag;
  const int per_lane = tag.active / tag.lanes;
  in.pins.lanes = tag.lanes;
  in.terms = per_lane;
  std::uint64_t outputs = 0;
  for (int lane = 0; lane < tag.lanes; ++lane) {
    std::int32_t* sums = in.sums.data() + static_cast<std::size_t>(lane) * cols_;
    const int first = lane * per_lane;
    outputs += psum[first].read().tag.outputs;
    std::array<const std::int32_t*, MacroGeometry::most_sub_macros> terms;
    for (int i = 0; i < per_lane; ++i) terms[i] = psum[first + i].read().sums;
    add_columns(terms.data(), per_lane, cols_, sums);
  }
  events_.outputs += outputs;
  events_.merge_adds += outputs * (per_lane - 1);
  in.values.clear();
  if (!observed_) return;
  for (int p = 0; p < tag.active; ++p) {
    const std::int32_t* sums = psum[p].read().sums;
    in.values.insert(in.values.end(), sums, sums + cols_);
  }
}

/// One level of adders inside every lane; an odd term passes through.
void Merger::add_pairs(Stage& stage) const {
  if (stage.values.empty()) return;
  const int half = (stage.terms + 1) / 2;
  for (int lane = 0; lane < stage.pins.lanes; ++lane) {
    const std::int32_t* from = stage.values.data() + static_cast<std::size_t>(lane) * stage.terms * cols_;
    std::int32_t* to = stage.values.data() + static_cast<std::size_t>(lane) * half * cols_;
    for (int i = 0; i < half; ++i) {
      const bool pair = 2 * i + 1 < stage.terms;
      for (int c = 0; c < cols_; ++c) {
        to[i * cols_ + c] = from[2 * i * cols_ + c] + (pair ? from[(2 * i + 1) * cols_ + c] : 0);
      }
    }
  }
  stage.terms = half;
  stage.values.resize(static_cast<std::size_t>(stage.pins.lanes) * half * cols_);
  if (half == 1) std::copy(stage.values.begin(), stage.values.end(), stage.sums.begin());
}

}  // namespace flexcim
