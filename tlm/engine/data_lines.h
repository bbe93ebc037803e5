// Data lines of the cells of macro tiles, arranged for the kernels that multiply weights by them (x86 alone).
#pragma once

#include "flow/base/simd.h"
#include "tlm/engine/tile_products.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#if FLEXCIM_X86
#if !defined(__clang__)
// GCC 12 takes the operand that _mm512_unpack* leaves undefined on purpose for a mistake.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

namespace flexcim {

constexpr std::size_t kChunk = 64;       ///< cells of one vector
constexpr std::size_t kTable = 256;      ///< inputs of a tile, at most
constexpr char kUnsigned = '\x80';       ///< what LineForm::rows and pairs of bytes add to an activation
constexpr std::size_t kBlockTokens = 4;  ///< of LineForm::rows and pairs
constexpr std::size_t kTileRows = 16;    ///< of AMX, each of 64 bytes
constexpr std::size_t kTileBytes = kTileRows * 64;

/// How the lines of a chunk lie.
enum class LineForm {
  rows,   ///< blocks of 4 tokens, each with its two lines, as unsigned bytes: 128 more than the activations
  pairs,  ///< the same, but the two lines of a cell lie behind each other; without metadata, where both are the same,
          ///< it is one activation of 16 bits
  tiles   ///< blocks of 32 tokens: two AMX tiles of even lines, two of odd ones; a row is 4 cells of 16 tokens
};

/// One lane of outputs over a row of macro tiles.
struct Lane {
  const TileLayout& layout;
  const std::vector<TilePasses>& passes;
  const MacroGeometry& geometry;
  DataLineCache& cache;
  LineForm form;
  std::size_t block_tokens;
  std::size_t chunks;        ///< of a column
  std::size_t column_cells;  ///< of all lanes
  std::size_t first_cell;    ///< of the lane in a column

  Lane(const MacroGeometry& g, const TileLayout& l, const std::vector<TilePasses>& p, int number, LineForm f,
       DataLineCache& c);
  std::size_t block_lines() const { return chunks * block_tokens; }
  std::size_t cells() const { return chunks * kChunk; }
  /// Whether a cell may take either of two; without metadata both are the same.
  bool two_lines() const { return layout.metadata_bits != 0; }
  /// Which of two lines a cell of a pass takes. Without metadata any bits will do.
  const std::uint8_t* bits(const TilePasses& pass) const {
    return two_lines() ? pass.blob.metadata : pass.blob.weights;
  }

  /// Finds the lines of all tokens of all passes, as far as the cache holds them.
  void find_lines();
  /// Sets cache.block to the lines of the block of tokens that begins with `token`, of each pass [chunk][...], from
  /// `first` to before `last`.
  void take_block(std::size_t token, std::size_t tokens, std::size_t first, std::size_t last);
  void take_block(std::size_t token, std::size_t tokens) { take_block(token, tokens, 0, passes.size()); }
};

inline __mmask64 load_mask(const std::uint8_t* bits) {
  __mmask64 mask;
  std::memcpy(&mask, bits, sizeof mask);
  return mask;
}

}  // namespace flexcim

#endif
