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

/// One cell's word. With two int4 weights (TileLayout::cell_weights) each byte holds what belongs to both: the low half
/// to the first one, the high half to the second.
struct CellWord {
  std::int8_t weight = 0;
  std::uint8_t metadata = 0;  ///< grouped: line inside the window; scan: in-group index; 0 where not compressed
  bool operator==(const CellWord& o) const { return weight == o.weight && metadata == o.metadata; }
};

/// A cell's word with two int4 weights, -7..7, with metadata 0..15.
inline CellWord join_int4(CellWord first, CellWord second) {
  const auto join = [](int low, int high) { return (low & 15) | (high & 15) << 4; };
  return {static_cast<std::int8_t>(join(first.weight, second.weight)),
          static_cast<std::uint8_t>(join(first.metadata, second.metadata))};
}

/// Weight and metadata of the first (0) or second (1) of them.
inline CellWord int4_of(CellWord word, int which) {
  const int high_nibble = which == 0 ? word.weight * 16 : word.weight;
  return {static_cast<std::int8_t>(static_cast<std::int8_t>(high_nibble) >> 4),
          static_cast<std::uint8_t>(word.metadata >> (4 * which) & 15)};
}

/// The content of one macro. Empty slots, idle sub-macros and cells beyond the matrix's edge hold {0, 0}.
struct Tile {
  std::vector<CellWord> cells;  ///< [C][P][R]: in the order in which they are loaded, a column at a time
  /// One pass; at least one. With two weights in a cell they come in twos, which select the same columns: one for the
  /// first weights, then one for the second.
  std::vector<Phase> phases;

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
