#include "tlm/engine/pair_products.h"

#if FLEXCIM_X86

#include <algorithm>

namespace flexcim {

namespace {

constexpr std::size_t kGroup = 8;  // columns whose weights are parted at a time
constexpr std::size_t kStep = 16;  // cells of a vector: a byte for each of their two lines

/// The weights of 16 cells where their lines lie: the low byte of a cell goes with the even line, the high one with the
/// odd one, and the other is 0.
FLEXCIM_AVX2 inline __m256i part_cells(__m128i weights, std::uint16_t odd) {
  const __m256i bit = _mm256_set_epi16(static_cast<short>(0x8000), 0x4000, 0x2000, 0x1000, 0x800, 0x400, 0x200, 0x100,
                                       0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1);
  const __m256i is_odd = _mm256_cmpeq_epi16(_mm256_and_si256(_mm256_set1_epi16(static_cast<short>(odd)), bit), bit);
  const __m256i even_weights = _mm256_cvtepu8_epi16(weights);
  return _mm256_blendv_epi8(even_weights, _mm256_slli_epi16(even_weights, 8), is_odd);
}

FLEXCIM_AVX2 inline std::int32_t sum_lanes(__m256i v) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
}

/// Parts the weights of `columns` columns, [pass][chunk][column of the group]; into `corrections`, what the 128 that is
/// added to activations makes of each column.
FLEXCIM_AVX2 void part_pairs(const Lane& lane, std::size_t column, std::size_t columns, DataLines* to,
                             std::int32_t* corrections) {
  const std::size_t cell = column * lane.column_cells + lane.first_cell, stride = lane.column_cells;
  const __m128i offset = _mm_set1_epi8(kUnsigned), zero = _mm_setzero_si128();
  __m128i unsigned_sums[kGroup];
  for (__m128i& sum : unsigned_sums) sum = zero;
  for (const TilePasses& pass : lane.passes) {
    for (std::size_t j = 0; j < lane.chunks; ++j, to += kGroup) {
      const std::uint8_t* weights = pass.blob.weights + cell + j * kChunk;
      const std::uint8_t* bits = lane.bits(pass) + (cell + j * kChunk) / 8;
      for (std::size_t c = 0; c < columns; ++c, weights += stride, bits += stride / 8) {
        auto* const pairs = reinterpret_cast<__m256i*>(to + c);
        for (std::size_t i = 0; i < kChunk / kStep; ++i) {
          const __m128i w = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + i * kStep));
          std::uint16_t odd;
          std::memcpy(&odd, bits + i * kStep / 8, sizeof odd);
          _mm256_store_si256(pairs + i, part_cells(w, odd));
          unsigned_sums[c] = _mm_add_epi64(unsigned_sums[c], _mm_sad_epu8(_mm_xor_si128(w, offset), zero));
        }
      }
    }
  }
  const auto cells = static_cast<std::int64_t>(lane.passes.size() * lane.cells());
  for (std::size_t c = 0; c < columns; ++c) {
    const std::int64_t sum = _mm_extract_epi64(unsigned_sums[c], 0) + _mm_extract_epi64(unsigned_sums[c], 1);
    corrections[c] = static_cast<std::int32_t>(128 * (sum - 128 * cells));
  }
}

/// The same without metadata: a cell has one activation, of 16 bits, and nothing to be corrected.
FLEXCIM_AVX2 void widen(const Lane& lane, std::size_t column, std::size_t columns, DataLines* to,
                        std::int32_t* corrections) {
  const std::size_t cell = column * lane.column_cells + lane.first_cell, stride = lane.column_cells;
  for (const TilePasses& pass : lane.passes) {
    for (std::size_t j = 0; j < lane.chunks; ++j, to += kGroup) {
      const std::uint8_t* weights = pass.blob.weights + cell + j * kChunk;
      for (std::size_t c = 0; c < columns; ++c, weights += stride) {
        auto* const words = reinterpret_cast<__m256i*>(to + c);
        for (std::size_t i = 0; i < kChunk / kStep; ++i) {
          const __m128i w = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + i * kStep));
          _mm256_store_si256(words + i, _mm256_cvtepi8_epi16(w));
        }
      }
    }
  }
  std::fill_n(corrections, columns, 0);
}

