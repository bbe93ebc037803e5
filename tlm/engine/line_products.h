// Products of tiles of one phase, straight from the blob, 64 cells at a time: as in the macro, every cell picks one of
// two data lines by its metadata bit.
#pragma once

#include "tlm/engine/tile_products.h"

namespace flexcim {

/// As add_tile_products; false, with nothing changed, where simd() (flow/base/simd.h) is below avx2 or the layout
/// is not made for it: int8, grouped with w = 1 or dense, one phase in every tile, lanes of whole multiples of 64
/// cells.
bool add_line_products(const MacroGeometry& geometry, const TileLayout& layout, const std::vector<TilePasses>& passes,
                       MatrixView<std::int32_t> sums, DataLineCache& cache);

}  // namespace flexcim
