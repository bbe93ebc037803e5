#include "tlm/timing/cadence.h"

#include <catch2/catch.hpp>
#include <random>

using flexcim::Cadence;

TEST_CASE("Cadence: happenings of a stretch are a period apart, whatever the stretch before would have given") {
  Cadence cadence(100, 10);
  CHECK(cadence.at(0) == 100);
  CHECK(cadence.at(7) == 170);
  cadence.add(3, 500);
  CHECK(cadence.at(2) == 120);
  CHECK(cadence.at(3) == 500);
  CHECK(cadence.at(5) == 520);
  cadence.restart(4);
  cadence.add(0, -8);
  CHECK(cadence.at(2) == 0);
  CHECK(cadence.period() == 4);
  CHECK(cadence.stretches().size() == 1);
}

TEST_CASE("Cadence: what comes until a limit is what counting one by one gives") {
  std::mt19937 random(1);
  const auto below = [&](unsigned n) { return static_cast<std::int64_t>(random() % n); };
  for (int round = 0; round < 2000; ++round) {
    const std::int64_t period = 1 + below(20);
    Cadence cadence(below(50), period);
    std::uint64_t from = 0;
    for (std::int64_t more = below(5); more > 0; --more) {
      from += 1 + static_cast<std::uint64_t>(below(6));
      cadence.add(from, cadence.at(from - 1) + below(60));
    }
    const auto most = static_cast<std::uint64_t>(below(40));
    const std::int64_t limit = below(700) - 20;
    std::uint64_t counted = 0;
    while (counted < most && cadence.at(counted) <= limit) ++counted;
    CAPTURE(round, period, most, limit);
    REQUIRE(cadence.until(limit, most) == counted);
  }
}
