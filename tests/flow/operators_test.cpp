#include "flow/model/operators.h"

#include "flow/base/simd.h"
#include "flow/model/exponential.h"
#include "flow/model/golden.h"
#include "flow/model/int8_matmul.h"
#include "flow/model/matmul.h"
#include "flow/model/rope.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>

using namespace flexcim;

namespace {

Matrix<float> random_matrix(std::size_t rows, std::size_t cols, std::mt19937& random) {
  Matrix<float> m(rows, cols);
  for (std::size_t i = 0; i < m.size(); ++i) m.data()[i] = static_cast<float>(random() % 20001) / 10000.0f - 1.0f;
  return m;
}

/// Distance in units in the last place of the exact value.
double ulps(float found, double exact) {
  const float rounded = static_cast<float>(exact);
  return std::fabs(found - exact) / (std::nextafter(std::fabs(rounded), INFINITY) - std::fabs(rounded));
}

}  // namespace

TEST_CASE("matmul: sums in the order of the inputs, to the bit, by every instruction set") {
  std::mt19937 random(1);
  for (int round = 0; round < 60; ++round) {
    const std::size_t tokens = 1 + random() % 20, in = 1 + random() % 70, out = 1 + random() % 40;
    const Matrix<float> x = random_matrix(tokens, in, random);
    const Matrix<float> w = random_matrix(out, in, random);
    Matrix<float> expected(tokens, out), found(tokens, out);
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t o = 0; o < out; ++o) {
        float sum = 0;
        for (std::size_t i = 0; i < in; ++i) {
          const volatile float product = x(t, i) * w(o, i);
          sum += product;
        }
        expected(t, o) = sum;
      }
    }
    const PanelMatrix panels(w);
    for (const Simd set : machine_simd()) {
      const SimdOverride use(set);
      matmul(x, panels, found);
      CAPTURE(name_of(set), tokens, in, out);
      REQUIRE(std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("int8 matmul equals the golden product") {
  std::mt19937 random(2);
  for (int round = 0; round < 60; ++round) {
    const std::size_t most = round < 50 ? 9 : 1000;  // hundreds are multiplied in parts
    const std::size_t tokens = 1 + random() % most, out = 1 + random() % 20;
    const std::size_t in = 1 + random() % (round % 5 == 4 && most < 10 ? 7000 : 150);  // thousands, too
    Matrix<std::int8_t> x(tokens, in), w(out, in);
    const bool extreme = round % 10 == 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      x.data()[i] = extreme ? std::int8_t{-128} : static_cast<std::int8_t>(static_cast<int>(random() % 256) - 128);
    }
    for (std::size_t i = 0; i < w.size(); ++i) {
      w.data()[i] = extreme ? std::int8_t{-127} : static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
    }
    const Matrix<std::int32_t> expected = golden_gemm(w, x);
    for (const Simd set : machine_simd()) {
      const SimdOverride use(set);
      CAPTURE(name_of(set), tokens, in, out);
      Matrix<std::int32_t> y(tokens, out);
      int8_matmul(x, pack_int8(w, {}, "w"), y, 1 + round % 2);
      REQUIRE(y == expected);
    }
  }
}

TEST_CASE("exponential and softplus are accurate over their range") {
  double worst_exponential = 0, worst_softplus = 0;
  for (int i = -870000; i <= 880000; ++i) {
    const float x = static_cast<float>(i) * 1e-4f;
    worst_exponential = std::max(worst_exponential, ulps(exponential(x), std::exp(static_cast<double>(x))));
    worst_softplus = std::max(worst_softplus, ulps(softplus(x), std::log1p(std::exp(static_cast<double>(x)))));
  }
  CHECK(worst_exponential < 2);
  CHECK(worst_softplus < 4);
  CHECK(exponential(0) == 1);
  CHECK(exponential(-1000) < 2e-38f);
  CHECK(softplus(1000) == 1000);
}

TEST_CASE("rms_norm, softmax, silu against their definitions") {
  std::mt19937 random(3);
  for (const std::size_t count : {1, 15, 16, 17, 100}) {
    const Matrix<float> x = random_matrix(1, count, random);
    const Matrix<float> weight = random_matrix(1, count, random);
    double squares = 0, total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      squares += static_cast<double>(x(0, i)) * x(0, i);
      total += std::exp(3.0 * x(0, i));
    }
    Matrix<float> normed(1, count), shares = x, gated = x;
    RmsNorm{"norm", {weight.data(), weight.data() + count}, 0.25f}.apply(x, normed);
    softmax(shares.data(), count, 3.0f);
    silu(gated);
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(normed(0, i) ==
            Approx(weight(0, i) * x(0, i) / std::sqrt(squares / static_cast<double>(count) + 0.25)).epsilon(1e-5));
      CHECK(shares(0, i) == Approx(std::exp(3.0 * x(0, i)) / total).epsilon(1e-5));
      CHECK(gated(0, i) == Approx(x(0, i) / (1 + std::exp(-static_cast<double>(x(0, i))))).epsilon(1e-5));
    }
  }
}

TEST_CASE("rope: long wavelengths are stretched and short ones stay in between") {
  // Turns within 64 tokens: 64/2pi = 10.2 of pair 0, then 2.19 and 0.47: pair 1 lies between 1 and 4.
  const RopeParameters llama3{100, RopeScaling::llama3, 8, 1, 4, 64};
  const std::vector<double> found = rope_frequencies(6, llama3);
  const double middle = std::pow(100.0, -1.0 / 3), turns = 64 * middle / (2 * std::acos(-1.0));
  REQUIRE(found.size() == 3);
  CHECK(found[0] == 1);
  CHECK(found[1] == Approx(middle / 8 * (4 - turns) / 3 + middle * (turns - 1) / 3));
  CHECK(found[2] == Approx(std::pow(100.0, -2.0 / 3) / 8));

  const RopeParameters linear{100, RopeScaling::linear, 2.5}, dynamic{100, RopeScaling::dynamic, 3, 1, 4, 16};
  CHECK(rope_frequencies(6, linear)[1] == Approx(middle / 2.5));
  CHECK(rope_frequencies(6, dynamic, 16)[1] == Approx(middle));
  // Twice the length: a base of 100 * (3 * 2 - 2)^(6/4).
  CHECK(rope_frequencies(6, dynamic, 32)[1] == Approx(std::pow(100 * 8.0, -1.0 / 3)));
}

TEST_CASE("rope turns element i with element i + head/2") {
  const Rope rope(4, 8, {100.0});  // angles per position: 1 and 100^(-1/2) = 0.1
  Matrix<float> x(1, 8);
  for (std::size_t i = 0; i < 8; ++i) x(0, i) = static_cast<float>(i + 1);
  rope.apply(x, 7);
  const auto low = [](double a, double b, double angle) { return a * std::cos(angle) - b * std::sin(angle); };
  const auto high = [](double a, double b, double angle) { return b * std::cos(angle) + a * std::sin(angle); };
  CHECK(x(0, 0) == Approx(low(1, 3, 7.0)));
  CHECK(x(0, 2) == Approx(high(1, 3, 7.0)));
  CHECK(x(0, 1) == Approx(low(2, 4, 0.7)));
  CHECK(x(0, 3) == Approx(high(2, 4, 0.7)));
  CHECK(x(0, 4) == Approx(low(5, 7, 7.0)));  // the second head turns alike
  CHECK(x(0, 7) == Approx(high(6, 8, 0.7)));
}
