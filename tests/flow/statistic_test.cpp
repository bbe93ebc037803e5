#include "flow/base/statistic.h"

#include "flow/map/events.h"
#include "flow/map/toggles.h"

#include <catch2/catch.hpp>
#include <set>

namespace flexcim {

struct StatisticTestInner {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

struct StatisticTestOuter {
  std::uint64_t first = 0;
  StatisticTestInner inner;
};

template <>
struct StatisticList<StatisticTestInner> {
  static constexpr auto list = statistics<StatisticTestInner>(
      {{"a", "events", "one", count<&StatisticTestInner::a>}, {"b", "bytes", "two", count<&StatisticTestInner::b>}});
};

template <>
struct StatisticList<StatisticTestOuter> {
  static constexpr auto list =
      joined(statistics<StatisticTestOuter>({{"first", "cycles", "zero", count<&StatisticTestOuter::first>}}),
             statistics_of_part<&StatisticTestOuter::inner>());
};

namespace {

/// Every name once, every count once.
template <class Counts>
void check_list() {
  std::set<std::string_view> names;
  std::set<const std::uint64_t*> places;
  Counts counts;
  for (const auto& each : StatisticList<Counts>::list) {
    INFO(std::string(each.name));
    CHECK(names.insert(each.name).second);
    CHECK(places.insert(&each.at(counts)).second);
    CHECK_FALSE(each.unit.empty());
    CHECK_FALSE(each.description.empty());
  }
}

}  // namespace

TEST_CASE("Counts of a list are added, subtracted, multiplied and compared, those of parts among them") {
  StatisticTestOuter x{1, {20, 300}};
  const StatisticTestOuter y{5, {60, 700}};
  CHECK((y - x).first == 4);
  CHECK((y - x).inner.b == 400);
  x += y;
  CHECK(x == StatisticTestOuter{6, {80, 1000}});
  CHECK(x * 3 == StatisticTestOuter{18, {240, 3000}});
  CHECK_FALSE(x == StatisticTestOuter{6, {80, 1001}});
  CHECK_FALSE(x == StatisticTestOuter{7, {80, 1000}});
  x += x;
  CHECK(x == StatisticTestOuter{12, {160, 2000}});
}

TEST_CASE("A part's counts keep name, unit and meaning in the list of the whole") {
  StatisticTestOuter x;
  const auto& list = StatisticList<StatisticTestOuter>::list;
  REQUIRE(list.size() == 3);
  CHECK(list[2].name == "b");
  CHECK(list[2].unit == "bytes");
  CHECK(list[2].description == "two");
  list[2].at(x) = 9;
  CHECK(x.inner.b == 9);
  CHECK(list[2].of(x) == 9);
}

TEST_CASE("Lists name every count of a macro once") {
  check_list<StatisticTestInner>();
  check_list<MacroEvents>();
  check_list<MacroToggles>();
}

}  // namespace flexcim
