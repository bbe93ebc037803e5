#include "rtl_models/verilated/systemc_macro.h"

namespace flexcim {

const sc_core::sc_time& SystemcMacro::period() {
  static const sc_core::sc_time kPeriod(2, sc_core::SC_NS);
  return kPeriod;
}

SystemcMacro::SystemcMacro(const sc_core::sc_module_name& name, const MacroGeometry& geometry, WeightUpdate update)
    : sc_module(name), clock("clock", period(), false), macro("macro", geometry, update) {
  macro.clock(clock);
  macro.reset(reset_);
  macro.enable(enable_);
  macro.load(load_);
  macro.load_ready(load_ready_);
  macro.pass(pass_);
  macro.pass_ready(pass_ready_);
  macro.psum_final(psum_final_);
  macro.psum_final_ready(final_ready_);
  if (update == WeightUpdate::shadow) {
    macro.swap(swap_);
    macro.swap_ready(swap_ready_);
  }
  SC_HAS_PROCESS(SystemcMacro);
  SC_METHOD(on_feed);
  sensitive << clock.posedge_event();
  dont_initialize();
  clock.start(period() / 2);
}

void SystemcMacro::drive(const MacroInputs& inputs) {
  reset_.write(inputs.reset);
  enable_.write(inputs.enable);
  final_ready_.write(inputs.final_ready);
  swap_.write(inputs.swap);

  LoadBeat beat;
  beat.version = load_.read().version;
  if (inputs.beat) {
    const Tile& tile = inputs.beat->tile;
    const int phases = static_cast<int>(tile.phases.size());
    beat.valid = true;
    beat.last = inputs.last;
    beat.column = static_cast<std::uint16_t>(inputs.column);
    beat.words = tile.cells.data() + tile.cell(macro.geometry(), inputs.column, 0, 0);
    if (inputs.column < phases) beat.phase = &tile.phases[inputs.column];
    beat.layout = layout_pins(inputs.beat->layout, phases);
  }
  if (beat.valid || load_.read().valid) ++beat.version;
  load_.write(beat);

  PassPins pass;
  pass.version = pass_.read().version;
  pass.valid = inputs.activations;
  pass.activations = inputs.activations;
  if (pass.activations != pass_.read().activations) ++pass.version;
  pass_.write(pass);

  while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

void SystemcMacro::read(MacroOutputs& outputs) const {
  outputs.load_ready = load_ready_.read();
  outputs.swap_ready = swap_ready_.read();
  outputs.pass_ready = pass_ready_.read();
  const PsumFinal& final = psum_final_.read();
  outputs.final_valid = final.valid;
  outputs.lanes = final.valid ? final.lanes : 0;
  outputs.sums.clear();
  if (final.valid)
    outputs.sums.assign(final.sums, final.sums + static_cast<std::ptrdiff_t>(final.lanes) * macro.geometry().cols);
}

void SystemcMacro::tick() { sc_core::sc_start(period()); }

void SystemcMacro::feed(const std::vector<std::vector<std::int8_t>>& passes, int cycles) {
  feed_ = &passes;
  sc_core::sc_start(period() * cycles);
  feed_ = nullptr;
}

void SystemcMacro::on_feed() {
  if (feed_ == nullptr) return;
  PassPins pass;
  pass.valid = true;
  pass.activations = (*feed_)[next_fed_].data();
  pass.version = pass_.read().version + 1;
  pass_.write(pass);
  next_fed_ = next_fed_ + 1 == feed_->size() ? 0 : next_fed_ + 1;
}

}  // namespace flexcim
