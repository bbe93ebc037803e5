#include "platform/soc/rtl_macro_engine.h"

#include "flow/map/schedule.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace flexcim {

RtlMacroEngine::Pins::Pins(const std::string& name, const MacroGeometry& geometry, WeightUpdate update)
    : macro(name.c_str(), geometry, update),
      load((name + "_load").c_str()),
      pass((name + "_pass").c_str()),
      load_ready((name + "_load_ready").c_str()),
      pass_ready((name + "_pass_ready").c_str()),
      psum_final_ready((name + "_psum_final_ready").c_str()),
      swap_ready((name + "_swap_ready").c_str()),
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
  if (!model) macro.psum_final(psum_final);
  macro.psum_final_ready(psum_final_ready);
  psum_final_ready.write(true);
}

void RtlMacroEngine::Pins::add_verilog(const std::string& name, Clock& clock, const RtlLibrary& library) {
  model = std::make_unique<sc_core::sc_signal<PsumFinal>>((name + "_model_psum_final").c_str());
  macro.psum_final(*model);
  lockstep = std::make_unique<Lockstep>((name + "_verilog").c_str(), macro, library, clock.period());
  lockstep->clock(clock);
  lockstep->psum_final(psum_final);
}

RtlMacroEngine::RtlMacroEngine(const sc_core::sc_module_name& name, const MacroGeometry& geometry, ArrayShape shape,
                               const sc_core::sc_time& clock_period, WeightUpdate update, const RtlLibrary* verilog)
    : sc_module(name), geometry_(geometry), shape_(shape), clock_("clock", clock_period, false) {
  SC_HAS_PROCESS(RtlMacroEngine);
  enable_.write(true);
  for (int o = 0; o < shape.outputs; ++o) {
    for (int k = 0; k < shape.inputs; ++k) {
      const std::string macro_name =
          shape.count() == 1 ? "macro" : "macro_" + std::to_string(o) + "_" + std::to_string(k);
      pins_.push_back(std::make_unique<Pins>(macro_name, geometry, update));
      Pins& pins = *pins_.back();
      if (verilog != nullptr) pins.add_verilog(macro_name, clock_, *verilog);
      pins.connect(clock_, reset_, enable_);
      if (update == WeightUpdate::blocking) continue;
      pins.macro.swap(swap_);
      pins.macro.swap_ready(pins.swap_ready);
    }
  }
  SC_METHOD(collect);
  for (auto& pins : pins_) sensitive << pins->psum_final;
  dont_initialize();
  SC_METHOD(release_reset);
  sensitive << clock_.posedge_event();
  dont_initialize();
  if (update == WeightUpdate::shadow) SC_THREAD(load_ahead);
}

Cycle RtlMacroEngine::load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  const std::uint64_t cycles = write_cycles(geometry_, tile->bytes, port_bytes);
  std::shared_ptr<const Unpacked> unpacked = unpack(*tile);  // the bytes may move while this is suspended
  tile.reset();
  if (!begin(start)) return finish();
  use(std::move(unpacked));
  if (!write_columns(*tile_, cycles, resets_seen_)) return finish();
  next_cycle();
  return finish();
}

Cycle RtlMacroEngine::load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  shadow_ = unpack(*tile);
  ahead_ = {shadow_, start, write_cycles(geometry_, tile->bytes, port_bytes)};
  asked_ahead_.notify(sc_core::SC_ZERO_TIME);
  return start + ahead_.cycles;
}

Cycle RtlMacroEngine::swap(Cycle at) {
  if (!begin(at)) return finish();
  swap_.write(true);
  if (!next_cycle()) return finish();
  swap_.write(false);
  use(std::move(shadow_));
  for (const auto& pins : pins_) require_taken(!pins->resident || pins->swap_ready.read(), "swap");
  return finish();
}

std::shared_ptr<const RtlMacroEngine::Unpacked> RtlMacroEngine::unpack(const ArrayTile& tile) const {
  auto unpacked = std::make_shared<Unpacked>();
  unpacked->layout = tile.layout;
  for (std::size_t i = 0; i < tile.blobs.size(); ++i) {
    const BlobView& blob = tile.blobs[i];
    const int row = tile.row + static_cast<int>(i) / shape_.inputs;
    unpacked->tiles.push_back(blob.weights == nullptr ? nullptr
                                                      : std::make_unique<const Tile>(
                                                            unpack_blob(geometry_, tile.layout, tile.out, row, blob)));
  }
  return unpacked;
}

void RtlMacroEngine::use(std::shared_ptr<const Unpacked> tile) {
  tile_ = std::move(tile);
  for (std::size_t i = 0; i < pins_.size(); ++i) pins_[i]->resident = tile_->tiles[i] != nullptr;
}

/// A process of its own: load_shadow() goes on while run() has the calling one.
void RtlMacroEngine::load_ahead() {
  while (true) {
    if (ahead_.tile == nullptr) sc_core::wait(asked_ahead_);
    if (ahead_.tile == nullptr) continue;  // a reset was faster
    const ShadowLoad load = ahead_;
    const std::uint64_t resets = resets_;
    const sc_core::sc_time begins = sc_core::sc_time::from_value(load.start * clock_.period().value());
    if (begins > sc_core::sc_time_stamp()) sc_core::wait(begins - sc_core::sc_time_stamp(), aborted_);
    if (resets != resets_) continue;
    ahead_.tile = nullptr;
    writing_ = true;
    start_clock();
    write_columns(*load.tile, load.cycles, resets);
    writing_ = false;
    rest();
  }
}

