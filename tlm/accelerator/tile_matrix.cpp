#include "tlm/accelerator/tile_matrix.h"

#include <algorithm>

namespace flexcim {

namespace {

/// Where phase `phase` lets cell (p, r) with this metadata take its input from: an index inside the block.
int input_in_block(const MacroGeometry& g, const TileLayout& layout, const Phase& phase, int p, int r,
                   std::uint8_t metadata) {
  if (!layout.compressed) return 0;
  if (layout.sequencing == Sequencing::scan) return metadata;
  const int base = phase.bases[static_cast<std::size_t>(p) * g.rows + r];
  return (base + metadata / 2) % layout.block_pairs * 2 + metadata % 2;
}

__attribute__((target_clones("avx2", "default"))) std::int32_t dot(const std::int16_t* a, const std::int8_t* b,
                                                                   std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += a[i] * static_cast<std::int16_t>(b[i]);
  return sum;
}

}  // namespace

void expand_tile(const MacroGeometry& g, const TileLayout& layout, const Tile& tile, MatrixView<std::int16_t> weights) {
  for (std::size_t o = 0; o < weights.rows; ++o) std::fill_n(weights.row(o), weights.cols, std::int16_t{0});
  const bool scan = layout.compressed && layout.sequencing == Sequencing::scan;
  for (int p = 0; p < layout.active_sub_macros(); ++p) {
    const int block = p / layout.slots % layout.blocks_per_row;
    const int lane = p / layout.slots / layout.blocks_per_row;
    for (const Phase& phase : tile.phases) {
      for (int c = 0; c < g.cols; ++c) {
        if (!phase.columns[static_cast<std::size_t>(lane)].test(static_cast<std::size_t>(c))) continue;
        std::int16_t* row = weights.row(static_cast<std::size_t>(lane) * g.cols + c);
        const CellWord* words = &tile.cells[tile.cell(g, c, p, 0)];
        for (int r = 0; r < g.rows; ++r) {
          const int first = (r * layout.blocks_per_row + block) * layout.block_inputs;
          // Empty slots may point anywhere, and a bad image may name an input twice: add as the hardware does, in 16
          // bits.
          std::int16_t& weight = row[first + input_in_block(g, layout, phase, p, r, words[r].metadata)];
          weight = static_cast<std::int16_t>(weight + words[r].weight);
        }
      }
      if (scan) break;  // every cell of a scan is used in one phase, and its index says which
    }
  }
}

void add_products(MatrixView<const std::int16_t> weights, MatrixView<const std::int8_t> activations,
                  MatrixView<std::int32_t> sums) {
  const std::size_t count = std::min(weights.cols, activations.cols);
  for (std::size_t t = 0; t < activations.rows; ++t) {
    for (std::size_t o = 0; o < weights.rows; ++o) sums(t, o) += dot(weights.row(o), activations.row(t), count);
  }
}

}  // namespace flexcim
