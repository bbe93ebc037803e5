#include "flow/compensate/inverse_factor.h"

#include "flow/base/error.h"
#include "flow/base/parallel.h"
#include "flow/model/matmul.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace flexcim {
namespace {

constexpr std::size_t kBlock =
    128;  // of the blocked algorithms: a diagonal block is Eigen's work, the rest is products

/// Columns [first, first + count) of all rows of a view.
MatrixView<float> columns(MatrixView<float> m, std::size_t first, std::size_t count) {
  return {m.data + first, m.rows, count, m.stride};
}

/// Factorises the diagonal block at `k` and gives the inverse of its factor; nothing where it is not positive definite.
std::optional<Matrix<float>> inverted_diagonal(const Matrix<float>& a, std::size_t k, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  Eigen::MatrixXd block(n, n);
  for (Eigen::Index r = 0; r < n; ++r) {
    for (Eigen::Index c = 0; c <= r; ++c) {
      block(r, c) = static_cast<double>(a(k + static_cast<std::size_t>(r), k + static_cast<std::size_t>(c)));
    }
  }
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(block);
  if (factor.info() != Eigen::Success || !factor.matrixLLT().diagonal().allFinite()) return std::nullopt;
  const Eigen::MatrixXd inverse = factor.matrixL().solve(Eigen::MatrixXd::Identity(n, n));
  Matrix<float> result(size, size);
  for (std::size_t r = 0; r < size; ++r) {
    for (std::size_t c = 0; c <= r; ++c) {
      result(r, c) = static_cast<float>(inverse(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)));
    }
  }
  return result;
}

/// a = L Lᵀ, from its lower triangle; L's blocks below the diagonal replace those of `a`. Returns the inverses of L's
/// diagonal blocks; nothing where `a` is not positive definite. The upper triangle stays as it is.
std::optional<std::vector<Matrix<float>>> factorise(Matrix<float>& a, int threads) {
  const std::size_t n = a.rows();
  std::vector<Matrix<float>> inverses;
  for (std::size_t k = 0; k < n; k += kBlock) {
    const std::size_t size = std::min(kBlock, n - k);
    std::optional<Matrix<float>> inverse = inverted_diagonal(a, k, size);
    if (!inverse) return std::nullopt;
    const PanelMatrix diagonal(*inverse);
    inverses.push_back(std::move(*inverse));
    const std::size_t next = k + size;
    const auto rows_from = [&](std::size_t begin, std::size_t end) { return a.view().row_range(begin, end - begin); };
    parallel_for(threads, n - next, kBlock, [&](std::size_t begin, std::size_t end) {
      const MatrixView<float> below = columns(rows_from(next + begin, next + end), k, size);
      Matrix<float> solved(below.rows, size);
      matmul(below, diagonal, solved);
      for (std::size_t r = 0; r < below.rows; ++r) std::copy_n(solved.row(r), size, below.row(r));
    });
    if (next == n) break;
    const PanelMatrix panel(columns(rows_from(next, n), k, size));
    parallel_for(threads, n - next, kBlock, [&](std::size_t begin, std::size_t end) {
      const MatrixView<float> rows = rows_from(next + begin, next + end);
      Matrix<float> product(rows.rows, kPanel);
      for (std::size_t first = 0; first < end; first += kPanel) {
        const std::size_t count = std::min(kPanel, end - first);
        matmul_panel(columns(rows, k, size), panel.panel(first / kPanel), columns(product, 0, count));
        for (std::size_t r = 0; r < rows.rows; ++r) {
          float* to = rows.row(r) + next + first;
          const std::size_t lower = begin + r < first ? 0 : std::min(count, begin + r - first + 1);
          for (std::size_t c = 0; c < lower; ++c) to[c] -= product(r, c);
        }
      }
    });
  }
  return inverses;
}

/// From L, in the blocks of `a` below the diagonal, and the inverses of its diagonal blocks: `a` becomes the transpose
/// of L's inverse, zeros below the diagonal.
void invert(Matrix<float>& a, const std::vector<Matrix<float>>& inverses, int threads) {
  const std::size_t n = a.rows();
  for (std::size_t b = 0; b < inverses.size(); ++b) {
    for (std::size_t r = 0; r < inverses[b].rows(); ++r) {
      for (std::size_t c = 0; c < inverses[b].rows(); ++c) a(b * kBlock + r, b * kBlock + c) = inverses[b](c, r);
    }
  }
  for (std::size_t i = kBlock; i < n; i += kBlock) {
    const Matrix<float>& own = inverses[i / kBlock];
    const std::size_t size = own.rows();
    const PanelMatrix left(MatrixView<const float>(a.row(i), size, i, n));
    const PanelMatrix diagonal(own);
    parallel_for(threads, i, kBlock, [&](std::size_t begin, std::size_t end) {
      const MatrixView<float> rows = a.view().row_range(begin, end - begin);
      Matrix<float> sums(rows.rows, size);
      for (std::size_t first = 0; first < size; first += kPanel) {
        matmul_panel(columns(rows, begin, i - begin), left.panel(first / kPanel) + begin * kPanel,
                     columns(sums, first, std::min(kPanel, size - first)));
      }
      Matrix<float> product(rows.rows, size);
      matmul(sums, diagonal, product);
      for (std::size_t r = 0; r < rows.rows; ++r) {
        for (std::size_t c = 0; c < size; ++c) rows(r, i + c) = -product(r, c);
      }
    });
  }
  for (std::size_t r = kBlock; r < n; ++r) std::fill_n(a.row(r), r / kBlock * kBlock, 0.0f);
}

}  // namespace

InverseFactor inverse_factor(Matrix<float> h, float damping, int threads) {
  // U is what the lower factor's inverse is for the matrix in reversed order: turned round twice, L Lᵀ gives H = R Rᵀ
  // with an upper R, and U = R⁻¹.
  std::reverse(h.data(), h.data() + h.size());
  std::vector<float> diagonal(h.rows());
  for (std::size_t i = 0; i < h.rows(); ++i) diagonal[i] = h(i, i);
  std::optional<std::vector<Matrix<float>>> inverses;
  for (;; damping *= 10) {
    if (!std::isfinite(damping)) throw InputError("the Gram matrix of a linear's inputs is not finite");
    for (std::size_t i = 0; i < h.rows(); ++i) {
      h(i, i) = diagonal[i] + damping;
      for (std::size_t j = 0; j < i; ++j) h(i, j) = h(j, i);  // what an attempt has changed
    }
    inverses = factorise(h, threads);
    if (inverses) break;
  }
  invert(h, *inverses, threads);
  std::reverse(h.data(), h.data() + h.size());
  return {std::move(h), damping};
}

}  // namespace flexcim