/// The port delivers the columns evenly: of `cycles` cycles, column c comes in the one in which its last byte does.
/// False after a reset.
bool RtlMacroEngine::write_columns(const Unpacked& tile, std::uint64_t cycles, std::uint64_t resets) {
  std::uint64_t cycle = 0;
  for (int c = 0; c < geometry_.cols; ++c) {
    const std::uint64_t due = (static_cast<std::uint64_t>(c) + 1) * cycles / geometry_.cols - 1;
    if (cycle < due) withdraw_loads();
    for (; cycle < due; ++cycle) {
      if (!wait_edge(resets)) return false;
    }
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      if (tile.tiles[i] != nullptr) offer_beat(*pins_[i], tile.layout, *tile.tiles[i], c);
    }
    if (!wait_edge(resets)) return false;
    ++cycle;
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      require_taken(tile.tiles[i] == nullptr || pins_[i]->load_ready.read(), "load beat");
    }
  }
  withdraw_loads();
  return true;
}

Cycle RtlMacroEngine::run(Cycle start, const MatrixView<const std::int8_t>& activations,
                          const MatrixView<std::int32_t>& accumulators, std::uint64_t pass_cycles) {
  if (!begin(start)) return finish();
  for (std::size_t token = 0; token < activations.rows; ++token) {
    if (!run_pass(activations, accumulators, token, pass_cycles)) return finish();
  }
  withdraw_passes();
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
  before_suspend_();
  resets_seen_ = resets_;
  const sc_core::sc_time begins = sc_core::sc_time::from_value(start * clock_.period().value());
  if (begins > sc_core::sc_time_stamp()) sc_core::wait(begins - sc_core::sc_time_stamp(), aborted_);
  busy_ = true;  // not before: how early this is called must not show on the clock
  start_clock();
  return resets_ == resets_seen_;
}

/// Ends the present cycle; false after a reset.
bool RtlMacroEngine::wait_edge(std::uint64_t resets) {
  sc_core::wait(clock_.posedge_event());
  return resets_ == resets;
}

Cycle RtlMacroEngine::finish() {
  busy_ = false;
  if (resets_ != resets_seen_) {
    withdraw_loads();
    withdraw_passes();
    swap_.write(false);
  }
  rest();
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

void RtlMacroEngine::offer_beat(Pins& pins, const TileLayout& layout, const Tile& tile, int column) {
  LoadBeat beat;
  beat.valid = true;
  beat.last = column + 1 == geometry_.cols;
  beat.column = static_cast<std::uint16_t>(column);
  beat.words = &tile.cells[tile.cell(geometry_, column, 0, 0)];
  const auto phase = static_cast<std::size_t>(column) * layout.cell_weights;
  if (phase < tile.phases.size()) beat.phase = &tile.phases[phase];
  beat.layout = layout_pins(layout, static_cast<int>(tile.phases.size()));
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

void RtlMacroEngine::withdraw_loads() {
  for (auto& pins : pins_) {
    LoadBeat none;
    none.version = ++version_;
    pins->load.write(none);
  }
}

void RtlMacroEngine::withdraw_passes() {
  for (auto& pins : pins_) pins->pass.write({false, nullptr, ++version_});
}

/// psum_final is always taken in the cycle in which it becomes valid.
void RtlMacroEngine::collect() {
  for (std::size_t i = 0; i < pins_.size(); ++i) {
    Pins& pins = *pins_[i];
    const PsumFinal& final = pins.psum_final.read();
    if (!final.valid || final.version == pins.collected || pins.results.empty()) continue;
    pins.collected = final.version;
    std::int32_t* sums = pins.results.front();
    pins.results.pop_front();
    add_sums(i, final.sums, sums, static_cast<std::size_t>(final.lanes) * geometry_.cols);
  }
  rest();
}

/// Stops the clock unless somebody needs it. A reset does until an edge has sampled it: otherwise that of the next load
/// would, and take its first beat away.
void RtlMacroEngine::rest() {
  if (!busy_ && !in_flight() && !resetting_ && !others_need_()) clock_.stop();
}

bool RtlMacroEngine::in_flight() const {
  return writing_ || std::any_of(pins_.begin(), pins_.end(), [](const auto& pins) { return !pins->results.empty(); });
}

MacroEvents RtlMacroEngine::events() const {
  MacroEvents all;
  for (const auto& pins : pins_) all += pins->macro.events();
  return all;
}

std::uint64_t RtlMacroEngine::compared_cycles() const {
  std::uint64_t cycles = 0;
  for (const auto& pins : pins_) {
    if (pins->lockstep) cycles += pins->lockstep->compared_cycles();
  }
  return cycles;
}

void RtlMacroEngine::reset() {
  ++resets_;
  for (auto& pins : pins_) {
    pins->results.clear();
    pins->resident = false;
  }
  ahead_.tile = nullptr;
  withdraw_loads();
  withdraw_passes();
  swap_.write(false);
  resetting_ = true;
  reset_.write(true);
  start_clock();
  aborted_.notify(sc_core::SC_ZERO_TIME);
}

/// The edge that samples the reset pin is enough.
void RtlMacroEngine::release_reset() {
  if (!reset_.read()) return;
  reset_.write(false);
  resetting_ = false;
  rest();
}

}  // namespace flexcim
