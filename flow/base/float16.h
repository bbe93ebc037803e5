// The 16-bit and 8-bit floating-point formats of model files, as bits.
#pragma once

#include <cstdint>
#include <cstring>

namespace flexcim {

inline float float_from_bits(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// bfloat16: the upper half of a binary32.
inline float bfloat16_to_float(std::uint16_t bits) { return float_from_bits(static_cast<std::uint32_t>(bits) << 16); }

/// IEEE 754 binary16, exactly, including subnormals; infinities and NaNs stay such. Free of branches, so that loops
/// over it vectorize.
inline float float16_to_float(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t magnitude = static_cast<std::uint32_t>(bits & 0x7FFFu) << 13;
  // As a binary32 pattern the magnitude has an exponent that is 112 too small: scaling by 2^112 mends it, also for
  // subnormals. An all-ones exponent lands on 2^16 and above, where it becomes all ones again.
  const std::uint32_t scaled = bits_of(float_from_bits(magnitude) * float_from_bits((127u + 112u) << 23));
  const std::uint32_t special = (bits & 0x7C00u) == 0x7C00u ? 0x7F800000u : 0u;
  return float_from_bits(sign | scaled | special);
}

/// IEEE 754 binary16 nearest to `value`, ties to even; infinity beyond its range.
inline std::uint16_t float_to_float16(float value) {
  const std::uint32_t bits = bits_of(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return static_cast<std::uint16_t>(sign | 0x7E00u);
  if (magnitude >= 0x477FF000u) return static_cast<std::uint16_t>(sign | 0x7C00u);
  if (magnitude < 0x38800000u) {  // subnormal: adding 1/2 leaves units of 2^-24 in the lowest bits, rounded by the FPU
    const float shifted = float_from_bits(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (bits_of(shifted) - bits_of(0.5f)));
  }
  const std::uint32_t rounded = magnitude + 0xFFFu + ((magnitude >> 13) & 1u);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

/// The 8-bit format E5M2: the upper half of a binary16.
inline float f8_e5m2_to_float(std::uint8_t bits) {
  return float16_to_float(static_cast<std::uint16_t>(static_cast<std::uint16_t>(bits) << 8));
}

/// The 8-bit format E4M3 of arXiv 2209.05433, exactly: bias 7, no infinities, NaN where all bits but the sign are set.
inline float f8_e4m3_to_float(std::uint8_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x80u) << 24;
  const std::uint32_t magnitude = static_cast<std::uint32_t>(bits & 0x7Fu) << 20;
  // An exponent that is 120 too small, as in float16_to_float.
  const std::uint32_t scaled = bits_of(float_from_bits(magnitude) * float_from_bits((127u + 120u) << 23));
  const std::uint32_t special = (bits & 0x7Fu) == 0x7Fu ? 0x7FC00000u : 0u;
  return float_from_bits(sign | scaled | special);
}

}  // namespace flexcim
