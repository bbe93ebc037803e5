#include "tlm/accelerator/line_products.h"

#include <algorithm>

#if defined(__x86_64__) && defined(__GNUC__)
// GCC 12 takes the operand that _mm512_unpack* leaves undefined on purpose for a mistake.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

namespace flexcim {

namespace {

constexpr std::size_t kChunk = 64;       // cells of one vector
constexpr std::size_t kBlockTokens = 4;  // with 4 columns, 16 accumulators: all registers are in use
constexpr int kBlockColumns = 4;
constexpr std::size_t kTable = 256;                                  // inputs that two byte shuffles reach
constexpr std::size_t kMostLines = (768 << 10) / sizeof(DataLines);  // from a second-level cache they come faster
constexpr char kUnsigned = '\x80';  // activations as unsigned bytes: + 128, taken back by 128 * sum of the weights

/// One lane of outputs over a row of tiles.
struct Work {
  const TileLayout& layout;
  const std::vector<TilePasses>& passes;
  std::size_t chunks;                     ///< of a column
  std::size_t column_cells;               ///< of all lanes
  std::size_t first_cell;                 ///< of the lane in a column
  std::vector<std::uint8_t> inputs;       ///< [pass][cell]: input of the even line in the tile
  std::vector<std::int32_t> corrections;  ///< [column]
  DataLineCache& cache;
  std::size_t block_lines;           ///< of a block of tokens
  const DataLines* lines = nullptr;  ///< of the block of tokens under way: [pass][chunk][token]

