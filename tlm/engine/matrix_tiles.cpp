#include "tlm/engine/matrix_tiles.h"

#if FLEXCIM_X86

#include <algorithm>

namespace flexcim {

namespace {

constexpr int kTileStride = 64;
constexpr std::size_t kOutputs = 2 * kTileRows;  // at a time, as many tokens

/// All tiles have 16 rows of 64 bytes (Intel SDM vol. 1, 18.2: palette 1).
struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// The weights of up to 32 columns, those that take the even line and those that take the odd one apart: of each chunk
/// [line][column][cell].
FLEXCIM_AMX void part_weights(const Lane& lane, std::size_t column, std::size_t columns, std::uint8_t* to) {
  const std::size_t cell = column * lane.column_cells + lane.first_cell, stride = lane.column_cells;
  const __mmask64 two_lines = lane.two_lines() ? ~__mmask64{0} : 0;  // one: all take the even one
  for (const TilePasses& pass : lane.passes) {
    for (std::size_t j = 0; j < lane.chunks; ++j, to += 4 * kTileBytes) {
      const std::uint8_t* weights = pass.blob.weights + cell + j * kChunk;
      const std::uint8_t* bits = lane.bits(pass) + (cell + j * kChunk) / 8;
      for (std::size_t c = 0; c < columns; ++c, weights += stride, bits += stride / 8) {
        const __m512i w = _mm512_loadu_si512(weights);
        const __mmask64 odd = load_mask(bits) & two_lines;
        _mm512_store_si512(to + c * 64, _mm512_maskz_mov_epi8(~odd, w));
        _mm512_store_si512(to + 2 * kTileBytes + c * 64, _mm512_maskz_mov_epi8(odd, w));
      }
    }
  }
}

/// Rows become columns.
FLEXCIM_AMX inline void transpose(__m512i (&r)[16]) {
  __m512i s[16];
  for (int i = 0; i < 16; i += 2) {
    s[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    s[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(s[i], s[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(s[i], s[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(s[i + 1], s[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(s[i + 1], s[i + 3]);
  }
  for (int i = 0; i < 16; i += 8) {
    for (int k = 0; k < 4; ++k) {
      s[i + k] = _mm512_shuffle_i32x4(r[i + k], r[i + 4 + k], 0x88);
      s[i + 4 + k] = _mm512_shuffle_i32x4(r[i + k], r[i + 4 + k], 0xDD);
    }
  }
  for (int k = 0; k < 8; ++k) {
    r[k] = _mm512_shuffle_i32x4(s[k], s[8 + k], 0x88);
    r[8 + k] = _mm512_shuffle_i32x4(s[k], s[8 + k], 0xDD);
  }
}

/// Adds a tile of 16 outputs x 16 tokens to sums(token, output).
FLEXCIM_AMX void add_tile(const std::int32_t* tile, std::size_t outputs, std::size_t tokens,
                          MatrixView<std::int32_t> sums) {
  __m512i rows[16];
  for (std::size_t i = 0; i < 16; ++i) rows[i] = _mm512_load_si512(tile + 16 * i);
  transpose(rows);
  alignas(64) std::int32_t by_token[16][16];
  for (int i = 0; i < 16; ++i) _mm512_store_si512(by_token[i], rows[i]);
  const auto present = static_cast<__mmask16>((1u << outputs) - 1);
  for (std::size_t t = 0; t < tokens; ++t) {
    std::int32_t* const to = sums.row(t);
    const __m512i sum = _mm512_add_epi32(_mm512_maskz_loadu_epi32(present, to), _mm512_load_si512(by_token[t]));
    _mm512_mask_storeu_epi32(to, present, sum);
  }
}

/// Up to 32 outputs x 32 tokens, over all chunks: whether there are more than 16 of each is `kRows` and `kColumns`.
/// Tiles 0 to 3 hold sums [outputs][tokens], 4 and 5 weights, 6 and 7 lines.
template <bool kRows, bool kColumns>
FLEXCIM_AMX void multiply(const Lane& lane, const std::uint8_t* weights, std::int32_t* sums) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  const std::size_t both_lines = lane.two_lines() ? 2 : 1;
  for (const DataLines* const block : lane.cache.block) {
    const auto* lines = reinterpret_cast<const std::uint8_t*>(block);
    for (std::size_t j = 0; j < lane.chunks; ++j, weights += 4 * kTileBytes, lines += 4 * kTileBytes) {
      for (std::size_t line = 0; line < both_lines; ++line) {
        const std::uint8_t *const w = weights + 2 * line * kTileBytes, *const l = lines + 2 * line * kTileBytes;
        _tile_loadd(4, w, kTileStride);
        _tile_loadd(6, l, kTileStride);
        _tile_dpbssd(0, 4, 6);
        if (kColumns) {
          _tile_loadd(7, l + kTileBytes, kTileStride);
          _tile_dpbssd(1, 4, 7);
        }
        if (kRows) {
          _tile_loadd(5, w + kTileBytes, kTileStride);
          _tile_dpbssd(2, 5, 6);
          if (kColumns) _tile_dpbssd(3, 5, 7);
        }
      }
    }
  }
  _tile_stored(0, sums, kTileStride);
  _tile_stored(1, sums + 256, kTileStride);
  _tile_stored(2, sums + 512, kTileStride);
  _tile_stored(3, sums + 768, kTileStride);
}

/// Not a local one: GCC 12 takes _tile_loadconfig to read no more than its first bytes.
constexpr TileConfig kConfig;

FLEXCIM_AMX void configure() { _tile_loadconfig(&kConfig); }
FLEXCIM_AMX void release() { _tile_release(); }

}  // namespace

void add_matrix_tiles(Lane& lane, MatrixView<std::int32_t> sums) {
  DataLineCache& cache = lane.cache;
  lane.find_lines();
  cache.parted.resize(lane.passes.size() * lane.chunks * 4 * kTileBytes / sizeof(DataLines));
  auto* const weights = reinterpret_cast<std::uint8_t*>(cache.parted.data());
  alignas(64) std::int32_t found[4][256];
  const auto columns = static_cast<std::size_t>(lane.passes[0].blob.columns_used);
  configure();
  for (std::size_t c = 0; c < columns; c += kOutputs) {
    const std::size_t outputs = std::min(kOutputs, columns - c);
    part_weights(lane, c, outputs, weights);
    for (std::size_t t = 0; t < sums.rows; t += lane.block_tokens) {
      const std::size_t tokens = std::min(lane.block_tokens, sums.rows - t);
      lane.take_block(t, tokens);
      const bool rows = outputs > kTileRows, cols = tokens > kTileRows;
      const auto kernel = rows ? (cols ? multiply<true, true> : multiply<true, false>)
                               : (cols ? multiply<false, true> : multiply<false, false>);
      kernel(lane, weights, found[0]);
      for (std::size_t i = 0; i < (rows ? 2 : 1); ++i) {
        for (std::size_t k = 0; k < (cols ? 2 : 1); ++k) {
          MatrixView<std::int32_t> to = sums;
          to.data = sums.row(t + k * kTileRows) + c + i * kTileRows;
          add_tile(found[2 * i + k], std::min(kTileRows, outputs - i * kTileRows),
                   std::min(kTileRows, tokens - k * kTileRows), to);
        }
      }
    }
  }
  release();
}

}  // namespace flexcim

#endif
