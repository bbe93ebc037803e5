// What a memory stores beside its data to notice bits that have changed (docs/faults.md).
#pragma once

#include <string_view>

namespace flexcim {

/// The code of a memory's words: 64 data bits in DRAM, activation and weight buffer, 32, an accumulator, in the output
/// buffer.
enum class Protection {
  none,
  parity,  ///< one check bit: an odd number of wrong bits is detected
  secded   ///< 8 check bits (7 for 32): one wrong bit is corrected, two are detected
};
constexpr std::string_view to_string(Protection protection) {
  return protection == Protection::none ? "none" : protection == Protection::parity ? "parity" : "secded";
}

/// Check bits of a word of `data_bits` bits, 32 or 64.
constexpr int check_bits(Protection protection, int data_bits) {
  if (protection == Protection::none) return 0;
  if (protection == Protection::parity) return 1;
  return data_bits == 64 ? 8 : 7;
}

/// Stored bits over data bits.
constexpr double stored_share(Protection protection, int data_bits) {
  return 1 + static_cast<double>(check_bits(protection, data_bits)) / data_bits;
}

/// Stages of registers in which a word is decoded on its way out of a memory: parity is checked beside the word.
constexpr int decode_stages(Protection protection) { return protection == Protection::secded ? 1 : 0; }

/// Two-input XORs that make the check bits of a word, and that find its syndrome and correct it. A SECDED code of
/// minimal odd-weight columns (Hsiao 1970) has 208 ones in the columns of 64 data bits, 96 in those of 32.
constexpr int encoder_xors(Protection protection, int data_bits) {
  if (protection == Protection::none) return 0;
  if (protection == Protection::parity) return data_bits - 1;
  return (data_bits == 64 ? 208 : 96) - check_bits(protection, data_bits);
}
constexpr int decoder_xors(Protection protection, int data_bits) {
  const int syndrome = encoder_xors(protection, data_bits) + check_bits(protection, data_bits);
  return syndrome + (protection == Protection::secded ? data_bits : 0);
}

}  // namespace flexcim
