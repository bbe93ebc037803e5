// The arithmetic of one cell array: every column's sum of products in one sweep of packed int8.
#pragma once

#include "rtl_models/kernels/aligned.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// The weights of R x C cells, spread over the lines that they multiply. A cell's metadata m says which: line m % L of
/// its row's L while window m / L of `planes` is on the lines. Exact in int32 for any int8 operands with R <= 256.
class ColumnDot {
 public:
  /// rows, cols, lines() = L, a power of two, and windows() as in MacroGeometry.
  ColumnDot(int rows, int cols, int lines, int planes);

  /// Replaces a cell. metadata < planes * lines.
  void write(int column, int row, std::int8_t weight, std::uint8_t metadata);

  /// sums[c] = sum over rows r of the cells in window `plane`: weight(r, c) * lines[r * L + metadata(r, c) % L].
  /// lines: [R][L]. sums: [C].
  void sums(int plane, const std::int8_t* lines, std::int32_t* sums) const;

 private:
  using Kernel = void (*)(const std::uint8_t* lines, const std::int8_t* weights, const std::int32_t* offset, int groups,
                          int cols, std::int32_t* sums);
  static Kernel kernel();  ///< the one that simd() (flow/base/simd.h) allows

  std::size_t spread_index(int plane, int line, int column) const {
    return ((static_cast<std::size_t>(plane) * groups_ + line / 4) * padded_cols_ + column) * 4 + line % 4;
  }

  Kernel kernel_;
  int cols_;
  int lines_;
  int places_;                         ///< per row, for its lines; a single line has a neighbour that nobody picks
  int groups_;                         ///< of four neighbouring lines
  int padded_cols_;                    ///< to a multiple of kColumnBlock
  AlignedVector<std::int8_t> spread_;  ///< [plane][group][column][4]: zero but for the line that the cell picks
  AlignedVector<std::int32_t>
      offset_;  ///< [plane][column]: 128 * sum of the weights; lines are multiplied as line + 128
  std::vector<std::uint8_t> metadata_;  ///< [column][row]
  int rows_;
};

}  // namespace flexcim
