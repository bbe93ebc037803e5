#include "flow/pack/packed_linear.h"

#include "flow/base/error.h"
#include "flow/base/simd.h"
#include "flow/pack/quantize.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace flexcim {
namespace {

std::string at(const std::string& where, int row, int input) {
  return where + ": weight [" + std::to_string(row) + "][" + std::to_string(input) + "]";
}

void require_in_range(const PackedLinear& linear, int value, const std::string& where) {
  const int limit = weight_limit(linear.weight_bits);
  if (std::abs(value) <= limit) return;
  const std::string range = std::to_string(limit);
  throw InputError(where + " is " + std::to_string(value) + "; weights are -" + range + ".." + range);
}

/// Whether each entry of a row is as PackedLinear describes it and those of each group, all of them whole, lie in
/// ascending order, empty ones last, as most do. `first`: 1 where a group begins.
FLEXCIM_SIMD_LOOPS bool is_valid_in_order_loops(const std::int8_t* value, const std::uint8_t* index,
                                                const std::uint8_t* first, std::size_t entries, int m, int limit) {
  std::uint8_t bad = 0;
  for (std::size_t e = 0; e < entries; ++e) {
    const bool empty = index[e] == PackedLinear::kEmpty;
    bad |= static_cast<std::uint8_t>((value[e] > limit) | (value[e] < -limit) | (empty & (value[e] != 0)) |
                                     (!empty & (index[e] >= m)));
  }
  for (std::size_t e = 1; e < entries; ++e) {
    bad |= static_cast<std::uint8_t>((first[e] == 0) & (index[e] != PackedLinear::kEmpty) & (index[e] <= index[e - 1]));
  }
  return bad == 0;
}
constexpr auto is_valid_in_order = simd_kernel<is_valid_in_order_loops>;

/// Whether each entry of a row is as PackedLinear describes it.
bool row_is_valid(const PackedLinear& linear, int o) {
  const auto n = static_cast<std::size_t>(linear.pattern.n);
  const int m = linear.pattern.m, limit = weight_limit(linear.weight_bits);
  const std::int8_t* value = linear.values.data() + linear.entry(o, 0, 0);
  const std::uint8_t* index = linear.indices.data() + linear.entry(o, 0, 0);
  bool bad = false;
  for (std::size_t e = 0; e < n * static_cast<std::size_t>(linear.groups()); ++e) {
    bad |= value[e] > limit || value[e] < -limit;
  }
  for (int first = 0; first < linear.in; first += m, index += n, value += n) {
    const int length = std::min(m, linear.in - first);
    std::uint64_t seen[4] = {};  // of the indices up to 254
    for (std::size_t e = 0; e < n; ++e) {
      const bool empty = index[e] == PackedLinear::kEmpty;
      const std::uint64_t bit = std::uint64_t{!empty} << (index[e] % 64);
      std::uint64_t& word = seen[index[e] / 64];
      bad |= empty ? value[e] != 0 : index[e] >= length || (word & bit) != 0;
      word |= bit;
    }
  }
  return !bad;
}

/// Throws InputError for the first entry of a row that is not.
void require_valid_row(const PackedLinear& linear, int o, const std::string& where) {
  for (int g = 0; g < linear.groups(); ++g) {
    for (int n = 0; n < linear.pattern.n; ++n) {
      const std::size_t e = linear.entry(o, g, n);
      const int index = linear.indices[e];
      const std::int8_t value = linear.values[e];
      if (index == PackedLinear::kEmpty) {
        if (value != 0) throw InputError(at(where, o, g * linear.pattern.m) + ": an empty slot holds a value");
        continue;
      }
      const int input = g * linear.pattern.m + index;
      require_in_range(linear, value, at(where, o, input));
      if (index >= linear.pattern.m || input >= linear.in) {
        throw InputError(where + ": row " + std::to_string(o) + ", group " + std::to_string(g) + ": index " +
                         std::to_string(index) + " is outside the group");
      }
      for (int earlier = 0; earlier < n; ++earlier) {
        if (linear.indices[linear.entry(o, g, earlier)] == index)
          throw InputError(at(where, o, input) + " is kept twice");
      }
    }
  }
}

/// Unpacks the whole groups of a row whose groups are as long as a Word, which is put together without a branch: empty
/// slots hold 0. Returns how many groups these are.
template <class Word>
std::size_t unpack_groups(const std::int8_t* value, const std::uint8_t* index, std::size_t n, std::size_t in,
                          std::int8_t* row) {
  constexpr std::size_t kLength = sizeof(Word);
  const std::size_t groups = in / kLength;
  for (std::size_t g = 0; g < groups; ++g) {
    Word word = 0;
    for (std::size_t i = 0; i < n; ++i, ++value, ++index) {
      word |= static_cast<Word>(static_cast<std::uint8_t>(*value)) << (8 * (*index % kLength));
    }
    std::memcpy(row + g * kLength, &word, kLength);
  }
  return groups;
}

}  // namespace

