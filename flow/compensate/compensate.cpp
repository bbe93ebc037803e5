#include "flow/compensate/compensate.h"

#include "flow/base/parallel.h"
#include "flow/model/matmul.h"
#include "flow/pack/packed_linear.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace flexcim {
namespace {

constexpr std::size_t kInputsPerStep = 128;  // errors of so many inputs are carried on together

struct RowSums {
  double total = 0;
  double kept = 0;
  double error = 0;
  std::uint64_t lost = 0;
};

/// The inputs of one step, [begin, end), whole groups, in rows that are chosen together.
class Step {
 public:
  Step(const Matrix<float>& transposed, std::size_t begin, std::size_t end)
      : begin_(begin), size_(end - begin), upper_(size_, size_) {
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = i; j < size_; ++j) upper_(i, j) = transposed(begin + j, begin + i);
    }
  }

  /// Prunes columns [begin, end) of `rows`, from row `first` of the linear on, and leaves what they pass on in
  /// `errors`, rows x (end - begin).
  void prune(MatrixView<float> rows, std::size_t first, const Pruner& pruner, Pruned& pruned, Matrix<float>& errors,
             std::vector<RowSums>& sums) const {
    const auto m = static_cast<std::size_t>(pruner.rule().pattern.m);
    const auto n = static_cast<std::size_t>(pruner.rule().pattern.n);
    const std::size_t entries = (rows.cols + m - 1) / m * n;  // of a row
    Matrix<float> scores(rows.rows, m);
    std::vector<std::uint8_t> kept(m);
    for (std::size_t at = 0; at < size_; at += m) {
      const std::size_t length = std::min(m, size_ - at);
      for (std::size_t r = 0; r < rows.rows; ++r) {
        for (std::size_t i = 0; i < length; ++i) {
          const float e = rows(r, begin_ + at + i) / upper_(at + i, at + i);
          scores(r, i) = e * e;
        }
      }
      std::uint8_t* indices = pruned.indices.data() + first * entries + (begin_ + at) / m * n;
      pruner.choose({scores.data(), m, rows.rows, static_cast<int>(length)}, indices, entries);
      for (std::size_t r = 0; r < rows.rows; ++r) {
        std::fill(kept.begin(), kept.end(), std::uint8_t{0});
        for (std::size_t k = 0; k < n; ++k) {
          if (indices[r * entries + k] != PackedLinear::kEmpty) kept[indices[r * entries + k]] = 1;
        }
        float* row = rows.row(r) + begin_;
        RowSums& sum = sums[first + r];
        for (std::size_t i = 0; i < length; ++i) {
          const auto score = static_cast<double>(scores(r, i));
          sum.total += score;
          if (kept[i] != 0) {
            sum.kept += score;
            continue;
          }
          const float* upper = upper_.row(at + i);
          const float error = row[at + i] / upper[at + i];
          errors(r, at + i) = error;
          sum.error += static_cast<double>(error) * static_cast<double>(error);
          sum.lost += row[at + i] != 0 ? 1 : 0;
          for (std::size_t j = at + i + 1; j < size_; ++j) row[j] -= error * upper[j];
        }
      }
    }
  }

 private:
  std::size_t begin_;
  std::size_t size_;
  Matrix<float> upper_;  ///< the square of U that the step's inputs have to themselves
};

}  // namespace

Matrix<float> refitted_weights(const Matrix<float>& weights, Matrix<float> dense_with_own, const InverseFactor& factor,
                               int threads) {
  for (std::size_t i = 0; i < dense_with_own.rows(); ++i) dense_with_own(i, i) += factor.damping;
  Matrix<float> first(weights.rows(), weights.cols());
  Matrix<float> second(weights.rows(), weights.cols());
  matmul_transposed(weights, dense_with_own, first, threads);    // W (C + λI)
  matmul_transposed(first, factor.transposed, second, threads);  // times Uᵀ
  matmul(second, factor.transposed, first, threads);             // times U
  return first;
}

Compensated compensate(Matrix<float> weights, const InverseFactor& factor, const Pruner& pruner, int threads) {
  const auto m = static_cast<std::size_t>(pruner.rule().pattern.m);
  const std::size_t rows = weights.rows();
  const std::size_t inputs = weights.cols();
  Compensated result;
  result.pruned.indices.assign(rows * ((inputs + m - 1) / m) * static_cast<std::size_t>(pruner.rule().pattern.n), 0);
  if (pruner.rule().pattern.dense()) {
    result.weights = std::move(weights);
    return result;
  }
  std::vector<RowSums> sums(rows);
  const std::size_t step = std::max(m, kInputsPerStep / m * m);
  for (std::size_t begin = 0; begin < inputs; begin += step) {
    const std::size_t end = std::min(inputs, begin + step);
    const Step now(factor.transposed, begin, end);
    const PanelMatrix later(
        MatrixView<const float>(factor.transposed.data() + end * inputs + begin, inputs - end, end - begin, inputs));
    parallel_for(threads, rows, pruner.rows_together(), [&](std::size_t first, std::size_t last) {
      const MatrixView<float> piece = weights.view().row_range(first, last - first);
      Matrix<float> errors(piece.rows, end - begin);
      now.prune(piece, first, pruner, result.pruned, errors, sums);
      Matrix<float> product(piece.rows, kPanel);
      for (std::size_t j = 0; j < later.out(); j += kPanel) {
        const std::size_t count = std::min(kPanel, later.out() - j);
        matmul_panel(errors, later.panel(j / kPanel), {product.data(), piece.rows, count, kPanel});
        for (std::size_t r = 0; r < piece.rows; ++r) {
          float* to = piece.row(r) + end + j;
          for (std::size_t c = 0; c < count; ++c) to[c] -= product(r, c);
        }
      }
    });
  }
  for (const RowSums& sum : sums) {
    result.pruned.saliency_total += sum.total;
    result.pruned.saliency_kept += sum.kept;
    result.pruned.lost += sum.lost;
    result.squared_error += sum.error;
  }
  result.weights = std::move(weights);
  return result;
}

}  // namespace flexcim
