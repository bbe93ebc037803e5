// Quantization to int8, or weights to int4, and the one rounding rule of the project (flow.md §5): round half away from
// zero, then saturate. Golden model, packer, host, firmware and hardware models all use what stands here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flexcim {

/// Weights of `bits` bits, 4 or 8, are -limit..limit, symmetric: 7 or 127.
constexpr int weight_limit(int bits) { return bits == 4 ? 7 : 127; }
constexpr int kActivationLow = -128;  ///< activations are -128..127 ...
constexpr int kActivationHigh = 127;  ///< ... and their scale is max-abs / 127, so that -128 appears only by saturation

/// value / 2^shift, rounded half away from zero. |value| < 2^62, shift 0..62.
constexpr std::int64_t rounding_shift_right(std::int64_t value, int shift) {
  if (shift == 0) return value;
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  return value >= 0 ? (value + half) >> shift : -((half - value) >> shift);
}

/// The nearest value in -128..127.
constexpr std::int8_t saturate_activation(std::int64_t value) {
  return static_cast<std::int8_t>(value < kActivationLow    ? kActivationLow
                                  : value > kActivationHigh ? kActivationHigh
                                                            : value);
}

/// A real factor in [0, 2^31) as integers: mantissa * 2^-shift. The mantissa is normalised to 2^30..2^31-1, so the
/// factor is exact to 2^-31 relative; factors below 2^-32, which take every int32 to 0, are {0, 0}.
struct Requantization {
  std::int32_t mantissa = 0;
  std::int32_t shift = 0;  ///< 0..62
  bool operator==(const Requantization& other) const { return mantissa == other.mantissa && shift == other.shift; }
};

/// The nearest Requantization. Throws InputError that repeats the factor where it is negative, not finite or >= 2^31.
Requantization make_requantization(double factor);

/// accumulator * factor, rounded half away from zero and saturated to -128..127: integers only, any accumulator.
constexpr std::int8_t requantize(std::int32_t accumulator, Requantization by) {
  return saturate_activation(rounding_shift_right(static_cast<std::int64_t>(accumulator) * by.mantissa, by.shift));
}

/// The float value of an accumulator.
inline float dequantize(std::int32_t accumulator, float activation_scale, float weight_scale) {
  return static_cast<float>(accumulator) * (activation_scale * weight_scale);
}

/// max|values[i]| of finite values, 0 for count = 0.
float max_abs(const float* values, std::size_t count);

/// The scale that takes max_abs to 127: max_abs / 127, but 1 where max_abs is 0 or so small that the quotient is 0. For
/// a row of int8 weights as for activations.
float int8_scale(float max_abs);

/// The same for a row of weights of `bits` bits, whose largest is weight_limit(bits).
float weight_scale(float max_abs, int bits);

/// out[i] = values[i] / scale, rounded half away from zero, saturated to the limit of `bits` bits. `scale` > 0 and all
/// values are finite.
void quantize_weights(const float* values, std::size_t count, float scale, std::int8_t* out, int bits = 8);

/// out[i] = values[i] / scale, rounded half away from zero, saturated to -128..127. `scale` > 0 and all values are
/// finite: the caller has checked them.
void quantize_activations(const float* values, std::size_t count, float scale, std::int8_t* out);

}  // namespace flexcim
