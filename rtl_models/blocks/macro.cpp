#include "rtl_models/blocks/macro.h"

namespace flexcim {
namespace {

const MacroGeometry& validated(const MacroGeometry& geometry) {
  geometry.validate();
  return geometry;
}

}  // namespace

Macro::Macro(const sc_core::sc_module_name& name, const MacroGeometry& geometry, WeightUpdate update)
    : sc_module(name),
      sequencer("sequencer", validated(geometry), Edges::parent, update),
      distributor("distributor", geometry),
      sub("sub", geometry.sub_macros,
          [&](const char* sub_name, std::size_t p) {
            return new SubMacro(sub_name, geometry, Edges::parent, update, static_cast<int>(p));
          }),
      merger("merger", geometry, Edges::parent),
      lines("lines", geometry.sub_macros),
      sub_ready("sub_ready", geometry.sub_macros),
      psum_valid("psum_valid", geometry.sub_macros),
      psum_active("psum_active", geometry.sub_macros),
      psum("psum", geometry.sub_macros),
      ack("ack", geometry.sub_macros),
      geometry_(geometry),
      update_(update) {
  sequencer.clock(clock);
  sequencer.reset(reset);
  sequencer.enable(enable);
  sequencer.load(load);
  sequencer.load_ready(load_ready);
  sequencer.pass(pass);
  sequencer.pass_ready(pass_ready);
  sequencer.sub_ready(sub_ready);
  sequencer.control(control);
  sequencer.go(go);
  if (update == WeightUpdate::shadow) {
    sequencer.swap(swap);
    sequencer.swap_ready(swap_ready);
    sequencer.weight_write(weight_write);
    for (SubMacro& each : sub) each.weight_write(weight_write);
  }

  distributor.control(control);
  distributor.load(load);
  distributor.pass(pass);
  distributor.go(go);
  distributor.lines(lines);

  for (int p = 0; p < geometry.sub_macros; ++p) {
    sub[p].clock(clock);
    sub[p].reset(reset);
    sub[p].enable(enable);
    sub[p].lines(lines[p]);
    sub[p].ready(sub_ready[p]);
    sub[p].psum_valid(psum_valid[p]);
    sub[p].psum_active(psum_active[p]);
    sub[p].psum(psum[p]);
    sub[p].ack(ack[p]);
  }

  merger.clock(clock);
  merger.reset(reset);
  merger.enable(enable);
  merger.psum_valid(psum_valid);
  merger.psum(psum);
  merger.ack(ack);
  merger.psum_active(psum_active[0]);
  merger.psum_final(psum_final);
  merger.final_ready(psum_final_ready);

  SC_HAS_PROCESS(Macro);
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
}

/// One process for all registers: at a million cycles per second their dispatch would cost as much as their work.
void Macro::on_clock() {
  const bool resets = reset.read(), enabled = enable.read();
  sequencer.clock_edge(resets, enabled);
  for (SubMacro& each : sub) each.clock_edge(resets, enabled);
  merger.clock_edge(resets, enabled);
}

MacroEvents Macro::events() const {
  MacroEvents all = sequencer.events();
  for (const SubMacro& each : sub) all += each.events();
  all += merger.events();
  return all;
}

void Macro::observe(bool on) {
  for (SubMacro& each : sub) each.cells.observe(on);
  merger.observe(on);
}

}  // namespace flexcim
