#include "flow/model/matmul.h"

#include "flow/base/simd.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace flexcim {
namespace {

namespace portable {
#define FLEXCIM_KERNEL
constexpr std::size_t kBytes = 16, kRows = 2;
#include "flow/model/matmul_kernel.inc"
#undef FLEXCIM_KERNEL
}  // namespace portable

#if FLEXCIM_X86
namespace avx2 {
#define FLEXCIM_KERNEL FLEXCIM_AVX2
constexpr std::size_t kBytes = 32, kRows = 6;
#include "flow/model/matmul_kernel.inc"
#undef FLEXCIM_KERNEL
}  // namespace avx2
namespace avx512 {
#define FLEXCIM_KERNEL FLEXCIM_AVX512
constexpr std::size_t kBytes = 64, kRows = 6;
#include "flow/model/matmul_kernel.inc"
#undef FLEXCIM_KERNEL
}  // namespace avx512
#endif

}  // namespace

PanelMatrix::PanelMatrix(MatrixView<const float> weights)
    : out_(weights.rows), in_(weights.cols), data_((out_ + kPanel - 1) / kPanel * in_ * kPanel) {
  for (std::size_t o = 0; o < out_; ++o) {
    float* lane = data_.data() + o / kPanel * in_ * kPanel + o % kPanel;
    for (std::size_t i = 0; i < in_; ++i) lane[i * kPanel] = weights(o, i);
  }
}

void matmul_panel(MatrixView<const float> x, const float* panel, MatrixView<float> y) {
  assert(y.rows == x.rows && y.cols <= kPanel);
#if FLEXCIM_X86
  const Simd set = simd();
  if (set >= Simd::avx512) return avx512::panel_product(x, panel, y);
  if (set >= Simd::avx2) return avx2::panel_product(x, panel, y);
#endif
  portable::panel_product(x, panel, y);
}

void matmul(MatrixView<const float> x, const PanelMatrix& weights, MatrixView<float> y) {
  assert(x.cols == weights.in() && y.cols == weights.out() && y.rows == x.rows);
  for (std::size_t first = 0; first < weights.out(); first += kPanel) {
    const std::size_t columns = std::min(kPanel, weights.out() - first);
    matmul_panel(x, weights.panel(first / kPanel), {y.data + first, y.rows, columns, y.stride});
  }
}

}  // namespace flexcim
