// A macro tile back as the matrix that its cells multiply with.
#pragma once

#include "flow/map/tile.h"
#include "flow/matrix.h"

#include <cstdint>

namespace flexcim {

/// Writes layout.tile_outputs x layout.tile_inputs weights, row lane * C + column: what a pass through the tile
/// multiplies each input by. Columns that no phase selects are 0.
void expand_tile(const MacroGeometry& geometry, const TileLayout& layout, const Tile& tile,
                 MatrixView<std::int16_t> weights);

/// sums[token][o] += sum over k of activations[token][k] * weights[o][k], exact in int32.
void add_products(MatrixView<const std::int16_t> weights, MatrixView<const std::int8_t> activations,
                  MatrixView<std::int32_t> sums);

}  // namespace flexcim
