// Estimates against the loop that moves data and multiplies, which tests/tlm/plain_loop_test.cpp compares with the
// SystemC modules.
#include "tests/platform/estimate/random_gemm.h"

#include <catch2/catch.hpp>

using namespace flexcim;
using namespace flexcim::test;

namespace {

/// Seeds [first, last).
void compare(unsigned first, unsigned last) {
  int ran = 0;
  for (unsigned seed = first; seed < last; ++seed) {
    std::mt19937 random(seed);
    const RandomGemm gemm = random_gemm(random);
    CAPTURE(seed, gemm.shape.out, gemm.shape.in, gemm.shape.tokens, to_string(gemm.shape.pattern), gemm.shape.phases);
    const std::string expected = multiplied(random, gemm);
    CHECK(estimated(gemm) == expected);
    ran += expected.rfind("cycles", 0) == 0 ? 1 : 0;
  }
  CHECK(ran > static_cast<int>(last - first) * 3 / 4);
}

}  // namespace

TEST_CASE("Estimate: random gemms cost what they cost with data, 1") { compare(1, 200); }
TEST_CASE("Estimate: random gemms cost what they cost with data, 2") { compare(200, 400); }
TEST_CASE("Estimate: random gemms cost what they cost with data, 3") { compare(400, 600); }
TEST_CASE("Estimate: random gemms cost what they cost with data, 4") { compare(600, 800); }
