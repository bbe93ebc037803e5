#include "flow/model/matmul.h"

#include "flow/base/parallel.h"
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

constexpr std::size_t kOutPerPiece = 4 * kPanel;

/// y = x times `weights`, whose outputs first, first + 1... `panels_of` repacks, `count` of them.
template <class PanelsOf>
void matmul_by_pieces(MatrixView<const float> x, MatrixView<float> y, int threads, const PanelsOf& panels_of) {
  parallel_for(threads, y.cols, kOutPerPiece, [&](std::size_t begin, std::size_t end) {
    matmul(x, panels_of(begin, end - begin), {y.data + begin, y.rows, end - begin, y.stride});
  });
}

}  // namespace

PanelMatrix::PanelMatrix(MatrixView<const float> weights)
    : out_(weights.rows), in_(weights.cols), data_((out_ + kPanel - 1) / kPanel * in_ * kPanel) {
  for (std::size_t o = 0; o < out_; ++o) {
    float* lane = data_.data() + o / kPanel * in_ * kPanel + o % kPanel;
    for (std::size_t i = 0; i < in_; ++i) lane[i * kPanel] = weights(o, i);
  }
}

PanelMatrix PanelMatrix::of_transposed(MatrixView<const float> weights) {
  PanelMatrix result;
  result.out_ = weights.cols;
  result.in_ = weights.rows;
  result.data_.resize((result.out_ + kPanel - 1) / kPanel * result.in_ * kPanel);
  for (std::size_t first = 0; first < result.out_; first += kPanel) {
    const std::size_t lanes = std::min(kPanel, result.out_ - first);
    float* panel = result.data_.data() + first * result.in_;
    for (std::size_t i = 0; i < result.in_; ++i) std::copy_n(weights.row(i) + first, lanes, panel + i * kPanel);
  }
  return result;
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

void matmul(MatrixView<const float> x, MatrixView<const float> weights, MatrixView<float> y, int threads) {
  assert(x.cols == weights.cols && y.cols == weights.rows && y.rows == x.rows);
  matmul_by_pieces(x, y, threads,
                   [&](std::size_t first, std::size_t count) { return PanelMatrix(weights.row_range(first, count)); });
}

void matmul_transposed(MatrixView<const float> x, MatrixView<const float> weights, MatrixView<float> y, int threads) {
  assert(x.cols == weights.rows && y.cols == weights.cols && y.rows == x.rows);
  matmul_by_pieces(x, y, threads, [&](std::size_t first, std::size_t count) {
    return PanelMatrix::of_transposed({weights.data + first, weights.rows, count, weights.stride});
  });
}

}  // namespace flexcim
