#include "platform/rtl_macro_engine.h"

#include "flow/map/schedule.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace flexcim {

RtlMacroEngine::Pins::Pins(const std::string& name, const MacroGeometry& geometry)
    : macro(name.c_str(), geometry),
      load((name + "_load").c_str()),
      pass((name + "_pass").c_str()),
      load_ready((name + "_load_ready").c_str()),
      pass_ready((name + "_pass_ready").c_str()),
      psum_final_ready((name + "_psum_final_ready").c_str()),
      psum_final((name + "_psum_final").c_str()) {}

void RtlMacroEngine::Pins::connect(Clock& clock, sc_core::sc_signal_inout_if<bool>& reset,
                                   sc_core::sc_signal<bool>& enable) {
  macro.clock(clock);
  macro.reset(reset);
  macro.enable(enable);
  macro.load(load);
  macro.load_ready(load_ready);
  macro.pass(pass);
  macro.pass_ready(pass_ready);
  macro.psum_final(psum_final);
  macro.psum_final_ready(psum_final_ready);
  psum_final_ready.write(true);
}

RtlMacroEngine::RtlMacroEngine(const sc_core::sc_module_name& name, const MacroGeometry& geometry, ArrayShape shape,
                               sc_core::sc_time clock_period)
    : sc_module(name), geometry_(geometry), shape_(shape), clock_("clock", clock_period, false) {
  SC_HAS_PROCESS(RtlMacroEngine);
  enable_.write(true);
  for (int o = 0; o < shape.outputs; ++o) {
    for (int k = 0; k < shape.inputs; ++k) {
      const std::string macro_name =
          shape.count() == 1 ? "macro" : "macro_" + std::to_string(o) + "_" + std::to_string(k);
      pins_.push_back(std::make_unique<Pins>(macro_name, geometry));
      Pins& pins = *pins_.back();
      pins.connect(clock_, reset_, enable_);
    }
  }
  SC_METHOD(collect);
  for (auto& pins : pins_) sensitive << pins->psum_final;
  dont_initialize();
  SC_METHOD(release_reset);
  sensitive << clock_.posedge_event();
  dont_initialize();
}

Cycle RtlMacroEngine::load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  if (!begin(start)) return finish();
  tile_ = std::move(tile);
  for (std::size_t i = 0; i < pins_.size(); ++i) pins_[i]->resident = tile_->tiles[i] != nullptr;
  // The port delivers the columns evenly: of `cycles` cycles, column c comes in the one in which its last byte does.
  const std::uint64_t cycles = load_cycles(geometry_, tile_->bytes, port_bytes) - 1;
  std::uint64_t cycle = 0;
  for (int c = 0; c < geometry_.cols; ++c) {
    const std::uint64_t due = (static_cast<std::uint64_t>(c) + 1) * cycles / geometry_.cols - 1;
    for (; cycle < due; ++cycle) {
      withdraw_all();
      if (!next_cycle()) return finish();
    }
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      if (pins_[i]->resident) offer_beat(*pins_[i], *tile_->tiles[i], c);
    }
    if (!next_cycle()) return finish();
    ++cycle;
    for (const auto& pins : pins_) require_taken(!pins->resident || pins->load_ready.read(), "load beat");
  }
  withdraw_all();
  next_cycle();
  return finish();
}

Cycle RtlMacroEngine::run(Cycle start, MatrixView<const std::int8_t> activations, MatrixView<std::int32_t> accumulators,
                          std::uint64_t pass_cycles) {
  if (!begin(start)) return finish();
  for (std::size_t token = 0; token < activations.rows; ++token) {
    if (!run_pass(activations, accumulators, token, pass_cycles)) return finish();
  }
  withdraw_all();
  drained_ = now() + pipeline_latency(geometry_);
  return finish();
}

/// The phases of every macro are the last of the pass's cycles, so that the psums of all macros come together.
bool RtlMacroEngine::run_pass(MatrixView<const std::int8_t> activations, MatrixView<std::int32_t> accumulators,
                              std::size_t token, std::uint64_t pass_cycles) {
  for (std::uint64_t cycle = 0; cycle < pass_cycles; ++cycle) {
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      Pins& pins = *pins_[i];
      if (!pins.resident) continue;
      const std::uint64_t first = pass_cycles - tile_->tiles[i]->phases.size();
      if (cycle == 0 && first > 0) pins.pass.write({false, nullptr, ++version_});
      if (cycle != first) continue;
      const std::size_t o = i / shape_.inputs, k = i % shape_.inputs;
      offer_pass(pins, activations.row(token) + k * tile_->layout.tile_inputs);
      pins.results.push_back(accumulators.row(token) + o * tile_->layout.tile_outputs);
    }
    if (!next_cycle()) return false;
  }
  for (const auto& pins : pins_) require_taken(!pins->resident || pins->pass_ready.read(), "pass");
  return true;
}