/// Of 16 cells, two sums of a lane.
template <bool kTwoLines>
FLEXCIM_AVX2 inline __m256i products(__m256i line, __m256i weights) {
  if (!kTwoLines) return _mm256_madd_epi16(line, weights);
  // A product of bytes fits 16 bits, since one of a pair is 0.
  return _mm256_madd_epi16(_mm256_maddubs_epi16(line, weights), _mm256_set1_epi16(1));
}

/// kT tokens x kC columns of a group, over all passes. Not inlined: on its own all accumulators get registers.
template <int kT, int kC, bool kTwoLines>
FLEXCIM_AVX2 __attribute__((noinline)) void add_block(const Lane& lane, const DataLines* weights, std::size_t token,
                                                      std::size_t column, const std::int32_t* corrections,
                                                      MatrixView<std::int32_t> sums) {
  __m256i acc[kT][kC];
  for (auto& of_token : acc) {
    for (__m256i& sum : of_token) sum = _mm256_setzero_si256();
  }
  for (const DataLines* lines : lane.cache.block) {
    for (std::size_t j = 0; j < lane.chunks; ++j, weights += kGroup, lines += kBlockTokens) {
      for (std::size_t i = 0; i < kChunk / kStep; ++i) {
        __m256i w[kC];
        for (std::size_t c = 0; c < kC; ++c)
          w[c] = _mm256_load_si256(reinterpret_cast<const __m256i*>(weights + c) + i);
        for (std::size_t t = 0; t < kT; ++t) {
          const __m256i line = _mm256_load_si256(reinterpret_cast<const __m256i*>(lines + t) + i);
          for (std::size_t c = 0; c < kC; ++c) {
            acc[t][c] = _mm256_add_epi32(acc[t][c], products<kTwoLines>(line, w[c]));
          }
        }
      }
    }
  }
  for (std::size_t t = 0; t < kT; ++t) {
    std::int32_t* const row = sums.row(token + t) + column;
    for (std::size_t c = 0; c < kC; ++c) row[c] += sum_lanes(acc[t][c]) - corrections[c];
  }
}

/// All columns of a group.
template <int kT, bool kTwoLines>
void add_columns(const Lane& lane, const DataLines* weights, std::size_t token, std::size_t column, std::size_t columns,
                 const std::int32_t* corrections, MatrixView<std::int32_t> sums) {
  constexpr int kC = kT == 1 ? 8 : 2;
  std::size_t c = 0;
  for (; c + kC <= columns; c += kC) {
    add_block<kT, kC, kTwoLines>(lane, weights + c, token, column + c, corrections + c, sums);
  }
  for (; c < columns; ++c) add_block<kT, 1, kTwoLines>(lane, weights + c, token, column + c, corrections + c, sums);
}

/// All columns, all tokens.
template <bool kTwoLines>
void add_lane(Lane& lane, MatrixView<std::int32_t> sums) {
  using Add = void (*)(const Lane&, const DataLines*, std::size_t, std::size_t, std::size_t, const std::int32_t*,
                       MatrixView<std::int32_t>);
  constexpr Add kAdd[kBlockTokens] = {add_columns<1, kTwoLines>, add_columns<2, kTwoLines>, add_columns<3, kTwoLines>,
                                      add_columns<4, kTwoLines>};
  DataLineCache& cache = lane.cache;
  const auto columns = static_cast<std::size_t>(lane.passes[0].blob.columns_used);
  for (std::size_t c = 0; c < columns; c += kGroup) {
    const std::size_t count = std::min(kGroup, columns - c);
    if (kTwoLines) {
      part_pairs(lane, c, count, cache.parted.data(), cache.corrections.data());
    } else {
      widen(lane, c, count, cache.parted.data(), cache.corrections.data());
    }
    for (std::size_t t = 0; t < sums.rows; t += kBlockTokens) {
      const std::size_t tokens = std::min(kBlockTokens, sums.rows - t);
      lane.take_block(t, tokens);
      kAdd[tokens - 1](lane, cache.parted.data(), t, c, count, cache.corrections.data(), sums);
    }
  }
}

}  // namespace

void add_pair_products(Lane& lane, MatrixView<std::int32_t> sums) {
  lane.find_lines();
  lane.cache.parted.resize(lane.passes.size() * lane.chunks * kGroup);
  lane.cache.corrections.resize(kGroup);
  if (lane.two_lines()) {
    add_lane<true>(lane, sums);
  } else {
    add_lane<false>(lane, sums);
  }
}

}  // namespace flexcim

#endif