  Work(const MacroGeometry& g, const TileLayout& l, const std::vector<TilePasses>& p, int lane, DataLineCache& c)
      : layout(l),
        passes(p),
        chunks(static_cast<std::size_t>(l.slots) * l.blocks_per_row * g.rows / kChunk),
        column_cells(static_cast<std::size_t>(l.active_sub_macros()) * g.rows),
        first_cell(static_cast<std::size_t>(lane) * chunks * kChunk),
        inputs(p.size() * chunks * kChunk),
        corrections(static_cast<std::size_t>(g.cols)),
        cache(c),
        block_lines(p.size() * chunks * kBlockTokens) {}
};

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni")

/// 64 fields of `bits` bits, 0..8, from field `first`, a multiple of 8.
inline __m512i fields(const std::uint8_t* plane, std::size_t first, int bits) {
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

void find_inputs(Work& work, const MacroGeometry& g, int lane) {
  const TileLayout& l = work.layout;
  std::vector<std::uint8_t> first(work.chunks * kChunk);  // of the block of each cell
  for (std::size_t i = 0; i < first.size(); ++i) {
    const int p = static_cast<int>(i) / g.rows, r = static_cast<int>(i) % g.rows;
    first[i] = static_cast<std::uint8_t>((r * l.blocks_per_row + p / l.slots % l.blocks_per_row) * l.block_inputs);
  }
  for (std::size_t k = 0; k < work.passes.size(); ++k) {
    const std::uint8_t* bases = work.passes[k].blob.bases;
    for (std::size_t i = 0; i < first.size(); i += kChunk) {
      const __m512i base = fields(bases, static_cast<std::size_t>(lane) * first.size() + i, l.select_bits);
      _mm512_storeu_si512(&work.inputs[k * first.size() + i],
                          _mm512_add_epi8(_mm512_loadu_si512(&first[i]), _mm512_add_epi8(base, base)));
    }
  }
}

inline __m512i pick(const __m512i (&table)[4], __m512i index) {
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), _mm512_permutex2var_epi8(table[0], index, table[1]),
                                _mm512_permutex2var_epi8(table[2], index, table[3]));
}

/// Whether the cache holds the lines of all `tokens`; prepares it to take them if not, unless they are too many.
bool find_lines(Work& work, std::size_t tokens) {
  DataLineCache& cache = work.cache;
  const auto same = [&](const TilePasses& pass, const std::int8_t* x) { return pass.activations.data == x; };
  if (cache.tokens == tokens && cache.inputs == work.inputs && cache.activations.size() == work.passes.size() &&
      std::equal(work.passes.begin(), work.passes.end(), cache.activations.begin(), same)) {
    return true;
  }
  const std::size_t all = (tokens + kBlockTokens - 1) / kBlockTokens * work.block_lines;
  const bool keep = all <= kMostLines;
  cache.lines.resize(std::max(cache.lines.size(), keep ? all : work.block_lines));
  cache.tokens = keep ? tokens : 0;
  cache.inputs = work.inputs;
  cache.activations.clear();
  for (const TilePasses& pass : work.passes) cache.activations.push_back(pass.activations.data);
  return false;
}

/// The data lines of `count` tokens.
void set_lines(Work& work, std::size_t token, std::size_t count, DataLines* to) {
  __mmask64 present[4];
  for (int i = 0; i < 4; ++i) {
    const int left = std::clamp(work.layout.tile_inputs - 64 * i, 0, 64);
    present[i] = left == 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
  }
  const __m512i one = _mm512_set1_epi8(1);
  for (std::size_t k = 0; k < work.passes.size(); ++k) {
    const std::uint8_t* inputs = &work.inputs[k * work.chunks * kChunk];
    for (std::size_t t = 0; t < count; ++t) {
      const std::int8_t* activations = work.passes[k].activations.row(token + t);
      __m512i table[4];
      for (int i = 0; i < 4; ++i) {
        table[i] =
            _mm512_xor_si512(_mm512_maskz_loadu_epi8(present[i], activations + 64 * i), _mm512_set1_epi8(kUnsigned));
      }
      for (std::size_t j = 0; j < work.chunks; ++j) {
        const __m512i index = _mm512_loadu_si512(inputs + j * kChunk);
        DataLines& lines = to[(k * work.chunks + j) * kBlockTokens + t];
        _mm512_store_si512(lines.even, pick(table, index));
        _mm512_store_si512(lines.odd, pick(table, _mm512_or_si512(index, one)));
      }
    }
  }
}

/// The sums over the lanes of four vectors.
inline __m128i sum4(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/// kT tokens x kBlockColumns columns; columns from `last` on do not count. The first block of tokens finds the
/// corrections, too.
template <int kT, bool kCorrect>
void add_block(Work& work, std::size_t column, std::size_t columns, std::size_t token, MatrixView<std::int32_t> sums,
               std::size_t first_output) {
  __m512i acc[kT][kBlockColumns], weight_sums[kBlockColumns];
  for (int c = 0; c < kBlockColumns; ++c) {
    for (int t = 0; t < kT; ++t) acc[t][c] = _mm512_setzero_si512();
    weight_sums[c] = _mm512_setzero_si512();
  }
  std::size_t cell[kBlockColumns];  // a block at the edge takes its last column several times
  for (std::size_t c = 0; c < kBlockColumns; ++c) {
    cell[c] = std::min(column + c, columns - 1) * work.column_cells + work.first_cell;
  }
  const DataLines* lines = work.lines;
  const bool masks = work.layout.metadata_bits != 0;
  for (const TilePasses& pass : work.passes) {
    for (std::size_t j = 0; j < work.chunks; ++j, lines += kBlockTokens) {
      __m512i even[kT], odd[kT];
      for (int t = 0; t < kT; ++t) {
        even[t] = _mm512_load_si512(lines[t].even);
        odd[t] = _mm512_load_si512(lines[t].odd);
      }
      for (int c = 0; c < kBlockColumns; ++c) {
        const std::size_t at = cell[c] + j * kChunk;
        const __m512i weights = _mm512_loadu_si512(pass.blob.weights + at);
        const __mmask64 mask =
            masks ? _load_mask64(reinterpret_cast<__mmask64*>(const_cast<std::uint8_t*>(pass.blob.metadata + at / 8)))
                  : 0;
        for (int t = 0; t < kT; ++t) {
          acc[t][c] = _mm512_dpbusd_epi32(acc[t][c], _mm512_mask_blend_epi8(mask, even[t], odd[t]), weights);
        }
        if (kCorrect) weight_sums[c] = _mm512_dpbusd_epi32(weight_sums[c], _mm512_set1_epi8(kUnsigned), weights);
      }
    }
  }
  std::int32_t* corrections = &work.corrections[column];
  alignas(16) std::int32_t found[kBlockColumns];
  const std::size_t used = std::min<std::size_t>(kBlockColumns, columns - column);
  if (kCorrect) {
    _mm_store_si128(reinterpret_cast<__m128i*>(found),
                    sum4(weight_sums[0], weight_sums[1], weight_sums[2], weight_sums[3]));
    std::copy_n(found, used, corrections);
  }
  for (int t = 0; t < kT; ++t) {
    _mm_store_si128(reinterpret_cast<__m128i*>(found), sum4(acc[t][0], acc[t][1], acc[t][2], acc[t][3]));
    std::int32_t* row = sums.row(token + static_cast<std::size_t>(t)) + first_output + column;
    for (std::size_t c = 0; c < used; ++c) row[c] += found[c] - corrections[c];
  }
}

template <bool kCorrect>
void add_tokens(Work& work, std::size_t columns, std::size_t token, std::size_t count, MatrixView<std::int32_t> sums,
                std::size_t first_output) {
  for (std::size_t c = 0; c < columns; c += kBlockColumns) {
    switch (count) {
      case 1:
        add_block<1, kCorrect>(work, c, columns, token, sums, first_output);
        break;
      case 2:
        add_block<2, kCorrect>(work, c, columns, token, sums, first_output);
        break;
      case 3:
        add_block<3, kCorrect>(work, c, columns, token, sums, first_output);
        break;
      default:
        add_block<4, kCorrect>(work, c, columns, token, sums, first_output);
    }
  }
}

void add_lane(const MacroGeometry& g, const TileLayout& layout, const std::vector<TilePasses>& passes, int lane,
              MatrixView<std::int32_t> sums, DataLineCache& cache) {
  Work work(g, layout, passes, lane, cache);
  find_inputs(work, g, lane);
  const bool found = find_lines(work, sums.rows);
  const auto columns = static_cast<std::size_t>(passes[0].blob.columns_used);
  const std::size_t first_output = static_cast<std::size_t>(lane) * g.cols;
  for (std::size_t t = 0; t < sums.rows; t += kBlockTokens) {
    const std::size_t count = std::min(kBlockTokens, sums.rows - t);
    DataLines* const lines = cache.lines.data() + (cache.tokens == 0 ? 0 : t / kBlockTokens * work.block_lines);
    if (!found) set_lines(work, t, count, lines);
    work.lines = lines;
    if (t == 0) {
      add_tokens<true>(work, columns, t, count, sums, first_output);
    } else {
      add_tokens<false>(work, columns, t, count, sums, first_output);
    }
  }
}

#pragma GCC pop_options

bool machine_can() {
  static const bool can = __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
                          __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
                          __builtin_cpu_supports("avx512vnni") != 0;
  return can;
}

}  // namespace

bool add_line_products(const MacroGeometry& g, const TileLayout& layout, const std::vector<TilePasses>& passes,
                       MatrixView<std::int32_t> sums, DataLineCache& cache) {
  const std::size_t lane_cells = static_cast<std::size_t>(layout.slots) * layout.blocks_per_row * g.rows;
  const bool one_line = !layout.compressed;
  const bool two_lines = layout.compressed && layout.sequencing == Sequencing::grouped && layout.window == 1;
  if (!(one_line || two_lines) || static_cast<std::size_t>(layout.tile_inputs) > kTable || lane_cells % kChunk != 0 ||
      passes.empty() || !machine_can()) {
    return false;
  }
  for (const TilePasses& each : passes) {
    if (each.blob.phases != 1) return false;
  }
  for (int lane = 0; lane < layout.lanes; ++lane) add_lane(g, layout, passes, lane, sums, cache);
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
