#include "flow/model/int8_matmul.h"

#include "flow/base/simd.h"

#include <algorithm>
#include <cassert>

namespace flexcim {
namespace {

constexpr std::size_t kInputs = 32;  // padding, the 16-bit lanes of the widest register
constexpr std::size_t kRows = 4;     // output channels that share each load of the activations

std::size_t padded_length(std::size_t inputs) { return (inputs + kInputs - 1) / kInputs * kInputs; }

/// sums[r] = x . w[r] for kRows consecutive rows of `length` elements each.
FLEXCIM_SIMD_LOOPS void dot_rows_loops(const std::int16_t* x, const std::int16_t* w, std::size_t length,
                                       std::int32_t* sums) {
  std::int32_t sum[kRows] = {};
  for (std::size_t k = 0; k < length; ++k) {
    sum[0] += x[k] * w[k];
    sum[1] += x[k] * w[k + length];
    sum[2] += x[k] * w[k + 2 * length];
    sum[3] += x[k] * w[k + 3 * length];
  }
  std::copy_n(sum, kRows, sums);
}
constexpr auto dot_rows = simd_kernel<dot_rows_loops>;

FLEXCIM_SIMD_LOOPS std::int32_t dot_loops(const std::int16_t* x, const std::int16_t* w, std::size_t length) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < length; ++k) sum += x[k] * w[k];
  return sum;
}
constexpr auto dot = simd_kernel<dot_loops>;

}  // namespace

Int8Matrix::Int8Matrix(MatrixView<const std::int8_t> weights)
    : in_(weights.cols), weights_(weights.rows, padded_length(weights.cols)) {
  for (std::size_t o = 0; o < weights.rows; ++o) std::copy_n(weights.row(o), in_, weights_.row(o));
}

void int8_matmul(MatrixView<const std::int8_t> x, const Int8Matrix& weights, MatrixView<std::int32_t> y) {
  assert(x.cols == weights.in() && y.rows == x.rows && y.cols == weights.out());
  const std::size_t length = weights.padded().cols();
  Matrix<std::int16_t> wide(x.rows, length);
  for (std::size_t t = 0; t < x.rows; ++t) std::copy_n(x.row(t), x.cols, wide.row(t));
  // Weights outside, tokens inside: kRows rows of weights stay in the first-level cache.
  std::size_t o = 0;
  for (; o + kRows <= weights.out(); o += kRows) {
    for (std::size_t t = 0; t < x.rows; ++t) dot_rows(wide.row(t), weights.padded().row(o), length, y.row(t) + o);
  }
  for (; o < weights.out(); ++o) {
    for (std::size_t t = 0; t < x.rows; ++t) y(t, o) = dot(wide.row(t), weights.padded().row(o), length);
  }
}

}  // namespace flexcim
