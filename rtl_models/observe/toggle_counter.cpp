#include "rtl_models/observe/toggle_counter.h"

#include "flow/base/simd.h"

#include <algorithm>

namespace flexcim {
namespace {

int ones(std::uint32_t bits) { return __builtin_popcount(bits); }

std::int32_t low_bits(int width) { return static_cast<std::int32_t>((std::int64_t{1} << width) - 1); }

/// Takes over what `gates` [cols] lets through of `terms` * `cols` values, and counts the bits that change.
FLEXCIM_SIMD_LOOPS std::uint64_t latch_loops(const std::int32_t* values, const std::int32_t* gates, int terms, int cols,
                                             std::int32_t* last) {
  std::uint64_t toggles = 0;
  for (int i = 0; i < terms; ++i, values += cols, last += cols) {
    for (int c = 0; c < cols; ++c) {
      const std::int32_t change = (values[c] ^ last[c]) & gates[c];
      toggles += static_cast<std::uint64_t>(__builtin_popcount(static_cast<std::uint32_t>(change)));
      last[c] ^= change;
    }
  }
  return toggles;
}
constexpr auto latch = simd_kernel<latch_loops>;

FLEXCIM_SIMD_LOOPS std::uint64_t latch_bytes_loops(const std::int8_t* values, int count, std::int8_t* last) {
  std::uint64_t toggles = 0;
  for (int i = 0; i < count; ++i) {
    const auto change = static_cast<std::uint8_t>(values[i] ^ last[i]);
    toggles += static_cast<std::uint64_t>(__builtin_popcount(change));
    last[i] = values[i];
  }
  return toggles;
}
constexpr auto latch_bytes = simd_kernel<latch_bytes_loops>;

}  // namespace

ToggleCounter::ToggleCounter(const sc_core::sc_module_name& name, Macro& macro)
    : sc_module(name), macro_(macro), geometry_(macro.geometry()), subs_(geometry_.sub_macros) {
  SC_HAS_PROCESS(ToggleCounter);
  SC_METHOD(sample);
  sensitive << clock.neg();
  dont_initialize();
  macro.observe(true);

  const MacroGeometry& g = geometry_;
  const auto cells = static_cast<std::size_t>(g.rows) * g.cols;
  for (SubState& sub : subs_) {
    sub.lines.resize(static_cast<std::size_t>(g.rows) * g.lines());
    sub.bases.resize(g.rows);
    for (int level = 0; level <= log2_ceil(g.rows); ++level) {
      sub.stages.push_back({MacroGeometry::product_bits + level, std::vector<std::int32_t>(cells >> level),
                            std::vector<std::int32_t>(g.cols)});
    }
    sub.entries.assign(g.psum_depth, std::vector<std::int32_t>(g.cols));
    sub.running.resize(g.cols);
    sub.cells[0].resize(cells);
    if (macro.weight_update() == WeightUpdate::shadow) sub.cells[1].resize(cells);
  }
  for (int number = 1; number <= macro.merger.stages(); ++number) {
    const int width = std::min(g.column_psum_bits() + number - 1, g.merged_psum_bits());
    merger_.push_back({width, std::vector<std::int32_t>(static_cast<std::size_t>(g.sub_macros) * g.cols),
                       std::vector<std::int32_t>(g.cols, low_bits(width))});
  }
}

void ToggleCounter::sample() {
  for (int p = 0; p < geometry_.sub_macros; ++p) {
    count_pipeline(p);
    count_psums(p);
    count_phase(p);
  }
  count_merger();
  count_writes();
}

/// Lines and selects of the phase in this cycle; and what it is that the product register is about to take.
void ToggleCounter::count_phase(int p) {
  SubState& sub = subs_[p];
  sub.advanced = clocked() && macro_.sub_ready[p].read();
  const LinePins& pins = macro_.lines[p].read();
  if (pins.use != LineUse::phase || !pins.active || !clocked()) return;
  toggles_.lines += latch_bytes(pins.lines, static_cast<int>(sub.lines.size()), sub.lines.data());
  toggles_.selects += (pins.columns ^ sub.columns).count();
  toggles_.select_bits += static_cast<std::uint64_t>(geometry_.cols);
  sub.columns = pins.columns;
  if (!pins.compressed) return;
  const std::uint8_t* bases = macro_.control.read().phase->bases.data() + static_cast<std::size_t>(p) * geometry_.rows;
  for (int r = 0; r < geometry_.rows; ++r)
    toggles_.selects += static_cast<std::uint64_t>(ones(bases[r] ^ sub.bases[r]));
  std::copy_n(bases, geometry_.rows, sub.bases.begin());
  toggles_.select_bits += static_cast<std::uint64_t>(geometry_.rows) * log2_ceil(geometry_.first_stage_inputs());
}

/// What selects a column moves through the pipeline with its values.
void ToggleCounter::count_pipeline(int p) {
  SubState& sub = subs_[p];
  if (!sub.advanced) return;
  const SubMacro& block = macro_.sub[p];
  for (std::size_t level = sub.stages.size(); level-- > 0;) {
    Registers& registers = sub.stages[level];
    for (int c = 0; c < geometry_.cols; ++c) {
      const bool live = level == 0 ? sub.columns.test(c) : sub.stages[level - 1].gates[c] != 0;
      registers.gates[c] = live ? low_bits(registers.width) : 0;
    }
    const TreeStage& stage = level == 0 ? block.product.read() : block.tree.stage(static_cast<int>(level));
    if (!stage.valid || stage.values == nullptr) continue;
    (level == 0 ? toggles_.products : toggles_.column_trees) +=
        latch(stage.values, registers.gates.data(), geometry_.rows >> level, geometry_.cols, registers.last.data());
  }
}

/// The sum at the end of the tree, if the buffer is about to take it.
void ToggleCounter::count_psums(int p) {
  SubState& sub = subs_[p];
  const TreeStage& sum = macro_.sub[p].sum.read();
  if (!sum.valid || !clocked() || !macro_.sub_ready[p].read()) return;
  if (sum.tag.first) std::fill(sub.running.begin(), sub.running.end(), 0);
  const Registers& source = sub.stages.back();
  std::int32_t* entry = sub.entries[sub.entry].data();
  const std::int32_t clocked = low_bits(geometry_.column_psum_bits());
  for (int c = 0; c < geometry_.cols; ++c) {
    if (source.gates[c] == 0) continue;
    sub.running[c] += sum.sums[c] >> sum.tag.psum_shift();
    toggles_.psum_buffers += latch(&sub.running[c], &clocked, 1, 1, &entry[c]);
  }
  if (sum.tag.last) sub.entry = sub.entry + 1 == sub.entries.size() ? 0 : sub.entry + 1;
}

void ToggleCounter::count_merger() {
  const Merger& merger = macro_.merger;
  for (std::size_t i = 0; i < merger_.size(); ++i) {
    const Merger::Stage& stage = merger.stage(static_cast<int>(i) + 1);
    if (!stage.valid) continue;
    const bool last = i + 1 == merger_.size();
    const std::int32_t* values = last ? stage.sums.data() : stage.values.data();
    const int terms = stage.pins.lanes * (last ? 1 : stage.terms);
    toggles_.merger += latch(values, merger_[i].gates.data(), terms, geometry_.cols, merger_[i].last.data());
  }
}

void ToggleCounter::count_writes() {
  if (!clocked()) return;
  if (macro_.weight_update() == WeightUpdate::shadow) {
    const WeightWrite& write = macro_.weight_write.read();
    if (write.swap) computing_ = 1 - computing_;
    if (!write.write) return;
    for (int p = 0; p < geometry_.sub_macros; ++p) {
      write_column(p, 1 - computing_, write.column, write.words + static_cast<std::size_t>(p) * geometry_.rows);
    }
    return;
  }
  const LoadBeat& beat = macro_.load.read();
  if (macro_.lines[0].read().use != LineUse::write) return;
  for (int p = 0; p < geometry_.sub_macros; ++p) {
    write_column(p, 0, beat.column, beat.words + static_cast<std::size_t>(p) * geometry_.rows);
  }
}

void ToggleCounter::write_column(int p, int store, int column, const CellWord* words) {
  CellWord* cells = subs_[p].cells[store].data() + static_cast<std::size_t>(column) * geometry_.rows;
  for (int r = 0; r < geometry_.rows; ++r) {
    const auto metadata = static_cast<std::uint8_t>(words[r].metadata & geometry_.metadata_mask());
    const auto weight = static_cast<std::uint8_t>(words[r].weight ^ cells[r].weight);
    toggles_.weight_load += static_cast<std::uint64_t>(ones(weight) + ones(metadata ^ cells[r].metadata));
    cells[r] = {words[r].weight, metadata};
  }
}

}  // namespace flexcim
