#include "tlm/engine/line_products.h"

#include "tlm/engine/data_lines.h"
#include "tlm/engine/matrix_tiles.h"
#include "tlm/engine/pair_products.h"

#include <algorithm>

#if FLEXCIM_X86

namespace flexcim {

namespace {

constexpr std::size_t kMostHeld = 16 << 10;     // of weights: in the first-level cache beside the lines of a block
constexpr std::size_t kMostFetched = 32 << 10;  // ahead: beside them the first-level cache holds those in use
constexpr std::size_t kLeastTileTokens = 8;     // with fewer the tiles are too empty

/// Bytes from the passes' weights to those that come behind them in memory; 0: not known.
std::size_t bytes_behind(const std::vector<TilePasses>& passes) {
  const std::uint8_t *const begin = passes.front().blob.weights, *const end = passes.back().blob.weights +
                                                                              passes.back().blob.bytes;
  const bool near = begin < end && static_cast<std::size_t>(end - begin) <= kMostFetched;
  return near ? static_cast<std::size_t>(end - begin) : 0;
}

/// The sums over the lanes of four vectors.
FLEXCIM_AVX512VBMI inline __m128i sum4(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/// Sums over the lanes of each vector of cells, less the corrections, added to a row of sums.
template <int kC>
FLEXCIM_AVX512VBMI inline void add_sums(const __m512i (&acc)[kC], const std::int32_t* corrections, std::int32_t* row) {
  if (kC == 1) *row += _mm512_reduce_add_epi32(acc[0]) - *corrections;
  FLEXCIM_UNROLL
  for (int c = 0; c + 4 <= kC; c += 4) {
    auto* const sums = reinterpret_cast<__m128i*>(row + c);
    const __m128i correction = _mm_loadu_si128(reinterpret_cast<const __m128i*>(corrections + c));
    const __m128i found = _mm_sub_epi32(sum4(acc[c], acc[c + 1], acc[c + 2], acc[c + 3]), correction);
    _mm_storeu_si128(sums, _mm_add_epi32(_mm_loadu_si128(sums), found));
  }
}

/// _mm512_dpbusd_epi32 in place: GCC 12 moves accumulators from register to register around the intrinsic.
FLEXCIM_AVX512VBMI inline void add_products(__m512i& acc, __m512i activations, __m512i weights) {
  __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(activations), "v"(weights));
}

/// Passes whose weights meet all blocks of tokens before those of the next ones do.
struct Span {
  std::size_t begin, end;
  std::size_t behind;  ///< bytes_behind() of them
};

/// kT tokens x kC columns, kC = 1 or whole fours. The first block of tokens finds the corrections, too. Not inlined: on
/// its own all accumulators get registers.
template <int kT, int kC, bool kCorrect>
FLEXCIM_AVX512VBMI __attribute__((noinline)) void add_block(const Lane& lane, const Span& span, std::size_t column,
                                                            std::size_t token, MatrixView<std::int32_t> sums,
                                                            std::int32_t* corrections) {
  __m512i acc[kT][kC], weight_sums[kC];
  FLEXCIM_UNROLL
  for (int c = 0; c < kC; ++c) {
    FLEXCIM_UNROLL
    for (int t = 0; t < kT; ++t) acc[t][c] = _mm512_setzero_si512();
    weight_sums[c] = _mm512_setzero_si512();
  }
  const std::size_t cell = column * lane.column_cells + lane.first_cell, stride = lane.column_cells;
  for (std::size_t k = span.begin; k < span.end; ++k) {
    const TilePasses& pass = lane.passes[k];
    const DataLines* lines = lane.cache.block[k];
    const std::uint8_t* weights = pass.blob.weights + cell;
    const std::uint8_t* bits = lane.bits(pass) + cell / 8;
    for (std::size_t j = 0; j < lane.chunks; ++j, lines += kBlockTokens) {
      __m512i even[kT], odd[kT];
      FLEXCIM_UNROLL
      for (int t = 0; t < kT; ++t) {
        even[t] = _mm512_load_si512(lines[t].even);
        odd[t] = _mm512_load_si512(lines[t].odd);
      }
      FLEXCIM_UNROLL
      for (std::size_t c = 0; c < kC; ++c) {
        const __m512i w = _mm512_loadu_si512(weights + c * stride);
        // A token takes less time than its weights take from memory: have the next ones come meanwhile.
        if (kT == 1 && span.behind != 0) _mm_prefetch(weights + c * stride + span.behind, _MM_HINT_T0);
        const __mmask64 mask = load_mask(bits + c * stride / 8);
        FLEXCIM_UNROLL
        for (int t = 0; t < kT; ++t) {
          add_products(acc[t][c], _mm512_mask_blend_epi8(mask, even[t], odd[t]), w);
        }
        if (kCorrect) add_products(weight_sums[c], _mm512_set1_epi8(kUnsigned), w);
      }
      weights += kChunk;
      bits += kChunk / 8;
    }
  }
  if (kCorrect) {
    constexpr std::int32_t kNone[kC] = {};
    std::fill(corrections, corrections + kC, 0);
    add_sums<kC>(weight_sums, kNone, corrections);
  }
  FLEXCIM_UNROLL
  for (int t = 0; t < kT; ++t) add_sums<kC>(acc[t], corrections, sums.row(token + static_cast<std::size_t>(t)));
}

/// All columns of kT tokens, as many at a time as have accumulators in the registers.
template <int kT, bool kCorrect>
void add_columns(Lane& lane, const Span& span, std::size_t token, MatrixView<std::int32_t> sums) {
  constexpr int kC = kT > 2 ? 4 : 8;
  std::size_t c = 0;
  const auto columns = static_cast<std::size_t>(lane.passes[0].blob.columns_used);
  for (; c + kC <= columns; c += kC, sums.data += kC) {
    add_block<kT, kC, kCorrect>(lane, span, c, token, sums, &lane.cache.corrections[c]);
  }
  for (; c < columns; ++c, ++sums.data) {
    add_block<kT, 1, kCorrect>(lane, span, c, token, sums, &lane.cache.corrections[c]);
  }
}

template <bool kCorrect>
void add_tokens(Lane& lane, const Span& span, std::size_t token, std::size_t count, MatrixView<std::int32_t> sums) {
  switch (count) {
    case 1:
      return add_columns<1, kCorrect>(lane, span, token, sums);
    case 2:
      return add_columns<2, kCorrect>(lane, span, token, sums);
    case 3:
      return add_columns<3, kCorrect>(lane, span, token, sums);
    default:
      return add_columns<4, kCorrect>(lane, span, token, sums);
  }
}

void add_lane(const MacroGeometry& g, const TileLayout& layout, const std::vector<TilePasses>& passes, int number,
              MatrixView<std::int32_t> sums, DataLineCache& cache) {
  Lane lane(g, layout, passes, number, LineForm::rows, cache);
  cache.corrections.resize(static_cast<std::size_t>(g.cols));
  lane.find_lines();
  const std::size_t pass_bytes = lane.cells() * static_cast<std::size_t>(passes[0].blob.columns_used);
  const bool again = sums.rows > lane.block_tokens;  // the weights meet more than one block
  const std::size_t held = again ? std::max<std::size_t>(kMostHeld / pass_bytes, 1) : passes.size();
  for (Span span{0, 0, bytes_behind(passes)}; span.begin < passes.size(); span.begin = span.end) {
    span.end = std::min(span.begin + held, passes.size());
    for (std::size_t t = 0; t < sums.rows; t += lane.block_tokens) {
      const std::size_t count = std::min(lane.block_tokens, sums.rows - t);
      lane.take_block(t, count, span.begin, span.end);
      if (t == 0) {
        add_tokens<true>(lane, span, t, count, sums);
      } else {
        add_tokens<false>(lane, span, t, count, sums);
      }
    }
  }
}

}  // namespace

bool add_line_products(const MacroGeometry& g, const TileLayout& layout, const std::vector<TilePasses>& passes,
                       MatrixView<std::int32_t> sums, DataLineCache& cache) {
  const std::size_t lane_cells = static_cast<std::size_t>(layout.slots) * layout.blocks_per_row * g.rows;
  const bool one_line = !layout.compressed;
  const bool two_lines = layout.selects && layout.window == 1;
  if (!(one_line || two_lines) || layout.cell_weights > 1 || static_cast<std::size_t>(layout.tile_inputs) > kTable ||
      lane_cells % kChunk != 0 || passes.empty() || simd() < Simd::avx2) {
    return false;
  }
  for (const TilePasses& each : passes) {
    if (each.blob.phases != 1) return false;
  }
  const bool by_tiles = simd() >= Simd::amx && sums.rows >= kLeastTileTokens;
  for (int lane = 0; lane < layout.lanes; ++lane, sums.data += g.cols) {
    if (by_tiles) {
      Lane by_tile(g, layout, passes, lane, LineForm::tiles, cache);
      add_matrix_tiles(by_tile, sums);
    } else if (simd() >= Simd::avx512vbmi) {
      add_lane(g, layout, passes, lane, sums, cache);
    } else {
      Lane by_pair(g, layout, passes, lane, LineForm::pairs, cache);
      add_pair_products(by_pair, sums);
    }
  }
  return true;
}

}  // namespace flexcim

#else

namespace flexcim {

bool add_line_products(const MacroGeometry&, const TileLayout&, const std::vector<TilePasses>&,
                       MatrixView<std::int32_t>, DataLineCache&) {
  return false;
}

}  // namespace flexcim

#endif
