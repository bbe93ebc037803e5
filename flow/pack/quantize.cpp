#include "flow/pack/quantize.h"

#include "flow/base/error.h"

#include <cmath>

namespace flexcim {
namespace {

/// Round half away from zero after saturation, without a libm call so that the compiler can vectorise it. Truncation is
/// exact in this range, and so is the fraction.
std::int8_t round_saturated(float x, float low, float high) {
  const float bounded = x > low ? (x < high ? x : high) : low;
  const int whole = static_cast<int>(bounded);
  const float fraction = bounded - static_cast<float>(whole);
  return static_cast<std::int8_t>(whole + (fraction >= 0.5f ? 1 : 0) - (fraction <= -0.5f ? 1 : 0));
}

}  // namespace

Requantization make_requantization(double factor) {
  constexpr double kLimit = 2147483648.0;  // 2^31
  constexpr int kLargestShift = 62;
  if (!(factor >= 0 && factor < kLimit)) {
    throw InputError("requantization factor " + std::to_string(factor) + " is outside [0, 2^31)");
  }
  if (factor == 0) return {};
  int exponent = 0;
  const double fraction = std::frexp(factor, &exponent);  // in [0.5, 1)
  std::int64_t mantissa = std::llround(std::ldexp(fraction, 31));
  int shift = 31 - exponent;
  if (mantissa == std::int64_t{1} << 31) {
    // Just below a power of two: rounded up to it. At the very top of the range there is no next exponent.
    if (shift == 0) {
      --mantissa;
    } else {
      mantissa >>= 1;
      --shift;
    }
  }
  if (shift > kLargestShift) return {};
  return {static_cast<std::int32_t>(mantissa), shift};
}

float max_abs(const float* values, std::size_t count) {
  float largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float magnitude = std::fabs(values[i]);
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

float int8_scale(float max_abs) { return weight_scale(max_abs, 8); }

float weight_scale(float max_abs, int bits) {
  const float scale = max_abs / static_cast<float>(weight_limit(bits));
  return scale > 0 ? scale : 1.0f;
}

void quantize_weights(const float* values, std::size_t count, float scale, std::int8_t* out, int bits) {
  const auto limit = static_cast<float>(weight_limit(bits));
  for (std::size_t i = 0; i < count; ++i) out[i] = round_saturated(values[i] / scale, -limit, limit);
}

void quantize_activations(const float* values, std::size_t count, float scale, std::int8_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = round_saturated(values[i] / scale, kActivationLow, kActivationHigh);
}

}  // namespace flexcim
