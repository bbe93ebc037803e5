#include "rtl_models/blocks/sub_macro.h"

namespace flexcim {

SubMacro::SubMacro(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges, WeightUpdate update,
                   int number)
    : sc_module(name),
      cells("cells", geometry, Edges::parent, update, number),
      tree("tree", geometry, Edges::parent),
      buffer("buffer", geometry, Edges::parent) {
  cells.clock(clock);
  cells.reset(reset);
  cells.enable(enable);
  cells.advance(ready);
  cells.lines(lines);
  cells.product(product);
  if (update == WeightUpdate::shadow) cells.weight_write(weight_write);

  tree.clock(clock);
  tree.reset(reset);
  tree.enable(enable);
  tree.advance(ready);
  tree.product(product);
  tree.sum(sum);

  buffer.clock(clock);
  buffer.reset(reset);
  buffer.enable(enable);
  buffer.sum(sum);
  buffer.ready(ready);
  buffer.psum_valid(psum_valid);
  buffer.psum_active(psum_active);
  buffer.psum(psum);
  buffer.ack(ack);

  SC_HAS_PROCESS(SubMacro);
  if (edges == Edges::own) {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
}

void SubMacro::clock_edge(bool resets, bool enabled) {
  cells.clock_edge(resets, enabled);
  tree.clock_edge(resets, enabled);
  buffer.clock_edge(resets, enabled);
}

MacroEvents SubMacro::events() const {
  MacroEvents all = cells.events();
  all += tree.events();
  all += buffer.events();
  return all;
}

}  // namespace flexcim
