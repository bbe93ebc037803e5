#include "operators.h"

#include <math.h>
#include <string.h>

enum { LANES = 16 }; /* partial sums, of elements 0, 16, 32, ... and so on, which are added in a tree */

static float fold(float* partial) {
  for (uint32_t width = LANES / 2u; width > 0u; width /= 2u) {
    for (uint32_t i = 0; i < width; ++i) {
      partial[i] += partial[i + width];
    }
  }
  return partial[0];
}

/* e^x = 2^n e^r with r = x - n ln 2 in +-0.35, e^r by its series to r^7. */
static float exponential(float x) {
  x = (x < -87.0f) ? -87.0f : ((x > 88.0f) ? 88.0f : x);
  const float shifted = (x * 1.44269504f) + 12582912.0f; /* 1.5 * 2^23: n is rounded into the lowest bits */
  const float n = shifted - 12582912.0f;
  const float r = (x - (n * 0.693359375f)) + (n * 2.12194440e-4f);
  float p = 1.0f / 5040;
  p = (p * r) + (1.0f / 720);
  p = (p * r) + (1.0f / 120);
  p = (p * r) + (1.0f / 24);
  p = (p * r) + (1.0f / 6);
  p = (p * r) + 0.5f;
  p = (((p * r) * r) + r) + 1.0f;
  uint32_t bits = 0;
  (void)memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 23) + 0x3F800000u;
  float power = 0.0f;
  (void)memcpy(&power, &bits, sizeof power);
  return p * power;
}

void rms_norm(const float* x, const float* weight, float epsilon, float* y, uint32_t count) {
  float partial[LANES] = {0.0f};
  for (uint32_t i = 0; i < count; ++i) {
    partial[i % LANES] += x[i] * x[i];
  }
  const float mean = fold(partial) / (float)count;
  const float factor = 1.0f / sqrtf(mean + epsilon);
  for (uint32_t i = 0; i < count; ++i) {
    y[i] = weight[i] * (x[i] * factor);
  }
}

void rotate(float* head, const float* cosines, const float* sines, uint32_t half) {
  for (uint32_t i = 0; i < half; ++i) {
    const float low = head[i];
    const float high = head[i + half];
    head[i] = (low * cosines[i]) - (high * sines[i]);
    head[i + half] = (high * cosines[i]) + (low * sines[i]);
  }
}

void softmax(float* x, uint32_t count, float scale) {
  float most = x[0];
  for (uint32_t i = 1; i < count; ++i) {
    most = (most < x[i]) ? x[i] : most;
  }
  const float offset = most * scale;
  float partial[LANES] = {0.0f};
  for (uint32_t i = 0; i < count; ++i) {
    x[i] = exponential((x[i] * scale) - offset);
    partial[i % LANES] += x[i];
  }
  const float total = fold(partial);
  for (uint32_t i = 0; i < count; ++i) {
    x[i] /= total;
  }
}

void silu(float* x, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    x[i] = x[i] / (1.0f + exponential(-x[i]));
  }
}

float dot(const float* x, const float* y, uint32_t stride, uint32_t count) {
  float sum = 0.0f;
  for (uint32_t i = 0; i < count; ++i) {
    sum += x[i] * y[i * stride];
  }
  return sum;
}

void multiply(float* x, const float* y, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    x[i] *= y[i];
  }
}

void add(float* x, const float* y, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    x[i] += y[i];
  }
}

static int8_t rounded(float x) {
  const float bounded = (x > -128.0f) ? ((x < 127.0f) ? x : 127.0f) : -128.0f;
  const int32_t whole = (int32_t)bounded;
  const float fraction = bounded - (float)whole;
  const int32_t up = (fraction >= 0.5f) ? 1 : 0;
  const int32_t down = (fraction <= -0.5f) ? 1 : 0;
  return (int8_t)(whole + up - down);
}

float quantize(const float* x, float scale, int8_t* y, uint32_t count) {
  if (scale == 0.0f) {
    float most = 0.0f;
    for (uint32_t i = 0; i < count; ++i) {
      const float magnitude = fabsf(x[i]);
      most = (magnitude > most) ? magnitude : most;
    }
    scale = most / 127.0f;
    scale = (scale > 0.0f) ? scale : 1.0f;
  }
  for (uint32_t i = 0; i < count; ++i) {
    y[i] = rounded(x[i] / scale);
  }
  return scale;
}

void dequantize(const int32_t* sums, float scale, const float* weight_scales, float* y, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    y[i] = (float)sums[i] * (scale * weight_scales[i]);
  }
}

uint32_t largest(const float* x, uint32_t count) {
  uint32_t best = 0;
  for (uint32_t i = 1; i < count; ++i) {
    best = (x[best] < x[i]) ? i : best;
  }
  return best;
}
