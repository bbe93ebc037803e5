#include "flow/model/golden.h"

#include <stdexcept>

namespace flexcim {

Matrix<std::int32_t> golden_gemm(MatrixView<const std::int8_t> weights, MatrixView<const std::int8_t> activations) {
  if (weights.cols != activations.cols) throw std::logic_error("golden_gemm: inner dimensions differ");
  Matrix<std::int32_t> result(activations.rows, weights.rows);
  for (std::size_t t = 0; t < activations.rows; ++t) {
    const std::int8_t* x = activations.row(t);
    for (std::size_t o = 0; o < weights.rows; ++o) {
      const std::int8_t* w = weights.row(o);
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < weights.cols; ++i) sum += static_cast<std::int32_t>(x[i]) * w[i];
      result(t, o) = sum;
    }
  }
  return result;
}

}  // namespace flexcim
