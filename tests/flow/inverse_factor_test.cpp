#include "flow/compensate/inverse_factor.h"

#include "flow/base/error.h"
#include "tests/flow/random_matrix.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace flexcim {
namespace {

using test::gram_of;

/// tokens x inputs, the inputs of one token alike to some degree.
Matrix<float> random_inputs(std::size_t tokens, std::size_t inputs, unsigned seed) {
  return test::random_matrix(tokens, inputs, seed, 1);
}

/// The largest element of |UᵀU (H + damping I) - I|.
double residual(const Matrix<float>& h, const InverseFactor& factor) {
  const std::size_t n = h.rows();
  Matrix<double> inverse(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t a = 0; a <= std::min(i, j); ++a) {
        inverse(i, j) += static_cast<double>(factor.transposed(i, a)) * static_cast<double>(factor.transposed(j, a));
      }
    }
  }
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      double sum = i == j ? -1 : 0;
      for (std::size_t k = 0; k < n; ++k) {
        sum += inverse(i, k) * (static_cast<double>(h(k, j)) + (k == j ? static_cast<double>(factor.damping) : 0));
      }
      largest = std::max(largest, std::fabs(sum));
    }
  }
  return largest;
}

TEST_CASE("a Gram matrix sums products of inputs over the tokens of all calls") {
  const Matrix<float> a = random_inputs(7, 5, 1);
  const Matrix<float> b = random_inputs(7, 3, 2);
  Matrix<float> gram(5, 3);
  add_gram(a, b, gram, 2);
  add_gram(a, b, gram, 1);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      double sum = 0;
      for (std::size_t t = 0; t < 7; ++t) sum += 2 * static_cast<double>(a(t, i)) * static_cast<double>(b(t, j));
      CHECK(static_cast<double>(gram(i, j)) == Approx(sum).margin(1e-4));
    }
  }
}

TEST_CASE("a Gram matrix of inputs with themselves is what two sets of the same inputs give, to the last bit") {
  const Matrix<float> a = random_inputs(50, 230, 3);
  const Matrix<float> b = a;
  Matrix<float> own(230, 230);
  Matrix<float> both(230, 230);
  for (int call = 0; call < 2; ++call) {
    add_gram(a, a, own, 2);
    add_gram(a, b, both, 2);
  }
  CHECK(own == both);
}

TEST_CASE("the inverse factor squares to the inverse, at every size around a block's") {
  for (const std::size_t n : {1, 2, 17, 127, 128, 129, 300}) {
    const Matrix<float> h = gram_of(random_inputs(2 * n + 5, n, static_cast<unsigned>(n)));
    const InverseFactor factor = damped_inverse_factor(h, 2);
    INFO("n = " << n);
    CHECK(residual(h, factor) < 2e-3);
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(factor.transposed(i, i) > 0);
      for (std::size_t j = i + 1; j < n; ++j) REQUIRE(factor.transposed(i, j) == 0);
    }
    CHECK(damped_inverse_factor(h, 1).transposed == factor.transposed);
    CHECK(damped_inverse_factor(h, 5).transposed == factor.transposed);
  }
}

TEST_CASE("a singular Gram matrix has a factor all the same") {
  const Matrix<float> few = gram_of(random_inputs(20, 150, 3));
  CHECK(residual(few, damped_inverse_factor(few, 1)) < 2e-3);

  Matrix<float> dead = gram_of(random_inputs(40, 8, 4));
  for (std::size_t i = 0; i < 8; ++i) dead(i, 3) = dead(3, i) = 0;
  const InverseFactor factor = damped_inverse_factor(dead, 1);
  CHECK(factor.transposed(3, 3) == Approx(1 / std::sqrt(factor.damping)));
  CHECK(residual(dead, factor) < 1e-4);

  const InverseFactor zero = damped_inverse_factor(Matrix<float>(4, 4), 1);
  CHECK(zero.damping == 1);
  CHECK(zero.transposed(2, 2) == 1);
  CHECK(zero.transposed(2, 1) == 0);
}

TEST_CASE("damping is raised until the matrix is positive definite") {
  Matrix<float> h(3, 3);
  h(0, 0) = h(1, 1) = h(2, 2) = 1;
  h(0, 1) = h(1, 0) = 2;  // eigenvalues 3, 1 and -1
  const InverseFactor factor = inverse_factor(h, 0.05f, 1);
  CHECK(factor.damping == Approx(5));
  CHECK(residual(h, factor) < 1e-5);
}

TEST_CASE("a Gram matrix that is not finite is refused") {
  Matrix<float> h(2, 2);
  h(0, 0) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(inverse_factor(h, 1, 1), InputError);
  h(0, 0) = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(damped_inverse_factor(h, 1), InputError);
}

}  // namespace
}  // namespace flexcim