void unpack_row(const PackedLinear& linear, std::size_t o, std::int8_t* row) {
  const auto n = static_cast<std::size_t>(linear.pattern.n), m = static_cast<std::size_t>(linear.pattern.m);
  const auto in = static_cast<std::size_t>(linear.in);
  const std::size_t groups = static_cast<std::size_t>(linear.groups());
  const std::int8_t* value = linear.values.data() + o * groups * n;
  if (m == 1) {
    std::memcpy(row, value, in);
    return;
  }
  const std::uint8_t* index = linear.indices.data() + o * groups * n;
  std::size_t whole = 0;
  if (m == 4) whole = unpack_groups<std::uint32_t>(value, index, n, in, row);
  if (m == 8) whole = unpack_groups<std::uint64_t>(value, index, n, in, row);
  std::fill(row + whole * m, row + in, std::int8_t{0});
  for (std::size_t e = whole * n; e < groups * n; ++e) {
    if (index[e] != PackedLinear::kEmpty) row[e / n * m + index[e]] = value[e];
  }
}

Matrix<std::int8_t> unpack(const PackedLinear& linear) {
  Matrix<std::int8_t> weights(linear.out, linear.in);
  for (std::size_t o = 0; o < weights.rows(); ++o) unpack_row(linear, o, weights.row(o));
  return weights;
}

PackedLinear pack_kept(MatrixView<const std::int8_t> weights, MatrixView<const std::uint8_t> kept, Pattern pattern,
                       const std::string& where) {
  PackedLinear packed;
  packed.pattern = pattern;
  packed.out = static_cast<int>(weights.rows);
  packed.in = static_cast<int>(weights.cols);
  packed.scales.assign(weights.rows, 1.0f);
  const std::size_t entries = weights.rows * packed.groups() * pattern.n;
  packed.values.assign(entries, 0);
  packed.indices.assign(entries, PackedLinear::kEmpty);
  for (int o = 0; o < packed.out; ++o) {
    int slot = 0;
    for (int i = 0; i < packed.in; ++i) {
      if (i % pattern.m == 0) slot = 0;
      const std::int8_t value = weights(o, i);
      if (value == -128) throw InputError(at(where, o, i) + " is -128; weights are -127..127");
      if (!pattern.dense() && kept(o, i) == 0) {
        if (value != 0) throw InputError(at(where, o, i) + " is not kept but " + std::to_string(value));
        continue;
      }
      if (slot == pattern.n) {
        const int first = i / pattern.m * pattern.m;
        throw InputError(at(where, o, i) + " is one non-zero too many for pattern " + to_string(pattern) +
                         " in inputs " + std::to_string(first) + ".." + std::to_string(first + pattern.m - 1));
      }
      const std::size_t e = packed.entry(o, i / pattern.m, slot++);
      packed.values[e] = value;
      packed.indices[e] = static_cast<std::uint8_t>(i % pattern.m);
    }
  }
  return packed;
}

PackedLinear pack_int8(MatrixView<const std::int8_t> weights, Pattern pattern, const std::string& where) {
  Matrix<std::uint8_t> kept(weights.rows, weights.cols);
  for (std::size_t o = 0; o < weights.rows; ++o) {
    for (std::size_t i = 0; i < weights.cols; ++i) kept(o, i) = weights(o, i) != 0 ? 1 : 0;
  }
  return pack_kept(weights, kept, pattern, where);
}

PackedLinear repack(const PackedLinear& linear, Pattern pattern) {
  Matrix<std::uint8_t> kept(linear.out, linear.in);
  for (int o = 0; o < linear.out; ++o) {
    for (int g = 0; g < linear.groups(); ++g) {
      for (int n = 0; n < linear.pattern.n; ++n) {
        const int index = linear.indices[linear.entry(o, g, n)];
        if (index != PackedLinear::kEmpty) kept(o, g * linear.pattern.m + index) = 1;
      }
    }
  }
  PackedLinear packed = pack_kept(unpack(linear), kept, pattern, linear.name);
  packed.name = linear.name;
  packed.weight_bits = linear.weight_bits;
  packed.scales = linear.scales;
  packed.activation_scale = linear.activation_scale;
  return packed;
}

void validate(const PackedLinear& linear, const std::string& where) {
  const std::size_t row_entries = static_cast<std::size_t>(linear.groups()) * linear.pattern.n;
  const std::size_t entries = static_cast<std::size_t>(linear.out) * row_entries;
  if (linear.values.size() != entries || linear.indices.size() != entries ||
      linear.scales.size() != static_cast<std::size_t>(linear.out)) {
    throw InputError(where + ": values, indices and scales do not fit the shape " + std::to_string(linear.out) + "x" +
                     std::to_string(linear.in) + " at " + to_string(linear.pattern));
  }
  std::vector<std::uint8_t> first(row_entries);
  for (std::size_t e = 0; e < row_entries; e += static_cast<std::size_t>(linear.pattern.n)) first[e] = 1;
  const bool whole_groups = linear.in % linear.pattern.m == 0;
  const int limit = weight_limit(linear.weight_bits);
  for (int o = 0; o < linear.out; ++o) {
    const std::size_t e = linear.entry(o, 0, 0);
    if (whole_groups && is_valid_in_order(linear.values.data() + e, linear.indices.data() + e, first.data(),
                                          row_entries, linear.pattern.m, limit)) {
      continue;
    }
    if (!row_is_valid(linear, o)) require_valid_row(linear, o, where);
  }
}

}  // namespace flexcim
