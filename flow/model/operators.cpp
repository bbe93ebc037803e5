#include "flow/model/operators.h"

#include "flow/base/finite.h"
#include "flow/base/simd.h"
#include "flow/model/exponential.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace flexcim {
namespace {

constexpr std::size_t kLanes = 16;  // partial sums, so that a sum's order does not depend on the SIMD width

/// Adds partial sums in a fixed tree.
FLEXCIM_SIMD_LOOPS float fold(float* partial) {
  for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::size_t i = 0; i < width; ++i) partial[i] += partial[i + width];
  }
  return partial[0];
}

FLEXCIM_SIMD_LOOPS float sum_of_squares_loops(const float* x, std::size_t count) {
  float partial[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) partial[lane] += x[i + lane] * x[i + lane];
  }
  for (std::size_t lane = 0; i + lane < count; ++lane) partial[lane] += x[i + lane] * x[i + lane];
  return fold(partial);
}
constexpr auto sum_of_squares = simd_kernel<sum_of_squares_loops>;

FLEXCIM_SIMD_LOOPS void exponentials_loops(float* x, std::size_t count, float scale, float offset) {
  for (std::size_t i = 0; i < count; ++i) x[i] = exponential(x[i] * scale - offset);
}
constexpr auto exponentials = simd_kernel<exponentials_loops>;

FLEXCIM_SIMD_LOOPS float sum_loops(const float* x, std::size_t count) {
  float partial[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) partial[lane] += x[i + lane];
  }
  for (std::size_t lane = 0; i + lane < count; ++lane) partial[lane] += x[i + lane];
  return fold(partial);
}
constexpr auto sum = simd_kernel<sum_loops>;

FLEXCIM_SIMD_LOOPS void silu_row_loops(float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = x[i] / (1.0f + exponential(-x[i]));
}
constexpr auto silu_row = simd_kernel<silu_row_loops>;

/// Left alone, a sum that overflows would make the whole token 0.
void require_finite_mean(float mean, MatrixView<const float> x, const std::string& norm, std::size_t token) {
  if (std::isfinite(mean)) return;
  require_finite(x, "input of norm", norm);
  throw NotFiniteError("input of norm " + norm + ": the squares of token " + std::to_string(token) + " overflow");
}

}  // namespace

void RmsNorm::apply(MatrixView<const float> x, MatrixView<float> y) const {
  assert(weight.size() == x.cols && y.cols == x.cols && y.rows == x.rows);
  for (std::size_t t = 0; t < x.rows; ++t) {
    const float mean = sum_of_squares(x.row(t), x.cols) / static_cast<float>(x.cols);
    require_finite_mean(mean, x, name, t);
    const float factor = 1.0f / std::sqrt(mean + epsilon);
    for (std::size_t i = 0; i < x.cols; ++i) y.row(t)[i] = weight[i] * (x.row(t)[i] * factor);
  }
}

void LayerNorm::apply(MatrixView<const float> x, MatrixView<float> y) const {
  assert(weight.size() == x.cols && bias.size() == x.cols && y.cols == x.cols && y.rows == x.rows);
  const auto count = static_cast<float>(x.cols);
  for (std::size_t t = 0; t < x.rows; ++t) {
    const float mean = sum(x.row(t), x.cols) / count;
    require_finite_mean(mean, x, name, t);
    float* row = y.row(t);
    for (std::size_t i = 0; i < x.cols; ++i) row[i] = x.row(t)[i] - mean;
    const float variance = sum_of_squares(row, x.cols) / count;
    require_finite_mean(variance, x, name, t);
    const float factor = 1.0f / std::sqrt(variance + epsilon);
    for (std::size_t i = 0; i < x.cols; ++i) row[i] = weight[i] * (row[i] * factor) + bias[i];
  }
}

void apply(const Norm& norm, MatrixView<const float> x, MatrixView<float> y) {
  std::visit([&](const auto& kind) { kind.apply(x, y); }, norm);
}

void softmax(float* x, std::size_t count, float scale) {
  float largest = x[0];
  for (std::size_t i = 1; i < count; ++i) largest = std::max(largest, x[i]);
  exponentials(x, count, scale, largest * scale);
  const float total = sum(x, count);
  for (std::size_t i = 0; i < count; ++i) x[i] /= total;
}

void silu(MatrixView<float> x) {
  for (std::size_t t = 0; t < x.rows; ++t) silu_row(x.row(t), x.cols);
}

void relu(MatrixView<float> x) {
  for (std::size_t t = 0; t < x.rows; ++t) {
    for (std::size_t i = 0; i < x.cols; ++i) x.row(t)[i] = std::max(x.row(t)[i], 0.0f);
  }
}

void multiply(MatrixView<float> x, MatrixView<const float> y) {
  assert(x.rows == y.rows && x.cols == y.cols);
  for (std::size_t t = 0; t < x.rows; ++t) {
    for (std::size_t i = 0; i < x.cols; ++i) x.row(t)[i] *= y.row(t)[i];
  }
}

void add(MatrixView<float> x, MatrixView<const float> y) {
  assert(x.rows == y.rows && x.cols == y.cols);
  for (std::size_t t = 0; t < x.rows; ++t) {
    for (std::size_t i = 0; i < x.cols; ++i) x.row(t)[i] += y.row(t)[i];
  }
}

void add_bias(MatrixView<float> x, const std::vector<float>& bias) {
  assert(bias.size() == x.cols);
  for (std::size_t t = 0; t < x.rows; ++t) {
    for (std::size_t i = 0; i < x.cols; ++i) x.row(t)[i] += bias[i];
  }
}

}  // namespace flexcim
