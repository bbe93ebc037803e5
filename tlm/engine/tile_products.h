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
  /// Those of passes with the same activations, and what they follow from.
  struct Pass {
    const std::int8_t* activations = nullptr;
    std::size_t tokens = 0;
    std::vector<std::uint8_t> selects;
    std::vector<DataLines> lines;  ///< [token block][chunk], as LineForm (data_lines.h) says
  };
  std::vector<Pass> passes;
  std::size_t count = 0;  ///< of those that hold anything
  std::size_t next = 0;   ///< of them, after the one found last
  std::size_t held = 0;   ///< lines in them
  // Used again in every call:
  std::vector<DataLines> unheld;  ///< of passes too many to be held
  std::vector<DataLines> parted;  ///< weights by their lines (matrix_tiles.cpp, pair_products.cpp)
  std::vector<const DataLines*> found, block;
  std::vector<std::uint8_t> first, inputs;
  std::vector<std::int32_t> corrections;

  /// The activations, their number, or the layer, have changed.
  void clear() {
    count = next = held = 0;
    first.clear();
  }
};

/// sums(t, lane * C + c) += what the macro computes for token t, over all of `passes`, whose tiles hold the same
/// outputs, each other activations. Exact in int32 (architecture.md §1); the same on every machine. `cache` is one that
/// has been cleared when activations, their number or the layer changed.
void add_tile_products(const MacroGeometry& geometry, const TileLayout& layout, const std::vector<TilePasses>& passes,
                       MatrixView<std::int32_t> sums, DataLineCache& cache);

/// Whether a call should have many tokens rather than few of them and many passes: AMX and AVX2 part the weights of a
/// tile by their lines before the first token.
bool prefers_many_tokens();

}  // namespace flexcim
