#include "flow/map/toggles.h"

namespace flexcim {

MacroToggles& MacroToggles::operator+=(const MacroToggles& o) {
  lines += o.lines;
  selects += o.selects;
  products += o.products;
  column_trees += o.column_trees;
  psum_buffers += o.psum_buffers;
  merger += o.merger;
  weight_load += o.weight_load;
  select_bits += o.select_bits;
  return *this;
}

MacroToggles MacroToggles::operator-(const MacroToggles& o) const {
  return {lines - o.lines,
          selects - o.selects,
          products - o.products,
          column_trees - o.column_trees,
          psum_buffers - o.psum_buffers,
          merger - o.merger,
          weight_load - o.weight_load,
          select_bits - o.select_bits};
}

}  // namespace flexcim
