#include "flow/compensate/compensate.h"

#include "flow/pack/packed_linear.h"
#include "tests/flow/random_matrix.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace flexcim {
namespace {

using test::gram_of;
using test::random_matrix;

/// Σ over tokens and rows of the squared difference of outputs.
double output_error(const Matrix<float>& a, const Matrix<float>& xa, const Matrix<float>& b, const Matrix<float>& xb) {
  double sum = 0;
  for (std::size_t t = 0; t < xa.rows(); ++t) {
    for (std::size_t o = 0; o < a.rows(); ++o) {
      double d = 0;
      for (std::size_t i = 0; i < a.cols(); ++i) {
        d += static_cast<double>(a(o, i)) * static_cast<double>(xa(t, i)) -
             static_cast<double>(b(o, i)) * static_cast<double>(xb(t, i));
      }
      sum += d * d;
    }
  }
  return sum;
}

/// The rule of compensate.h, one weight at a time, in double.
Matrix<float> plainly_compensated(const Matrix<float>& weights, const InverseFactor& factor, const Pruned& pruned,
                                  Pattern pattern) {
  const std::size_t in = weights.cols();
  const auto m = static_cast<std::size_t>(pattern.m);
  const auto n = static_cast<std::size_t>(pattern.n);
  const std::size_t groups = (in + m - 1) / m;
  Matrix<float> result(weights.rows(), in);
  for (std::size_t o = 0; o < weights.rows(); ++o) {
    std::vector<double> w(in);
    for (std::size_t i = 0; i < in; ++i) w[i] = static_cast<double>(weights(o, i));
    for (std::size_t i = 0; i < in; ++i) {
      bool kept = false;
      for (std::size_t k = 0; k < n; ++k) kept |= pruned.indices[(o * groups + i / m) * n + k] == i % m;
      if (kept) continue;
      const double e = w[i] / static_cast<double>(factor.transposed(i, i));
      for (std::size_t j = i; j < in; ++j) w[j] -= e * static_cast<double>(factor.transposed(j, i));
      w[i] = 0;
    }
    for (std::size_t i = 0; i < in; ++i) result(o, i) = static_cast<float>(w[i]);
  }
  return result;
}

TEST_CASE("what is kept makes up for what is dropped, as weight by weight, under every policy") {
  const std::size_t in = GENERATE(8, 30, 200, 300);
  const Matrix<float> x = random_matrix(2 * in, in, 1, 2);
  const Matrix<float> weights = random_matrix(70, in, 2);
  const InverseFactor factor = damped_inverse_factor(gram_of(x), 1);
  for (const IndexPolicy policy : {IndexPolicy::element, IndexPolicy::window, IndexPolicy::window_shared}) {
    for (const Pattern pattern : {Pattern{2, 4}, Pattern{2, 8}, Pattern{4, 8}}) {
      INFO(in << " inputs, " << to_string(policy) << " " << to_string(pattern));
      const Pruner pruner({pattern, policy, 1, 32}, "test");
      const Compensated found = compensate(weights, factor, pruner, 2);
      const Matrix<float> kept = kept_weights(found.weights, found.pruned, pattern);
      const Matrix<float> expected = plainly_compensated(weights, factor, found.pruned, pattern);
      for (std::size_t k = 0; k < kept.size(); ++k) {
        REQUIRE(kept.data()[k] == Approx(expected.data()[k]).margin(2e-3).epsilon(1e-3));
      }
      // The sum of squares it reports is the outputs' error, but for the damping's share.
      const double error = output_error(weights, x, kept, x);
      double damped = error;
      for (std::size_t k = 0; k < kept.size(); ++k) {
        const double d = static_cast<double>(kept.data()[k]) - static_cast<double>(weights.data()[k]);
        damped += static_cast<double>(factor.damping) * d * d;
      }
      CHECK(found.squared_error == Approx(damped).epsilon(1e-2));
      // Better than the same weights left as they were.
      CHECK(error < output_error(weights, x, kept_weights(weights, found.pruned, pattern), x));
      const Compensated again = compensate(weights, factor, pruner, 1);
      CHECK(again.weights == found.weights);
      CHECK(again.pruned.indices == found.pruned.indices);
      CHECK(found.pruned.saliency_kept < found.pruned.saliency_total);
    }
  }
}

TEST_CASE("the first group's choice is the one that raises the error least") {
  const Matrix<float> x = random_matrix(64, 4, 5, 2);
  const Matrix<float> weights = random_matrix(40, 4, 6);
  const InverseFactor factor = damped_inverse_factor(gram_of(x), 1);
  const Compensated found = compensate(weights, factor, Pruner({{3, 4}, IndexPolicy::element, 1, 32}, "test"), 1);
  for (std::size_t o = 0; o < 40; ++o) {
    std::size_t least = 0;
    std::vector<float> scores(4);
    for (std::size_t i = 0; i < 4; ++i) {
      scores[i] = std::fabs(weights(o, i) / factor.transposed(i, i));
      if (scores[i] < scores[least]) least = i;
    }
    for (std::size_t k = 0; k < 3; ++k) CHECK(found.pruned.indices[o * 3 + k] != least);
  }
}

TEST_CASE("rows that share selects keep the same pairs, and every weight has a slot") {
  const Matrix<float> x = random_matrix(100, 48, 7, 1);
  const InverseFactor factor = damped_inverse_factor(gram_of(x), 1);
  const Compensated found =
      compensate(random_matrix(64, 48, 8), factor, Pruner({{4, 8}, IndexPolicy::window_shared, 1, 32}, "test"), 2);
  for (std::size_t rows = 0; rows < 64; rows += 32) {
    for (std::size_t group = 0; group < 6; ++group) {
      for (std::size_t slot = 0; slot < 4; ++slot) {
        int pair = -1;
        for (std::size_t o = rows; o < rows + 32; ++o) {
          const int index = found.pruned.indices[(o * 6 + group) * 4 + slot];
          if (index == PackedLinear::kEmpty) continue;
          if (pair < 0) pair = index / 2;
          CHECK(index / 2 == pair);
        }
      }
    }
  }
}

TEST_CASE("refitted weights come closest to the dense outputs") {
  const Matrix<float> dense = random_matrix(400, 24, 9, 1);
  Matrix<float> own = dense;
  std::mt19937 random(10);
  std::normal_distribution<float> noise(0, 0.5f);
  for (std::size_t k = 0; k < own.size(); ++k) own.data()[k] = 0.8f * own.data()[k] + noise(random);
  const Matrix<float> weights = random_matrix(10, 24, 11);
  Matrix<float> with_dense(24, 24);
  add_gram(dense, own, with_dense, 1);
  const InverseFactor factor = inverse_factor(gram_of(own), 1e-3f, 1);
  const Matrix<float> refitted = refitted_weights(weights, with_dense, factor, 2);
  const double best = output_error(weights, dense, refitted, own);
  CHECK(best < output_error(weights, dense, weights, own));
  for (std::size_t k = 0; k < refitted.size(); k += 7) {
    for (const float step : {-0.05f, 0.05f}) {
      Matrix<float> other = refitted;
      other.data()[k] += step;
      CHECK(output_error(weights, dense, other, own) > best);
    }
  }
}

TEST_CASE("a dense rule changes nothing") {
  const Matrix<float> weights = random_matrix(6, 16, 12);
  const InverseFactor factor = damped_inverse_factor(gram_of(random_matrix(40, 16, 13)), 1);
  const Compensated found = compensate(weights, factor, Pruner({{}, IndexPolicy::element, 1, 32}, "test"), 1);
  CHECK(found.weights == weights);
  CHECK(found.squared_error == 0);
}

}  // namespace
}  // namespace flexcim
