#include "tlm/engine/line_products.h"

#include "flow/base/simd.h"

#include <algorithm>
#include <cstring>

#if FLEXCIM_X86
#if !defined(__clang__)
// GCC 12 takes the operand that _mm512_unpack* leaves undefined on purpose for a mistake.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

namespace flexcim {

namespace {

constexpr std::size_t kChunk = 64;  // cells of one vector
constexpr std::size_t kBlockTokens = 4;
constexpr std::size_t kTable = 256;                                  // inputs that two byte shuffles reach
constexpr std::size_t kMostLines = (768 << 10) / sizeof(DataLines);  // from a second-level cache they come faster
constexpr std::size_t kMostFetched = 32 << 10;  // ahead: beside them the first-level cache holds those in use
constexpr char kUnsigned = '\x80';  // activations as unsigned bytes: + 128, taken back by 128 * sum of the weights

/// One lane of outputs over a row of tiles.
struct Lane {
  const TileLayout& layout;
  const std::vector<TilePasses>& passes;
  const MacroGeometry& geometry;
  DataLineCache& cache;
  std::size_t chunks;        ///< of a column
  std::size_t column_cells;  ///< of all lanes
  std::size_t first_cell;    ///< of the lane in a column
  std::size_t behind;        ///< bytes from the passes' weights to those that come behind them in memory; 0: not known

  Lane(const MacroGeometry& g, const TileLayout& l, const std::vector<TilePasses>& p, int lane, DataLineCache& c)
      : layout(l),
        passes(p),
        geometry(g),
        cache(c),
        chunks(static_cast<std::size_t>(l.slots) * l.blocks_per_row * g.rows / kChunk),
        column_cells(static_cast<std::size_t>(l.active_sub_macros()) * g.rows),
        first_cell(static_cast<std::size_t>(lane) * chunks * kChunk) {
    cache.corrections.resize(static_cast<std::size_t>(g.cols));
    cache.found.resize(p.size());
    cache.block.resize(p.size());
    const std::uint8_t *const begin = p.front().blob.weights, *const end = p.back().blob.weights + p.back().blob.bytes;
    behind = begin < end && static_cast<std::size_t>(end - begin) <= kMostFetched
                 ? static_cast<std::size_t>(end - begin)
                 : 0;
  }
  std::size_t block_lines() const { return chunks * kBlockTokens; }
  std::size_t cells() const { return chunks * kChunk; }
};

/// 64 fields of `bits` bits, 0..8, from field `first`, a multiple of 8.
FLEXCIM_AVX512VBMI inline __m512i fields(const std::uint8_t* plane, std::size_t first, int bits) {
  if (bits == 0) return _mm512_setzero_si512();
  // Eight fields are `bits` bytes: each 64-bit lane gets its own, each byte of it the bits of one field.
  alignas(64) std::uint8_t bytes[64], offsets[64];
  for (int i = 0; i < 64; ++i) {
    bytes[i] = static_cast<std::uint8_t>(std::min(i / 8 * bits + i % 8, 63));
    offsets[i] = static_cast<std::uint8_t>(i % 8 * bits);
  }
  const __m512i data = _mm512_maskz_loadu_epi8(bits == 8 ? ~__mmask64{0} : (__mmask64{1} << (8 * bits)) - 1,
                                               plane + first * static_cast<std::size_t>(bits) / 8);
  const __m512i lanes = _mm512_permutexvar_epi8(_mm512_load_si512(bytes), data);
  return _mm512_and_si512(_mm512_multishift_epi64_epi8(_mm512_load_si512(offsets), lanes),
                          _mm512_set1_epi8(static_cast<char>((1u << bits) - 1)));
}

FLEXCIM_AVX512VBMI inline __m512i pick(const __m512i (&table)[4], __m512i index) {
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), _mm512_permutex2var_epi8(table[0], index, table[1]),
                                _mm512_permutex2var_epi8(table[2], index, table[3]));
}

/// The input of the even line of each cell of a pass: the first one of the cell's block, and the base pair.
FLEXCIM_AVX512VBMI const std::uint8_t* find_inputs(const Lane& lane, const TilePasses& pass) {
  const TileLayout& l = lane.layout;
  const int rows = lane.geometry.rows;
  std::vector<std::uint8_t>& inputs = lane.cache.inputs;
  std::vector<std::uint8_t>& first = lane.cache.first;
  for (std::size_t i = first.size(); i < lane.cells(); ++i) {  // once, since it divides
    const int slot = static_cast<int>(i) / rows, r = static_cast<int>(i) % rows;
    first.push_back(
        static_cast<std::uint8_t>((r * l.blocks_per_row + slot / l.slots % l.blocks_per_row) * l.block_inputs));
  }
  inputs.resize(lane.cells());
  for (std::size_t i = 0; i < inputs.size(); i += kChunk) {
    const __m512i base = fields(pass.blob.bases, lane.first_cell + i, l.select_bits);
    _mm512_storeu_si512(&inputs[i], _mm512_add_epi8(_mm512_loadu_si512(&first[i]), _mm512_add_epi8(base, base)));
  }
  return inputs.data();
}

