#include "tlm/engine/data_lines.h"

#if FLEXCIM_X86

#include <algorithm>

namespace flexcim {

namespace {

/// That are held: from a second-level cache they come faster than they are made anew, pairs from a third-level one,
/// too.
constexpr std::size_t kMostLines = (768 << 10) / sizeof(DataLines), kMostPairs = (4 << 20) / sizeof(DataLines);

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

FLEXCIM_AVX512VBMI void add_bases(const Lane& lane, const TilePasses& pass) {
  std::uint8_t *const inputs = lane.cache.inputs.data(), *const first = lane.cache.first.data();
  for (std::size_t i = 0; i < lane.cells(); i += kChunk) {
    const __m512i base = fields(pass.blob.bases, lane.first_cell + i, lane.layout.select_bits);
    _mm512_storeu_si512(inputs + i, _mm512_add_epi8(_mm512_loadu_si512(first + i), _mm512_add_epi8(base, base)));
  }
}

/// The same without AVX-512: eight fields are `bits` bytes.
void add_bases_by_eights(const Lane& lane, const TilePasses& pass) {
  const auto bits = static_cast<std::size_t>(lane.layout.select_bits);
  const std::uint8_t *from = pass.blob.bases + lane.first_cell / 8 * bits, *const first = lane.cache.first.data();
  std::uint8_t* const inputs = lane.cache.inputs.data();
  for (std::size_t i = 0; i < lane.cells(); i += 8, from += bits) {
    std::uint64_t eight = 0;
    if (bits != 0) std::memcpy(&eight, from, bits);
    for (std::size_t k = 0; k < 8; ++k, eight >>= bits) {
      const std::uint64_t base = eight & ((1u << bits) - 1);
      inputs[i + k] = static_cast<std::uint8_t>(first[i + k] + 2 * base);
    }
  }
}

/// The input of the even line of each cell of a pass: the first one of the cell's block, and the base pair.
const std::uint8_t* find_inputs(const Lane& lane, const TilePasses& pass) {
  const TileLayout& l = lane.layout;
  const int rows = lane.geometry.rows;
  std::vector<std::uint8_t>& first = lane.cache.first;
  for (std::size_t i = first.size(); i < lane.cells(); ++i) {  // once, since it divides
    const int slot = static_cast<int>(i) / rows, r = static_cast<int>(i) % rows;
    first.push_back(
        static_cast<std::uint8_t>((r * l.blocks_per_row + slot / l.slots % l.blocks_per_row) * l.block_inputs));
  }
  lane.cache.inputs.resize(lane.cells());
  (lane.form == LineForm::pairs ? add_bases_by_eights : add_bases)(lane, pass);
  return lane.cache.inputs.data();
}

/// The data lines of `count` tokens of a pass, as rows or tiles.
FLEXCIM_AVX512VBMI void set_vectors(const Lane& lane, const TilePasses& pass, const std::uint8_t* inputs,
                                    std::size_t token, std::size_t count, DataLines* to) {
  __mmask64 present[4];
  for (int i = 0; i < 4; ++i) {
    const int left = std::clamp(lane.layout.tile_inputs - 64 * i, 0, 64);
    present[i] = left == 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
  }
  const __m512i odd = _mm512_set1_epi8(lane.two_lines() ? 1 : 0);
  const __m512i offset = _mm512_set1_epi8(lane.form == LineForm::rows ? kUnsigned : '\0');
  const __m512i rows_of_tile =
      _mm512_slli_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), 6);
  for (std::size_t t = 0; t < count; ++t) {
    const std::int8_t* activations = pass.activations.row(token + t);
    __m512i table[4];
    for (std::size_t i = 0; i < 4; ++i) {
      table[i] = _mm512_xor_si512(_mm512_maskz_loadu_epi8(present[i], activations + 64 * i), offset);
    }
    for (std::size_t j = 0; j < lane.chunks; ++j) {
      const __m512i index = _mm512_loadu_si512(inputs + j * kChunk);
      const __m512i even_line = pick(table, index), odd_line = pick(table, _mm512_or_si512(index, odd));
      DataLines* const chunk = to + j * lane.block_tokens;
      if (lane.form == LineForm::rows) {
        _mm512_store_si512(chunk[t].even, even_line);
        _mm512_store_si512(chunk[t].odd, odd_line);
      } else {
        auto* const tiles = reinterpret_cast<std::uint8_t*>(chunk) + t / kTileRows * kTileBytes + t % kTileRows * 4;
        _mm512_i32scatter_epi32(tiles, rows_of_tile, even_line, 1);
        _mm512_i32scatter_epi32(tiles + 2 * kTileBytes, rows_of_tile, odd_line, 1);
      }
    }
  }
}

