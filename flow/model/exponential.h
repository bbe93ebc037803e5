// Exponentials that vectorize and give the same bits on every machine, unlike libm's.
#pragma once

#include "flow/base/float16.h"
#include "flow/base/simd.h"

#include <algorithm>
#include <cmath>

namespace flexcim {

/// e^x within 2 units in the last place for -87 <= x <= 88; beyond, the value at the nearer end.
/// e^x = 2^n e^r with r = x - n ln 2 in +-0.35, e^r by its series to r^7. Loops of several instruction
/// sets use it.
FLEXCIM_SIMD_LOOPS float exponential(float x) {
  x = std::min(std::max(x, -87.0f), 88.0f);
  const float shifted = x * 1.44269504f + 12582912.0f;  // 1.5 * 2^23: n is rounded into the lowest bits
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  return p * float_from_bits((bits_of(shifted) << 23) + 0x3F800000u);
}

/// log(1 + e^x) within 4 units in the last place: max(x, 0) + log(1 + z) with z = e^-|x| in (0, 1];
/// log(1 + z) = 2 artanh(s), s = z / (2 + z) <= 1/3.
FLEXCIM_SIMD_LOOPS float softplus(float x) {
  const float z = exponential(-std::fabs(x));
  const float s = z / (2.0f + z);
  const float q = s * s;
  float p = 1.0f / 15;
  p = p * q + 1.0f / 13;
  p = p * q + 1.0f / 11;
  p = p * q + 1.0f / 9;
  p = p * q + 1.0f / 7;
  p = p * q + 1.0f / 5;
  p = p * q + 1.0f / 3;
  p = p * q * s + s;
  return std::max(x, 0.0f) + 2.0f * p;
}

}  // namespace flexcim
