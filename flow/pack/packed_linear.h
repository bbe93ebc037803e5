// One linear layer as the hardware stores it: kept elements, slot by slot (flow.md §6).
#pragma once

#include "flow/base/mapped_vector.h"
#include "flow/base/matrix.h"
#include "flow/base/pattern.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// int8 or int4 weights of an N:M linear. A row has `groups()` groups of M inputs (the last padded with zeros); a group
/// has N entries, and an entry's position is its slot. An entry is empty (index kEmpty, value 0) or holds a kept
/// element: its index inside the group and its value, which may be zero when it quantized to zero. A dense linear is
/// 1:1: one entry per input, index 0.
struct PackedLinear {
  static constexpr std::uint8_t kEmpty = 0xFF;

  std::string name;
  Pattern pattern;
  IndexPolicy policy = IndexPolicy::element;
  int window = 1;       ///< the w that `policy` was applied for; 1 for element
  int weight_bits = 8;  ///< 8, or 4: all values are within weight_limit(4)
  int out = 0;          ///< output channels
  int in = 0;           ///< inputs

  MappedVector<std::int8_t> values;    ///< [out][groups][N], within weight_limit(weight_bits)
  MappedVector<std::uint8_t> indices;  ///< [out][groups][N], 0..M-1 or kEmpty
  std::vector<float> scales;           ///< [out]: weight = value * scale
  float activation_scale = 0;          ///< static scale of the inputs; 0 where activations are quantized per token

  int groups() const { return (in + pattern.m - 1) / pattern.m; }
  std::size_t entry(int o, int group, int slot) const {
    return (static_cast<std::size_t>(o) * groups() + group) * pattern.n + slot;
  }
  /// Gives the memory back that holds mapped entries (MappedVector::release).
  void release() const {
    values.release();
    indices.release();
  }
};

/// The pruned int8 matrix, out x in.
Matrix<std::int8_t> unpack(const PackedLinear& linear);
/// Output channel o of it: `in` weights to `row`.
void unpack_row(const PackedLinear& linear, std::size_t o, std::int8_t* row);

/// Packs int8 weights of which the elements marked in `kept` (same shape, non-zero = kept) already satisfy `pattern`.
/// Slots are given in index order. Scales are 1, name and policy those of a fresh PackedLinear. A dense pattern keeps
/// everything. Throws InputError, starting with `where`, for a value of -128, a non-zero value that is not kept, or a
/// group with more than N kept elements, naming row and input.
PackedLinear pack_kept(MatrixView<const std::int8_t> weights, MatrixView<const std::uint8_t> kept, Pattern pattern,
                       const std::string& where);

/// pack_kept with the non-zero elements kept.
PackedLinear pack_int8(MatrixView<const std::int8_t> weights, Pattern pattern, const std::string& where);

/// The same weights with the slots of another pattern, whose every group has room for what `linear` keeps; throws
/// InputError as pack_kept does where one has not. Kept zeros stay kept; slots are in index order.
PackedLinear repack(const PackedLinear& linear, Pattern pattern);

/// Throws InputError, starting with `where`, unless every entry is as described above: sizes, value range, indices
/// below M and the matrix's edge, no index twice in a group, empty entries zero.
void validate(const PackedLinear& linear, const std::string& where);

}  // namespace flexcim