/// The same as pairs. A pair is what lies behind each other anyway.
void set_pairs(const Lane& lane, const TilePasses& pass, const std::uint8_t* inputs, std::size_t token,
               std::size_t count, DataLines* to) {
  std::uint8_t table[kTable + 1];
  std::memset(table, static_cast<unsigned char>(kUnsigned), sizeof table);
  for (std::size_t t = 0; t < count; ++t) {
    const std::int8_t* activations = pass.activations.row(token + t);
    for (int i = 0; i < lane.layout.tile_inputs; ++i) {
      table[i] = static_cast<std::uint8_t>(activations[i]) ^ static_cast<std::uint8_t>(kUnsigned);
    }
    for (std::size_t j = 0; j < lane.chunks; ++j) {
      auto* const pairs = reinterpret_cast<std::uint8_t*>(to + j * lane.block_tokens + t);
      for (std::size_t i = 0; i < kChunk; ++i) std::memcpy(pairs + 2 * i, table + inputs[j * kChunk + i], 2);
    }
  }
}

/// The same where there is no metadata.
void set_words(const Lane& lane, const TilePasses& pass, const std::uint8_t* inputs, std::size_t token,
               std::size_t count, DataLines* to) {
  for (std::size_t t = 0; t < count; ++t) {
    const std::int8_t* activations = pass.activations.row(token + t);
    std::int16_t table[kTable] = {};
    std::copy_n(activations, lane.layout.tile_inputs, table);
    for (std::size_t j = 0; j < lane.chunks; ++j) {
      std::int16_t words[kChunk];
      for (std::size_t i = 0; i < kChunk; ++i) words[i] = table[inputs[j * kChunk + i]];
      std::memcpy(to + j * lane.block_tokens + t, words, sizeof words);
    }
  }
}

void set_lines(const Lane& lane, const TilePasses& pass, const std::uint8_t* inputs, std::size_t token,
               std::size_t count, DataLines* to) {
  const auto set = lane.form != LineForm::pairs ? set_vectors : lane.two_lines() ? set_pairs : set_words;
  set(lane, pass, inputs, token, count, to);
}

/// The data lines of all tokens of a pass: those that the cache has, or new ones. Null where it is full.
const DataLines* find_pass(const Lane& lane, const TilePasses& pass) {
  DataLineCache& cache = lane.cache;
  const auto bits = static_cast<std::size_t>(lane.layout.select_bits);
  const std::uint8_t* const selects = pass.blob.bases + lane.first_cell / 8 * bits;
  const std::size_t bytes = lane.cells() / 8 * bits;
  const std::size_t tokens = pass.activations.rows;
  const std::size_t blocks = (tokens + lane.block_tokens - 1) / lane.block_tokens;
  const auto is_of_pass = [&](const DataLineCache::Pass& each) {
    return each.activations == pass.activations.data && each.tokens == tokens;
  };
  std::size_t at = cache.next;  // passes come in the same order again and again
  std::size_t looked_at = 0;
  while (looked_at < cache.count && !is_of_pass(cache.passes[at])) {
    at = at + 1 < cache.count ? at + 1 : 0;
    ++looked_at;
  }
  const bool held = looked_at < cache.count;
  if (!held) {
    const std::size_t all = blocks * lane.block_lines();
    if (cache.held + all > (lane.form == LineForm::pairs ? kMostPairs : kMostLines)) return nullptr;
    at = cache.count++;
    if (cache.passes.size() < cache.count) cache.passes.emplace_back();
    cache.passes[at].activations = pass.activations.data;
    cache.passes[at].tokens = tokens;
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
  for (std::size_t t = 0; t < tokens; t += lane.block_tokens) {
    set_lines(lane, pass, inputs, t, std::min(lane.block_tokens, tokens - t),
              found.lines.data() + t / lane.block_tokens * lane.block_lines());
  }
  return found.lines.data();
}

}  // namespace

Lane::Lane(const MacroGeometry& g, const TileLayout& l, const std::vector<TilePasses>& p, int number, LineForm f,
           DataLineCache& c)
    : layout(l),
      passes(p),
      geometry(g),
      cache(c),
      form(f),
      block_tokens(f == LineForm::tiles ? 2 * kTileRows : kBlockTokens),
      chunks(static_cast<std::size_t>(l.slots) * l.blocks_per_row * g.rows / kChunk),
      column_cells(static_cast<std::size_t>(l.active_sub_macros()) * g.rows),
      first_cell(static_cast<std::size_t>(number) * chunks * kChunk) {
  cache.found.resize(p.size());
  cache.block.resize(p.size());
}

void Lane::find_lines() {
  for (std::size_t k = 0; k < passes.size(); ++k) {
    cache.found[k] = find_pass(*this, passes[k]);
    if (cache.found[k] == nullptr) cache.unheld.resize(std::max(cache.unheld.size(), passes.size() * block_lines()));
  }
}

void Lane::take_block(std::size_t token, std::size_t tokens, std::size_t first, std::size_t last) {
  for (std::size_t k = first; k < last; ++k) {
    if (cache.found[k] != nullptr) {
      cache.block[k] = cache.found[k] + token / block_tokens * block_lines();
      continue;
    }
    DataLines* const made = cache.unheld.data() + k * block_lines();
    set_lines(*this, passes[k], find_inputs(*this, passes[k]), token, tokens, made);
    cache.block[k] = made;
  }
}

}  // namespace flexcim

#endif
