#include "flow/base/divisor.h"

#include <catch2/catch.hpp>
#include <random>

using flexcim::Divisor;

TEST_CASE("Divisor: as the division") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t value = i < 300 ? static_cast<std::uint64_t>(i) + 1 : 1 + (random() >> random() % 64);
    const Divisor divisor(value);
    const std::uint64_t exact_below = ~std::uint64_t{0} / value;  // where the multiplication ends
    for (std::uint64_t n :
         {std::uint64_t{0}, value - 1, value, exact_below - 1, exact_below, exact_below / value * value,
          exact_below / value * value - 1, ~std::uint64_t{0}, random(), random() >> random() % 64}) {
      REQUIRE(divisor.quotient(n) == n / value);
      REQUIRE(divisor.remainder(n) == n % value);
    }
    if (value < std::uint64_t{1} << 62) REQUIRE(divisor.ceiling(value + 1) == 2);
  }
}