/// The data lines of `count` tokens of a pass.
FLEXCIM_AVX512VBMI void set_lines(const Lane& lane, const TilePasses& pass, const std::uint8_t* inputs,
                                  std::size_t token, std::size_t count, DataLines* to) {
  __mmask64 present[4];
  for (int i = 0; i < 4; ++i) {
    const int left = std::clamp(lane.layout.tile_inputs - 64 * i, 0, 64);
    present[i] = left == 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
  }
  const __m512i odd = _mm512_set1_epi8(lane.layout.metadata_bits != 0 ? 1 : 0);
  for (std::size_t t = 0; t < count; ++t) {
    const std::int8_t* activations = pass.activations.row(token + t);
    __m512i table[4];
    for (std::size_t i = 0; i < 4; ++i) {
      table[i] =
          _mm512_xor_si512(_mm512_maskz_loadu_epi8(present[i], activations + 64 * i), _mm512_set1_epi8(kUnsigned));
    }
    for (std::size_t j = 0; j < lane.chunks; ++j) {
      const __m512i index = _mm512_loadu_si512(inputs + j * kChunk);
      DataLines& lines = to[j * kBlockTokens + t];
      _mm512_store_si512(lines.even, pick(table, index));
      _mm512_store_si512(lines.odd, pick(table, _mm512_or_si512(index, odd)));
    }
  }
}

/// The data lines of all tokens of a pass: those that the cache has, or new ones. Null where it is full.
const DataLines* find_lines(const Lane& lane, const TilePasses& pass) {
  DataLineCache& cache = lane.cache;
  const auto bits = static_cast<std::size_t>(lane.layout.select_bits);
  const std::uint8_t* const selects = pass.blob.bases + lane.first_cell / 8 * bits;
  const std::size_t bytes = lane.cells() / 8 * bits;
  const std::size_t tokens = pass.activations.rows;
  const std::size_t blocks = (tokens + kBlockTokens - 1) / kBlockTokens;
  std::size_t at = cache.next;  // passes come in the same order again and again
  std::size_t looked_at = 0;
  while (looked_at < cache.count && cache.passes[at].activations != pass.activations.data) {
    at = at + 1 < cache.count ? at + 1 : 0;
    ++looked_at;
  }
  const bool held = looked_at < cache.count;
  if (!held) {
    const std::size_t all = blocks * lane.block_lines();
    if (cache.held + all > kMostLines) return nullptr;
    at = cache.count++;
    if (cache.passes.size() < cache.count) cache.passes.emplace_back();
    cache.passes[at].activations = pass.activations.data;
    cache.passes[at].lines.resize(all);
    cache.held += all;
  }
  DataLineCache::Pass& found = cache.passes[at];
  cache.next = at + 1 < cache.count ? at + 1 : 0;
  if (held && std::equal(selects, selects + bytes, found.selects.begin(), found.selects.end())) {
    return found.lines.data();
  }
  found.selects.assign(selects, selects + bytes);
  const std::uint8_t* const inputs = find_inputs(lane, pass);
  for (std::size_t t = 0; t < tokens; t += kBlockTokens) {
    set_lines(lane, pass, inputs, t, std::min(kBlockTokens, tokens - t),
              found.lines.data() + t / kBlockTokens * lane.block_lines());
  }
  return found.lines.data();
}

/// The sums over the lanes of four vectors.
FLEXCIM_AVX512VBMI inline __m128i sum4(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

inline __mmask64 load_mask(const std::uint8_t* bits) {
  __mmask64 mask;
  std::memcpy(&mask, bits, sizeof mask);
  return mask;
}

/// The sums over the lanes of each vector.
template <int kC>
FLEXCIM_AVX512VBMI inline void sum_lanes(const __m512i (&acc)[kC], std::int32_t* to) {
  if (kC == 1) *to = _mm512_reduce_add_epi32(acc[0]);
  for (int c = 0; c + 4 <= kC; c += 4) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + c), sum4(acc[c], acc[c + 1], acc[c + 2], acc[c + 3]));
  }
}

