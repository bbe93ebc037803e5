/* What a Llama computes besides its linears, in single precision without a floating-point unit. Every sum has the order
 * that it has in the simulator's own model (flow/model/operators.h), and the exponential is the same: so are the bits.
 *
 * Vectors are as long as `count` says; none of them overlap unless it is said. */
#ifndef OPERATORS_H
#define OPERATORS_H

#include <stdint.h>

/* y[i] = weight[i] * x[i] / sqrt(mean of x[i]^2 + epsilon); y may be x. */
void rms_norm(const float* x, const float* weight, float epsilon, float* y, uint32_t count);

/* Turns one head of 2 * half values in place: value i with value i + half. */
void rotate(float* head, const float* cosines, const float* sines, uint32_t half);

/* x = e^(scale * x) / sum of e^(scale * x). */
void softmax(float* x, uint32_t count, float scale);

/* x[i] = x[i] / (1 + e^-x[i]). */
void silu(float* x, uint32_t count);

/* ((x[0] * y[0] + x[1] * y[stride]) + ...). */
float dot(const float* x, const float* y, uint32_t stride, uint32_t count);

void multiply(float* x, const float* y, uint32_t count); /* x[i] *= y[i] */
void add(float* x, const float* y, uint32_t count);      /* x[i] += y[i] */

/* int8 of x[i] / scale, rounded half away from zero, for the scale that is returned: `scale` itself, or where that is 0
 * the largest magnitude / 127. */
float quantize(const float* x, float scale, int8_t* y, uint32_t count);

/* y[i] = sums[i] * (scale * weight_scales[i]). */
void dequantize(const int32_t* sums, float scale, const float* weight_scales, float* y, uint32_t count);

/* Where the largest is, the first of equal ones. */
uint32_t largest(const float* x, uint32_t count);

#endif
