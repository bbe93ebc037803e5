// What passes through macro tiles add up to, computed on their blobs as they lie in the weight buffer.
#pragma once

#include "flow/map/image.h"
#include "flow/matrix.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// Passes through one macro tile, one per row of `activations` (tokens x at least layout.tile_inputs).
struct TilePasses {
  BlobView blob;
  MatrixView<const std::int8_t> activations;
};

/// sums(t, lane * C + c) += what the macro computes for token t, over all of `passes`, whose tiles hold the same
/// outputs. Exact in int32 (architecture.md §1); the same on every machine.
void add_tile_products(const MacroGeometry& geometry, const TileLayout& layout, const std::vector<TilePasses>& passes,
                       MatrixView<std::int32_t> sums);

}  // namespace flexcim
