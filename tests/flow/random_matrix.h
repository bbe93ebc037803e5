// Random matrices and their Gram matrices for tests.
#pragma once

#include "flow/compensate/gram.h"

#include <random>

namespace flexcim::test {

/// Standard normal elements; to those of a row one more normal number is added, `common` times.
inline Matrix<float> random_matrix(std::size_t rows, std::size_t cols, unsigned seed, float common = 0) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 1);
  Matrix<float> m(rows, cols);
  for (std::size_t r = 0; r < rows; ++r) {
    const float shared = common * normal(random);
    for (std::size_t c = 0; c < cols; ++c) m(r, c) = shared + normal(random);
  }
  return m;
}

inline Matrix<float> gram_of(const Matrix<float>& x) {
  Matrix<float> gram(x.cols(), x.cols());
  add_gram(x, x, gram, 1);
  return gram;
}

}  // namespace flexcim::test
