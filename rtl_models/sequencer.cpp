#include "rtl_models/sequencer.h"

#include <stdexcept>
#include <string>

namespace flexcim {

Sequencer::Sequencer(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges)
    : sc_module(name), sub_ready("sub_ready", geometry.sub_macros), geometry_(geometry) {
  SC_HAS_PROCESS(Sequencer);
  if (edges == Edges::own) {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  SC_METHOD(drive_handshake);
  sensitive << control << load << enable;
  for (auto& ready : sub_ready) sensitive << ready;
  show();
  control.initialize(shown_);
}

void Sequencer::drive_handshake() {
  bool all = enable.read();
  for (auto& ready : sub_ready) all = all && ready.read();
  const PhaseControl& now = control.read();
  go.write(all);
  load_ready.write(enable.read() && now.load_open);
  pass_ready.write(all && now.compute && now.last && !(now.load_open && load.read().valid));
}

void Sequencer::clock_edge(bool resets, bool enabled) {
  if (resets) {
    state_ = State::empty;
    index_ = 0;
    show();
    control.write(shown_);
    return;
  }
  if (!enabled) return;
  const LineUse use = line_use(control.read(), load.read().valid, pass.read().valid, go.read());
  if (state_ == State::turnaround) {
    state_ = State::compute;
  } else if (use == LineUse::write) {
    take_beat(load.read());
  } else if (use == LineUse::phase) {
    take_phase();
    if (layout_.phases == 1) return;  // the next cycle looks the same
  } else {
    return;
  }
  show();
  control.write(shown_);
}

void Sequencer::take_beat(const LoadBeat& beat) {
  if (state_ != State::loading) phases_.clear();
  state_ = beat.last ? State::turnaround : State::loading;
  if (beat.phase != nullptr) {
    if (phases_.size() <= beat.column) phases_.resize(static_cast<std::size_t>(beat.column) + 1);
    phases_[beat.column] = *beat.phase;
  }
  if (beat.last) begin_tile(beat.layout);
}

void Sequencer::begin_tile(const LayoutPins& layout) {
  layout_ = layout;
  index_ = 0;
  ++shown_.tile;
  if (phases_.size() < (layout_.scan ? 1u : layout_.phases)) {
    throw std::logic_error("the beats of a tile of " + std::to_string(layout_.phases) + " phases brought " +
                           std::to_string(phases_.size()));
  }
  phases_.resize(layout_.phases);
  for (int k = 0; layout_.scan && k < layout_.phases; ++k) {
    phases_[k].columns = phases_[0].columns;
    phases_[k].bases.assign(static_cast<std::size_t>(geometry_.sub_macros) * geometry_.rows,
                            static_cast<std::uint8_t>(k * layout_.window));
  }
  outputs_.clear();
  for (int lane = 0; lane < layout_.lanes; ++lane) {
    ColumnMask any;
    for (const Phase& phase : phases_) any |= phase.columns[lane];
    outputs_.push_back(static_cast<std::uint16_t>(any.count()));
  }
}

void Sequencer::take_phase() {
  ++events_.phases;
  events_.distributor_pairs +=
      static_cast<std::uint64_t>(layout_.active_sub_macros()) * geometry_.rows * layout_.window;
  if (++index_ < layout_.phases) return;
  index_ = 0;
  ++events_.passes;
}

void Sequencer::show() {
  shown_.compute = state_ == State::compute;
  shown_.load_open = state_ == State::empty || state_ == State::loading || (shown_.compute && index_ == 0);
  shown_.index = static_cast<std::uint16_t>(index_);
  shown_.first = index_ == 0;
  shown_.last = index_ + 1 == layout_.phases;
  shown_.plane = static_cast<std::uint8_t>(layout_.scan ? index_ : 0);
  shown_.phase = shown_.compute ? &phases_[index_] : nullptr;
  shown_.outputs = outputs_.data();
  shown_.layout = layout_;
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

}  // namespace flexcim
