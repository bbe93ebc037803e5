#include "flow/compensate/gram.h"

#include "flow/base/parallel.h"
#include "flow/model/matmul.h"

#include <algorithm>
#include <cassert>

namespace flexcim {
namespace {

constexpr std::size_t kInputsPerPiece = 96;

}  // namespace

void add_gram(MatrixView<const float> a, MatrixView<const float> b, Matrix<float>& gram, int threads) {
  assert(a.rows == b.rows && gram.rows() == a.cols && gram.cols() == b.cols);
  const bool symmetric = a.data == b.data && a.cols == b.cols;
  const PanelMatrix panels = PanelMatrix::of_transposed(b);
  parallel_for(threads, a.cols, kInputsPerPiece, [&](std::size_t begin, std::size_t end) {
    Matrix<float> inputs(end - begin, a.rows);  // of a, transposed
    for (std::size_t t = 0; t < a.rows; ++t) {
      for (std::size_t i = begin; i < end; ++i) inputs(i - begin, t) = a(t, i);
    }
    const std::size_t columns = symmetric ? end : b.cols;  // those on the other side of the diagonal are mirrored
    Matrix<float> sums(inputs.rows(), columns);
    for (std::size_t j = 0; j < columns; j += kPanel) {
      matmul_panel(inputs, panels.panel(j / kPanel),
                   {sums.data() + j, inputs.rows(), std::min(kPanel, columns - j), columns});
    }
    for (std::size_t i = begin; i < end; ++i) {
      float* row = gram.row(i);
      for (std::size_t j = 0; j < columns; ++j) row[j] += sums(i - begin, j);
      for (std::size_t j = 0; symmetric && j < begin; ++j) gram(j, i) = row[j];
    }
  });
}

InverseFactor damped_inverse_factor(Matrix<float> gram, int threads) {
  double sum = 0;
  for (std::size_t i = 0; i < gram.rows(); ++i) sum += static_cast<double>(gram(i, i));
  const double damping = sum > 0 ? kDamping * sum / static_cast<double>(gram.rows()) : 1.0;
  return inverse_factor(std::move(gram), static_cast<float>(damping), threads);
}

}  // namespace flexcim