/// Waits for the beginning of cycle `start`; false after a reset.
bool RtlMacroEngine::begin(Cycle start) {
  busy_ = true;
  resets_seen_ = resets_;
  const sc_core::sc_time begins = sc_core::sc_time::from_value(start * clock_.period().value());
  if (begins > sc_core::sc_time_stamp()) sc_core::wait(begins - sc_core::sc_time_stamp(), aborted_);
  clock_.start(to_next_edge());
  return resets_ == resets_seen_;
}

/// Ends the present cycle; false after a reset.
bool RtlMacroEngine::next_cycle() {
  sc_core::wait(clock_.posedge_event());
  return resets_ == resets_seen_;
}

Cycle RtlMacroEngine::finish() {
  busy_ = false;
  if (resets_ != resets_seen_) withdraw_all();
  if (!in_flight() && !reset_.read()) clock_.stop();
  return now();
}

Cycle RtlMacroEngine::now() const { return sc_core::sc_time_stamp().value() / clock_.period().value(); }

sc_core::sc_time RtlMacroEngine::to_next_edge() const {
  const auto period = clock_.period().value();
  return sc_core::sc_time::from_value(period - sc_core::sc_time_stamp().value() % period);
}

/// psum_final is never held back and no load begins inside a pass, so nothing that is offered may wait.
void RtlMacroEngine::require_taken(bool taken, const char* what) const {
  if (taken) return;
  throw std::logic_error("a macro did not take a " + std::string(what) + " in cycle " + std::to_string(now() - 1));
}

void RtlMacroEngine::offer_beat(Pins& pins, const Tile& tile, int column) {
  LoadBeat beat;
  beat.valid = true;
  beat.last = column + 1 == geometry_.cols;
  beat.column = static_cast<std::uint16_t>(column);
  beat.words = &tile.cells[tile.cell(geometry_, column, 0, 0)];
  if (column < static_cast<int>(tile.phases.size())) beat.phase = &tile.phases[column];
  beat.layout = layout_pins(tile_->layout, static_cast<int>(tile.phases.size()));
  beat.version = ++version_;
  pins.load.write(beat);
}

void RtlMacroEngine::offer_pass(Pins& pins, const std::int8_t* activations) {
  PassPins pass;
  pass.valid = true;
  pass.activations = activations;
  pass.version = ++version_;
  pins.pass.write(pass);
}

void RtlMacroEngine::withdraw_all() {
  for (auto& pins : pins_) {
    if (pins->load.read().valid) {
      LoadBeat none;
      none.version = ++version_;
      pins->load.write(none);
    }
    pins->pass.write({false, nullptr, ++version_});
  }
}

/// psum_final is always taken in the cycle in which it becomes valid.
void RtlMacroEngine::collect() {
  for (auto& pins : pins_) {
    const PsumFinal& final = pins->psum_final.read();
    if (!final.valid || final.version == pins->collected || pins->results.empty()) continue;
    pins->collected = final.version;
    std::int32_t* sums = pins->results.front();
    pins->results.pop_front();
    const std::size_t count = static_cast<std::size_t>(final.lanes) * geometry_.cols;
    for (std::size_t i = 0; i < count; ++i) sums[i] += final.sums[i];
  }
  if (!busy_ && !in_flight()) clock_.stop();
}

bool RtlMacroEngine::in_flight() const {
  return std::any_of(pins_.begin(), pins_.end(), [](const auto& pins) { return !pins->results.empty(); });
}

const MacroEvents& RtlMacroEngine::events() const {
  events_ = {};
  for (const auto& pins : pins_) events_ += pins->macro.events();
  return events_;
}

void RtlMacroEngine::reset() {
  ++resets_;
  for (auto& pins : pins_) {
    pins->results.clear();
    pins->resident = false;
  }
  withdraw_all();
  reset_.write(true);
  clock_.start(to_next_edge());
  aborted_.notify(sc_core::SC_ZERO_TIME);
}

/// The edge that samples the reset pin is enough.
void RtlMacroEngine::release_reset() {
  if (!reset_.read()) return;
  reset_.write(false);
  if (!busy_) clock_.stop();
}

}  // namespace flexcim
