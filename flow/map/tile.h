// One macro tile: what the cells hold and which phases run it (architecture.md §4, §5).
#pragma once

#include "flow/map/geometry.h"
#include "flow/pack/packed_linear.h"

#include <bitset>
#include <cstdint>
#include <vector>

namespace flexcim {

using ColumnMask = std::bitset<MacroGeometry::most_cols>;  ///< bit c is sel_col[c]

/// One cycle on the data lines.
struct Phase {
  std::vector<std::uint8_t> bases;  ///< [P][R]: first-stage select, a base pair; all 0 where the layout has no selects
  std::vector<ColumnMask> columns;  ///< [lanes]: sel_col of the sub-macros of a lane
};

/// One cell's word.
struct CellWord {
  std::int8_t weight = 0;
  std::uint8_t metadata = 0;  ///< grouped: line inside the window; scan: in-group index; 0 where not compressed
  bool operator==(const CellWord& o) const { return weight == o.weight && metadata == o.metadata; }
};

/// The content of one macro. Empty slots, idle sub-macros and cells beyond the matrix's edge hold {0, 0}.
struct Tile {
  std::vector<CellWord> cells;  ///< [C][P][R]: in the order in which they are loaded, a column at a time
  std::vector<Phase> phases;    ///< one pass; at least one

  std::size_t cell(const MacroGeometry& g, int column, int sub_macro, int row) const {
    return (static_cast<std::size_t>(column) * g.sub_macros + sub_macro) * g.rows + row;
  }
};

/// How many macro tiles cover a layer, output channels x inputs.
struct TileGrid {
  int outputs = 0;  ///< tiles along `out`
  int inputs = 0;   ///< tiles along `in`
  int count() const { return outputs * inputs; }
};
TileGrid tile_grid(const TileLayout& layout, int out, int in);

/// Maps tile (o, k) of a packed linear: finds selects and column groups for `grouped` (one group whenever shared
/// selects exist), places elements in slots, makes the phases. Deterministic. The linear is valid (see validate()); o
/// and k are inside the grid. Columns beyond `out` are in no phase's mask.
Tile map_tile(const MacroGeometry& geometry, const TileLayout& layout, const PackedLinear& linear, int o, int k);

}  // namespace flexcim