/// kT tokens x kC columns, kC = 1 or whole fours. The first block of tokens finds the corrections, too. Not inlined: on
/// its own all accumulators get registers.
template <int kT, int kC, bool kCorrect>
FLEXCIM_AVX512VBMI __attribute__((noinline)) void add_block(const Lane& lane, std::size_t column, std::size_t token,
                                                            MatrixView<std::int32_t> sums, std::int32_t* corrections) {
  __m512i acc[kT][kC], weight_sums[kC];
  for (int c = 0; c < kC; ++c) {
    for (int t = 0; t < kT; ++t) acc[t][c] = _mm512_setzero_si512();
    weight_sums[c] = _mm512_setzero_si512();
  }
  const std::size_t cell = column * lane.column_cells + lane.first_cell, stride = lane.column_cells;
  for (std::size_t k = 0; k < lane.passes.size(); ++k) {
    const TilePasses& pass = lane.passes[k];
    const DataLines* lines = lane.cache.block[k];
    const std::uint8_t* weights = pass.blob.weights + cell;
    // Without metadata both lines are the same, and any bits will do.
    const std::uint8_t* bits = (lane.layout.metadata_bits != 0 ? pass.blob.metadata : pass.blob.weights) + cell / 8;
    for (std::size_t j = 0; j < lane.chunks; ++j, lines += kBlockTokens) {
      __m512i even[kT], odd[kT];
      for (int t = 0; t < kT; ++t) {
        even[t] = _mm512_load_si512(lines[t].even);
        odd[t] = _mm512_load_si512(lines[t].odd);
      }
      for (std::size_t c = 0; c < kC; ++c) {
        const __m512i w = _mm512_loadu_si512(weights + c * stride);
        // A token takes less time than its weights take from memory: have the next ones come meanwhile.
        if (kT == 1 && lane.behind != 0) _mm_prefetch(weights + c * stride + lane.behind, _MM_HINT_T0);
        const __mmask64 mask = load_mask(bits + c * stride / 8);
        for (int t = 0; t < kT; ++t) {
          acc[t][c] = _mm512_dpbusd_epi32(acc[t][c], _mm512_mask_blend_epi8(mask, even[t], odd[t]), w);
        }
        if (kCorrect) weight_sums[c] = _mm512_dpbusd_epi32(weight_sums[c], _mm512_set1_epi8(kUnsigned), w);
      }
      weights += kChunk;
      bits += kChunk / 8;
    }
  }
  if (kCorrect) sum_lanes<kC>(weight_sums, corrections);
  for (int t = 0; t < kT; ++t) {
    std::int32_t found[kC];
    sum_lanes<kC>(acc[t], found);
    std::int32_t* row = sums.row(token + static_cast<std::size_t>(t));
    for (int c = 0; c < kC; ++c) row[c] += found[c] - corrections[c];
  }
}

/// All columns of kT tokens, as many at a time as have accumulators in the registers.
template <int kT, bool kCorrect>
void add_columns(Lane& lane, std::size_t token, MatrixView<std::int32_t> sums) {
  constexpr int kC = kT > 2 ? 4 : 8;
  std::size_t c = 0;
  const auto columns = static_cast<std::size_t>(lane.passes[0].blob.columns_used);
  for (; c + kC <= columns; c += kC, sums.data += kC) {
    add_block<kT, kC, kCorrect>(lane, c, token, sums, &lane.cache.corrections[c]);
  }
  for (; c < columns; ++c, ++sums.data) add_block<kT, 1, kCorrect>(lane, c, token, sums, &lane.cache.corrections[c]);
}

template <bool kCorrect>
void add_tokens(Lane& lane, std::size_t token, std::size_t count, MatrixView<std::int32_t> sums) {
  switch (count) {
    case 1:
      return add_columns<1, kCorrect>(lane, token, sums);
    case 2:
      return add_columns<2, kCorrect>(lane, token, sums);
    case 3:
      return add_columns<3, kCorrect>(lane, token, sums);
    default:
      return add_columns<4, kCorrect>(lane, token, sums);
  }
}

void add_lane(const MacroGeometry& g, const TileLayout& layout, const std::vector<TilePasses>& passes, int number,
              MatrixView<std::int32_t> sums, DataLineCache& cache) {
  Lane lane(g, layout, passes, number, cache);
  for (std::size_t k = 0; k < passes.size(); ++k) {
    cache.found[k] = find_lines(lane, passes[k]);
    if (cache.found[k] == nullptr) {
      cache.unheld.resize(std::max(cache.unheld.size(), passes.size() * lane.block_lines()));
    }
  }
  for (std::size_t t = 0; t < sums.rows; t += kBlockTokens) {
    const std::size_t count = std::min(kBlockTokens, sums.rows - t);
    for (std::size_t k = 0; k < passes.size(); ++k) {
      if (cache.found[k] != nullptr) {
        cache.block[k] = cache.found[k] + t / kBlockTokens * lane.block_lines();
        continue;
      }
      DataLines* const made = cache.unheld.data() + k * lane.block_lines();
      set_lines(lane, passes[k], find_inputs(lane, passes[k]), t, count, made);
      cache.block[k] = made;
    }
    if (t == 0) {
      add_tokens<true>(lane, t, count, sums);
    } else {
      add_tokens<false>(lane, t, count, sums);
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
      lane_cells % kChunk != 0 || passes.empty() || simd() < Simd::avx512vbmi) {
    return false;
  }
  for (const TilePasses& each : passes) {
    if (each.blob.phases != 1) return false;
  }
  for (int lane = 0; lane < layout.lanes; ++lane, sums.data += g.cols) add_lane(g, layout, passes, lane, sums, cache);
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
