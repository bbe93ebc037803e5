#include "flow/model/selective_scan.h"

#include "flow/base/simd.h"
#include "flow/model/exponential.h"

#include <algorithm>
#include <cassert>

namespace flexcim {
namespace {

Matrix<float> transposed(MatrixView<const float> m) {
  Matrix<float> result(m.cols, m.rows);
  for (std::size_t r = 0; r < m.rows; ++r) {
    for (std::size_t c = 0; c < m.cols; ++c) result(c, r) = m(r, c);
  }
  return result;
}

FLEXCIM_SIMD_LOOPS void add_product_loops(const float* x, const float* weights, std::size_t count, float* y) {
  for (std::size_t i = 0; i < count; ++i) y[i] += weights[i] * x[i];
}
constexpr auto add_product = simd_kernel<add_product_loops>;

/// One state of all channels moves on by one token and adds its share to the output.
FLEXCIM_SIMD_LOOPS void scan_state_loops(const float* u, const float* delta, const float* a, float b, float c,
                                         std::size_t channels, float* h, float* y) {
  for (std::size_t i = 0; i < channels; ++i) {
    h[i] = exponential(delta[i] * a[i]) * h[i] + delta[i] * u[i] * b;
    y[i] += c * h[i];
  }
}
constexpr auto scan_state = simd_kernel<scan_state_loops>;

FLEXCIM_SIMD_LOOPS void softplus_row_loops(float* x, const float* bias, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = softplus(x[i] + bias[i]);
}
constexpr auto softplus_row = simd_kernel<softplus_row_loops>;

}  // namespace

CausalConvolution::CausalConvolution(MatrixView<const float> weights, std::vector<float> bias)
    : weights_(transposed(weights)), bias_(std::move(bias)) {}

void CausalConvolution::apply(MatrixView<const float> x, Matrix<float>& state, MatrixView<float> y) const {
  assert(x.cols == weights_.cols() && y.cols == x.cols && y.rows == x.rows);
  const std::size_t before = state.rows();
  const auto input = [&](std::size_t row) { return row < before ? state.row(row) : x.row(row - before); };
  for (std::size_t t = 0; t < x.rows; ++t) {
    std::copy(bias_.begin(), bias_.end(), y.row(t));
    for (std::size_t k = 0; k <= before; ++k) add_product(input(t + k), weights_.row(k), x.cols, y.row(t));
  }
  Matrix<float> next(before, x.cols);
  for (std::size_t r = 0; r < before; ++r) std::copy_n(input(x.rows + r), x.cols, next.row(r));
  state = std::move(next);
}

SelectiveScan::SelectiveScan(MatrixView<const float> a_log, std::vector<float> d)
    : a_(transposed(a_log)), d_(std::move(d)) {
  for (std::size_t i = 0; i < a_.size(); ++i) a_.data()[i] = -exponential(a_.data()[i]);
}

void SelectiveScan::apply(MatrixView<const float> u, MatrixView<const float> delta, MatrixView<const float> b,
                          MatrixView<const float> c, Matrix<float>& state, MatrixView<float> y) const {
  const std::size_t channels = a_.cols();
  assert(u.cols == channels && delta.cols == channels && y.cols == channels && b.cols == a_.rows());
  for (std::size_t t = 0; t < u.rows; ++t) {
    std::fill_n(y.row(t), channels, 0.0f);
    add_product(u.row(t), d_.data(), channels, y.row(t));
    for (std::size_t n = 0; n < a_.rows(); ++n) {
      scan_state(u.row(t), delta.row(t), a_.row(n), b(t, n), c(t, n), channels, state.row(n), y.row(t));
    }
  }
}

void softplus_with_bias(MatrixView<float> x, const std::vector<float>& bias) {
  assert(bias.size() == x.cols);
  for (std::size_t t = 0; t < x.rows; ++t) softplus_row(x.row(t), bias.data(), x.cols);
}

}  // namespace flexcim
