#include "rtl_models/blocks/sequencer.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace flexcim {

Sequencer::Sequencer(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges,
                     WeightUpdate update)
    : sc_module(name), sub_ready("sub_ready", geometry.sub_macros), geometry_(geometry), update_(update) {
  SC_HAS_PROCESS(Sequencer);
  if (edges == Edges::own) {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  SC_METHOD(drive_handshake);
  sensitive << control << load << enable;
  for (auto& ready : sub_ready) sensitive << ready;
  if (update == WeightUpdate::shadow) sensitive << swap;
  show();
  control.initialize(shown_);
}

void Sequencer::drive_handshake() {
  const bool enabled = enable.read();
  const PhaseControl& now = control.read();
  bool all = enabled;
  for (auto& ready : sub_ready) all = all && ready.read();
  if (update_ == WeightUpdate::shadow) {
    const bool may_swap = enabled && now.shadow_full && now.first;
    const bool asked = swap->read();
    swap_ready->write(may_swap);
    drive_weight_write(enabled && now.shadow_open, may_swap && asked);
    all = all && !(asked && now.first);
  }
  go.write(all);
  load_ready.write(enabled && (now.load_open || now.shadow_open));
  pass_ready.write(all && now.compute && now.last && !(now.load_open && load.read().valid));
}

void Sequencer::drive_weight_write(bool open, bool swaps) {
  const LoadBeat& beat = load.read();
  weights_.write = open && beat.valid;
  weights_.swap = swaps;
  weights_.column = beat.column;
  weights_.words = beat.words;
  ++weights_.version;
  weight_write->write(weights_);
}

void Sequencer::clock_edge(bool resets, bool enabled) {
  if (resets) {
    state_ = State::empty;
    shadow_ = Shadow::free;
    index_ = 0;
    show();
    control.write(shown_);
    return;
  }
  if (!enabled) return;
  update_ == WeightUpdate::shadow ? shadow_edge() : blocking_edge();
}

void Sequencer::blocking_edge() {
  const LineUse use = line_use(control.read(), load.read().valid, pass.read().valid, go.read());
  if (state_ == State::turnaround) {
    state_ = State::compute;
  } else if (use == LineUse::write) {
    const LoadBeat& beat = load.read();
    if (state_ != State::loading) tile_.phases.clear();
    state_ = beat.last ? State::turnaround : State::loading;
    take_phase_of(beat, tile_);
    if (beat.last) {
      complete(beat.layout, tile_);
      index_ = 0;
      ++shown_.tile;
    }
  } else if (use == LineUse::phase) {
    take_phase();
    if (tile_.layout.phases == 1) return;  // the next cycle looks the same
  } else {
    return;
  }
  show();
  control.write(shown_);
}

/// What the lines do and what the second cells do; a swap and a phase exclude each other by `go`.
void Sequencer::shadow_edge() {
  const WeightWrite& weights = weight_write->read();
  bool changed = false;
  if (line_use(control.read(), load.read().valid, pass.read().valid, go.read()) == LineUse::phase) {
    take_phase();
    changed = tile_.layout.phases > 1;
  }
  if (weights.write) {
    const LoadBeat& beat = load.read();
    if (shadow_ == Shadow::free) next_.phases.clear();
    shadow_ = beat.last ? Shadow::full : Shadow::loading;
    take_phase_of(beat, next_);
    if (beat.last) complete(beat.layout, next_);
    changed = changed || beat.last;
  }
  if (weights.swap) {
    std::swap(tile_, next_);
    state_ = State::compute;
    shadow_ = Shadow::free;
    ++shown_.tile;
    changed = true;
  }
  if (!changed) return;
  show();
  control.write(shown_);
}

void Sequencer::take_phase_of(const LoadBeat& beat, LoadedTile& tile) {
  if (beat.phase == nullptr) return;
  const std::size_t count = beat.layout.cell_weights, first = beat.column * count;
  if (tile.phases.size() < first + count) tile.phases.resize(first + count);
  std::copy_n(beat.phase, count, tile.phases.begin() + static_cast<std::ptrdiff_t>(first));
}

void Sequencer::complete(const LayoutPins& layout, LoadedTile& tile) const {
  std::vector<Phase>& phases = tile.phases;
  tile.layout = layout;
  if (phases.size() < (layout.scan ? layout.cell_weights : layout.phases)) {
    throw std::logic_error("the beats of a tile of " + std::to_string(layout.phases) + " phases brought " +
                           std::to_string(phases.size()));
  }
  phases.resize(layout.phases);
  for (int k = 0; layout.scan && k < layout.phases; ++k) {
    phases[k].columns = phases[0].columns;
    phases[k].bases.assign(static_cast<std::size_t>(geometry_.sub_macros) * geometry_.rows,
                           static_cast<std::uint8_t>(k / layout.cell_weights * layout.window));
  }
  tile.outputs.clear();
  for (int lane = 0; lane < layout.lanes; ++lane) {
    ColumnMask any;
    for (const Phase& phase : phases) any |= phase.columns[lane];
    tile.outputs.push_back(static_cast<std::uint16_t>(any.count()));
  }
}

void Sequencer::take_phase() {
  const LayoutPins& layout = tile_.layout;
  ++events_.phases;
  events_.distributor_pairs += static_cast<std::uint64_t>(layout.active_sub_macros()) * geometry_.rows * layout.window;
  if (++index_ < layout.phases) return;
  index_ = 0;
  ++events_.passes;
}

void Sequencer::show() {
  const bool shadow = update_ == WeightUpdate::shadow;
  shown_.compute = state_ == State::compute;
  shown_.load_open = !shadow && (state_ == State::empty || state_ == State::loading || (shown_.compute && index_ == 0));
  shown_.shadow_open = shadow && shadow_ != Shadow::full;
  shown_.shadow_full = shadow_ == Shadow::full;
  shown_.index = static_cast<std::uint16_t>(index_);
  shown_.first = index_ == 0;
  shown_.last = index_ + 1 == tile_.layout.phases;
  shown_.plane = static_cast<std::uint8_t>(tile_.layout.scan ? index_ / tile_.layout.cell_weights : 0);
  shown_.phase = shown_.compute ? &tile_.phases[index_] : nullptr;
  shown_.outputs = tile_.outputs.data();
  shown_.layout = tile_.layout;
  ++shown_.version;
}

const char* to_string(Sequencer::State state) {
  switch (state) {
    case Sequencer::State::empty:
      return "empty";
    case Sequencer::State::loading:
      return "loading";
    case Sequencer::State::turnaround:
      return "turnaround";
    case Sequencer::State::compute:
      return "compute";
  }
  return "?";
}

const char* to_string(Sequencer::Shadow shadow) {
  switch (shadow) {
    case Sequencer::Shadow::free:
      return "free";
    case Sequencer::Shadow::loading:
      return "loading";
    case Sequencer::Shadow::full:
      return "full";
  }
  return "?";
}

}  // namespace flexcim
