#include "rtl_models/verilated/random_driver.h"

#include <algorithm>
#include <numeric>

namespace flexcim {
namespace {

template <typename T, std::size_t n>
T pick(std::mt19937& random, const T (&values)[n]) {
  return values[random() % n];
}

TileLayout random_layout(const MacroInterface& interface, std::mt19937& random) {
  const MacroGeometry& geometry = interface.geometry;
  const std::vector<Pattern> patterns = supported_patterns(geometry);
  Sequencing sequencing =
      pick(random, {Sequencing::grouped, Sequencing::grouped, Sequencing::scan, Sequencing::dense_slot});
  if (sequencing == Sequencing::scan && !interface.scan) sequencing = Sequencing::grouped;
  MergeMode merge = pick(random, {MergeMode::reduce, MergeMode::concat});
  if (!interface.concat) merge = MergeMode::reduce;
  return make_layout(geometry, patterns[random() % patterns.size()], sequencing, merge, "random layout");
}

}  // namespace

TestTile random_test_tile(const MacroInterface& interface, std::mt19937& random) {
  const MacroGeometry& g = interface.geometry;
  TestTile test;
  test.layout = random_layout(interface, random);
  const TileLayout& layout = test.layout;
  const bool scan = layout.compares_index;
  const int phases =
      scan ? layout.scan_phases
           : (layout.compressed && random() % 2 ? 1 + static_cast<int>(random() % std::min(g.cols, 6)) : 1);
  const int indices = scan ? layout.block_inputs : layout.compressed ? 2 * layout.window : 1;
  const bool extreme = random() % 4 == 0;
  test.tile.cells.resize(static_cast<std::size_t>(g.cells()));
  for (int c = 0; c < g.cols; ++c) {
    for (int p = 0; p < layout.active_sub_macros(); ++p) {
      for (int r = 0; r < g.rows; ++r) {
        CellWord& word = test.tile.cells[test.tile.cell(g, c, p, r)];
        const int weight = extreme ? 127 * pick(random, {-1, 1}) : static_cast<int>(random() % 255) - 127;
        word.weight = static_cast<std::int8_t>(weight);
        word.metadata = static_cast<std::uint8_t>(random() % indices);
      }
    }
  }
  test.broadcast = layout.lanes > 1 && random() % 2;
  const int group = layout.slots * layout.blocks_per_row;
  test.tile.phases.resize(static_cast<std::size_t>(phases));
  for (Phase& phase : test.tile.phases) {
    phase.bases.assign(static_cast<std::size_t>(g.sub_macros) * g.rows, 0);
    phase.columns.resize(static_cast<std::size_t>(layout.lanes));
    if (!layout.compressed || scan) continue;
    for (int p = 0; p < layout.active_sub_macros(); ++p) {
      for (int r = 0; r < g.rows; ++r) {
        const int at = p * g.rows + r;
        phase.bases[at] = static_cast<std::uint8_t>(random() % layout.block_pairs);
        if (test.broadcast && p >= group) phase.bases[at] = phase.bases[at % (group * g.rows)];
      }
    }
  }
  const bool some_unused = random() % 2;
  for (int lane = 0; lane < layout.lanes; ++lane) {
    for (int c = 0; c < g.cols; ++c) {
      if (some_unused && random() % 4 == 0) continue;
      if (scan) {
        for (Phase& phase : test.tile.phases) phase.columns[lane].set(c);
      } else {
        test.tile.phases[random() % test.tile.phases.size()].columns[lane].set(c);
      }
    }
  }
  return test;
}

RandomDriver::RandomDriver(const MacroInterface& interface, unsigned seed)
    : interface_(interface), shadow_(interface.update == WeightUpdate::shadow), random_(seed) {
  column_order_.resize(static_cast<std::size_t>(geometry_.cols));
  std::iota(column_order_.begin(), column_order_.end(), 0);
  start_tile();
}

bool RandomDriver::chance(double probability) { return std::bernoulli_distribution(probability)(random_); }

void RandomDriver::choose_mood() {
  mood_.cycles = 50 + static_cast<int>(random_() % 200);
  mood_.enable = pick(random_, {1.0, 1.0, 0.7, 0.3});
  mood_.final_ready = pick(random_, {1.0, 1.0, 0.5, 0.1, 0.02});
  mood_.beat = pick(random_, {1.0, 1.0, 0.5});
  mood_.pass = pick(random_, {1.0, 1.0, 0.6, 0.15});
  mood_.new_tile = pick(random_, {0.002, 0.02, 0.1});
  mood_.reset = pick(random_, {0.0, 0.0, 0.01, 0.03});
  mood_.swap = shadow_ ? pick(random_, {0.02, 0.3, 0.9}) : 0;
  mood_.extreme = random_() % 4 == 0;
}

void RandomDriver::start_tile() {
  tiles_.push_back(random_test_tile(interface_, random_));
  if (tiles_.size() > 4) tiles_.pop_front();
  if (random_() % 2) std::shuffle(column_order_.begin(), column_order_.end(), random_);
  next_column_ = 0;
  loading_ = true;
  beat_taken_ = false;
  ++coverage_.tiles;
  coverage_.scans += tiles_.back().layout.scan_phases > 1;
  coverage_.concats += tiles_.back().layout.lanes > 1;
}

const MacroInputs& RandomDriver::next() {
  if (mood_.cycles-- <= 0) choose_mood();
  inputs_.reset = chance(mood_.reset);
  inputs_.enable = chance(mood_.enable);
  inputs_.final_ready = chance(mood_.final_ready);

  inputs_.swap = chance(mood_.swap);

  const bool complete = shadow_ && !loading_ && swapped_in_ != &tiles_.back();
  if (!loading_ && !complete && chance(mood_.new_tile)) start_tile();
  // A complete tile that waits for its swap is offered again now and then: the macro must not take it.
  inputs_.beat = (loading_ || complete) && chance(mood_.beat) ? &tiles_.back() : nullptr;
  if (inputs_.beat) {
    inputs_.column = column_order_[complete ? 0 : next_column_];
    inputs_.last = !complete && next_column_ + 1 == column_order_.size();
  }

  // Passes belong to the tile whose load is complete, or to nobody: then they must not be taken. A pass that waits when
  // a load goes first is for the next tile.
  const bool before_load = loading_ && !beat_taken_ && tiles_.size() > 1;
  inputs_.resident = before_load ? &tiles_[tiles_.size() - 2] : &tiles_.back();
  if (swapped_in_ != nullptr) inputs_.resident = swapped_in_;
  if (!pass_waits_) {
    std::vector<std::int8_t> fresh(static_cast<std::size_t>(geometry_.sub_macros) * geometry_.rows * 2 *
                                   geometry_.pairs_per_set);
    for (std::int8_t& x : fresh) {
      const int value = mood_.extreme ? pick(random_, {-128, 127}) : static_cast<int>(random_() % 256) - 128;
      x = static_cast<std::int8_t>(value);
    }
    activations_.push_back(std::move(fresh));
    if (activations_.size() > 4) activations_.pop_front();
    pass_waits_ = true;
  }
  inputs_.activations = chance(mood_.pass) ? activations_.back().data() : nullptr;
  return inputs_;
}

void RandomDriver::taken(const MacroOutputs& outputs) {
  const bool pass_taken = inputs_.activations && outputs.pass_ready;
  const bool complete = shadow_ && !loading_ && swapped_in_ != &tiles_.back();
  const bool in_pass =
      inputs_.enable && (shadow_ ? complete && !outputs.swap_ready : !loading_ && !turnaround_ && !outputs.load_ready);
  coverage_.stalled_cycles += !inputs_.enable;
  coverage_.held_results += outputs.final_valid && !inputs_.final_ready;
  const bool open = shadow_ ? swapped_in_ != nullptr && !inputs_.swap : !loading_ && !turnaround_;
  coverage_.refused_phases +=
      inputs_.enable && open && !outputs.pass_ready && inputs_.activations && inputs_.resident->tile.phases.size() == 1;
  if (shadow_) count_shadow(outputs);
  if (inputs_.reset) {
    ++coverage_.resets;
    coverage_.resets_in_pass += in_pass;
    coverage_.resets_in_load += loading_ && beat_taken_;
    coverage_.resets_of_complete += complete;
    swapped_in_ = nullptr;
    pass_waits_ = false;
    turnaround_ = false;
    start_tile();
    return;
  }
  if (inputs_.enable) turnaround_ = false;
  coverage_.results += inputs_.enable && inputs_.final_ready && outputs.final_valid;
  if (inputs_.beat && outputs.load_ready) {
    coverage_.beats_before_pass += inputs_.activations && !beat_taken_;
    beat_taken_ = true;
    if (inputs_.last && !shadow_) turnaround_ = true;
    if (++next_column_ == column_order_.size()) loading_ = false;
  }
  if (inputs_.swap && outputs.swap_ready) {
    ++coverage_.swaps;
    swapped_in_ = &tiles_.back();
  }
  if (pass_taken) {
    ++coverage_.passes;
    coverage_.multi_phase_passes += inputs_.resident->tile.phases.size() > 1;
    pass_waits_ = false;
  }
}

void RandomDriver::count_shadow(const MacroOutputs& outputs) {
  if (!inputs_.enable || inputs_.reset) return;
  coverage_.early_swaps += inputs_.swap && !outputs.swap_ready;
  coverage_.held_passes += inputs_.swap && outputs.swap_ready && inputs_.activations;
  coverage_.beats_behind_pass += inputs_.beat && outputs.load_ready && inputs_.activations && outputs.pass_ready;
  coverage_.refused_beats += inputs_.beat && !outputs.load_ready;
}

}  // namespace flexcim
