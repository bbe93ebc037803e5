// The exact int8 matrix product, fast.
#pragma once

#include "flow/base/matrix.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// int8 weights [out][in], widened to 16 bits and padded, as the product reads them.
class Int8Matrix {
 public:
  Int8Matrix() = default;
  explicit Int8Matrix(MatrixView<const std::int8_t> weights);

  std::size_t out() const { return weights_.rows(); }
  std::size_t in() const { return in_; }
  const Matrix<std::int16_t>& padded() const { return weights_; }

 private:
  std::size_t in_ = 0;
  Matrix<std::int16_t> weights_;
};

/// y[t][o] = sum over in of x[t][in] * w[o][in], exactly as golden_gemm; x is tokens x in, y tokens x out, in <=
/// kMostGemmInputs (golden.h).
void int8_matmul(MatrixView<const std::int8_t> x, const Int8Matrix& weights, MatrixView<std::int32_t> y);

}  // namespace flexcim
