// What passes through macro tiles add up to, computed on their blobs as they lie in the weight buffer.
#pragma once

#include "flow/base/matrix.h"
#include "flow/map/image.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// Passes through one macro tile, one per row of `activations` (tokens x at least layout.tile_inputs).
struct TilePasses {
  BlobView blob;
  MatrixView<const std::int8_t> activations;
};

/// The two data lines of 64 cells.
struct alignas(64) DataLines {
  std::uint8_t even[64];
  std::uint8_t odd[64];
};

/// Data lines that tiles of other outputs may meet again: selects are often the same for all of them.
struct DataLineCache {
  std::vector<DataLines> lines;  ///< [token block][pass][chunk][token]
  /// Of each pass: what the lines follow from.
  std::vector<std::uint8_t> selects;
  std::vector<const std::int8_t*> activations;
  std::size_t tokens = 0;  ///< 0: nothing in it

  /// The activations, or the layer, have changed.
  void clear() { tokens = 0; }
};

/// sums(t, lane * C + c) += what the macro computes for token t, over all of `passes`, whose tiles hold the same
/// outputs. Exact in int32 (architecture.md §1); the same on every machine. `cache` is one that has been cleared when
/// activations or the layer changed.
void add_tile_products(const MacroGeometry& geometry, const TileLayout& layout, const std::vector<TilePasses>& passes,
                       MatrixView<std::int32_t> sums, DataLineCache& cache);

}  // namespace flexcim
