#include "flow/model/matmul.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <type_traits>

namespace flexcim {
namespace {

namespace generic {
constexpr std::size_t kBytes = 16, kRows = 2;
#include "flow/model/matmul_kernel.inc"
}  // namespace generic

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2")
namespace avx2 {
constexpr std::size_t kBytes = 32, kRows = 6;
#include "flow/model/matmul_kernel.inc"
}  // namespace avx2
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
namespace avx512 {
constexpr std::size_t kBytes = 64, kRows = 6;
#include "flow/model/matmul_kernel.inc"
}  // namespace avx512
#pragma GCC pop_options
#endif

SimdWidth widest() {
  for (const SimdWidth width : {SimdWidth::avx512, SimdWidth::avx2}) {
    if (supported(width)) return width;
  }
  return SimdWidth::generic;
}

}  // namespace

PanelMatrix::PanelMatrix(MatrixView<const float> weights)
    : out_(weights.rows), in_(weights.cols), data_((out_ + kPanel - 1) / kPanel * in_ * kPanel) {
  for (std::size_t o = 0; o < out_; ++o) {
    float* lane = data_.data() + o / kPanel * in_ * kPanel + o % kPanel;
    for (std::size_t i = 0; i < in_; ++i) lane[i * kPanel] = weights(o, i);
  }
}

bool supported(SimdWidth width) {
#if defined(__x86_64__)
  if (width == SimdWidth::avx2) return __builtin_cpu_supports("avx2");
  if (width == SimdWidth::avx512) return __builtin_cpu_supports("avx512f");
#endif
  return width == SimdWidth::generic;
}

void matmul_panel(SimdWidth width, MatrixView<const float> x, const float* panel, MatrixView<float> y) {
  assert(y.rows == x.rows && y.cols <= kPanel);
  switch (width) {
#if defined(__x86_64__)
    case SimdWidth::avx512:
      return avx512::panel_product(x, panel, y);
    case SimdWidth::avx2:
      return avx2::panel_product(x, panel, y);
#endif
    default:
      return generic::panel_product(x, panel, y);
  }
}

void matmul_panel(MatrixView<const float> x, const float* panel, MatrixView<float> y) {
  static const SimdWidth width = widest();
  matmul_panel(width, x, panel, y);
}

void matmul(MatrixView<const float> x, const PanelMatrix& weights, MatrixView<float> y) {
  assert(x.cols == weights.in() && y.cols == weights.out() && y.rows == x.rows);
  for (std::size_t first = 0; first < weights.out(); first += kPanel) {
    const std::size_t columns = std::min(kPanel, weights.out() - first);
    matmul_panel(x, weights.panel(first / kPanel), {y.data + first, y.rows, columns, y.stride});
  }
}

}  // namespace flexcim
