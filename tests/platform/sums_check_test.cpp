// Sums that are compared with the golden model's while others are still being made.
#include "platform/program/sums_check.h"

#include "flow/model/golden.h"
#include "platform/program/layer_figures.h"
#include "tests/flow/random_linear.h"

#include <catch2/catch.hpp>

using namespace flexcim;

TEST_CASE("Sums are compared in the order in which they come and those that differ are told of") {
  std::mt19937 random(1);
  const PackedLinear linear = test::random_linear(random, {4, 8}, 20, 100);
  std::vector<std::string> expected, found;
  SumsCheck check;
  for (int round = 0; round < 40; ++round) {
    Matrix<std::int8_t> x = test::random_activations(random, 1 + round % 5, 100);
    Matrix<std::int32_t> sums = golden_gemm(unpack(linear), x);
    if (round % 7 == 3) {
      const Matrix<std::int32_t> golden = sums;
      sums(0, static_cast<std::size_t>(round % 20)) += round;
      expected.push_back(first_difference(sums, golden));
    }
    check.add(linear, std::move(x), std::move(sums), [&, round](const std::string& how, const OutputError& error) {
      found.push_back(how);
      CHECK(error.outputs == (1 + static_cast<std::uint64_t>(round) % 5) * 20);
      CHECK(error.wrong == 1);
      CHECK(error.largest == static_cast<std::uint64_t>(round));
    });
  }
  check.wait();
  CHECK(expected.size() == 6);
  CHECK(found == expected);
}

TEST_CASE("What a comparison throws comes out where all have ended and the next goes on") {
  std::mt19937 random(1);
  const PackedLinear linear = test::random_linear(random, {4, 8}, 4, 8);
  const Matrix<std::int8_t> x = test::random_activations(random, 1, 8);
  SumsCheck check;
  const Matrix<std::int32_t> golden = golden_gemm(unpack(linear), x);
  Matrix<std::int32_t> wrong = golden;
  wrong(0, 2) ^= 1;
  check.add(linear, x, wrong, [](const std::string&, const OutputError&) { throw std::runtime_error("told"); });
  check.add(linear, x, golden, [](const std::string&, const OutputError&) { throw std::logic_error("not told"); });
  CHECK_THROWS_WITH(check.wait(), "told");
  check.add(linear, x, golden, [](const std::string&, const OutputError&) { throw std::logic_error("not told"); });
  CHECK_NOTHROW(check.wait());
}
