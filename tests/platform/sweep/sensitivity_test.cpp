// What axes of a sweep explain of a metric, and which of their values are looked at together.
#include "platform/sweep/sensitivity.h"

#include "platform/sweep/axis_levels.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace flexcim;

namespace {

/// A grid of x in {-1, 1} and y in {-1, 0, 1}, each point `times` times.
template <class Metric>
std::vector<MainEffect> effects_of(Metric metric, bool logarithm, int times = 1) {
  Sensitivity sensitivity({2, 3}, logarithm);
  for (int i = 0; i < 6 * times; ++i) {
    const std::size_t x = i % 2, y = i / 2 % 3;
    sensitivity.add({x, y}, metric(x == 0 ? -1.0 : 1.0, static_cast<double>(y) - 1));
  }
  return sensitivity.effects();
}

std::vector<AxisValue> numbers(int count) {
  std::vector<AxisValue> values;
  for (int i = count; i > 0; --i) values.push_back({std::to_string(i), true, static_cast<double>(i)});
  return values;
}

}  // namespace

TEST_CASE("Sensitivity: of exp(2 x + 3 y) the logarithm's variance is 4 var(x) + 9 var(y)") {
  for (const int times : {1, 5}) {
    const auto effects = effects_of([](double x, double y) { return std::exp(2 * x + 3 * y); }, true, times);
    REQUIRE(effects.size() == 2);
    constexpr double kX = 4 * 1.0, kY = 9 * 2.0 / 3;
    CHECK(effects[0].share == Approx(kX / (kX + kY)).epsilon(1e-12));
    CHECK(effects[1].share == Approx(kY / (kX + kY)).epsilon(1e-12));
    CHECK(effects[0].levels[1].mean == Approx(std::exp(2)).epsilon(1e-12));  // geometric: y is 0 in the mean
    CHECK(effects[1].levels[0].mean == Approx(std::exp(-3)).epsilon(1e-12));
    CHECK(effects[1].levels[0].points == 2U * times);
  }
}

TEST_CASE(
    "Sensitivity: what follows from two axes together is no axis's, and without logarithms means are arithmetic") {
  // Variance of x + x y: 1 + 2/3.
  const auto effects = effects_of([](double x, double y) { return x + x * y; }, false);
  CHECK(effects[0].share == Approx(1 / (1 + 2.0 / 3)).epsilon(1e-12));
  CHECK(effects[1].share == Approx(0).margin(1e-12));
  CHECK(effects[0].levels[0].mean == Approx(-1).epsilon(1e-12));
}

TEST_CASE("Sensitivity: nothing explains what does not vary, and a level without points has no mean") {
  for (const bool logarithm : {false, true}) {
    Sensitivity sensitivity({3}, logarithm);
    for (int i = 0; i < 7; ++i) sensitivity.add({static_cast<std::size_t>(i % 2)}, 0.1);
    const std::vector<MainEffect> effects = sensitivity.effects();
    CHECK(effects[0].share == 0);
    CHECK(effects[0].levels[0].mean == Approx(0.1));
    CHECK(effects[0].levels[2].points == 0);
    CHECK(effects[0].levels[2].mean == 0);
  }
}

TEST_CASE("Levels of an axis: numbers ascend, and of many neighbours are together") {
  const AxisLevels few = axis_levels(numbers(12));
  CHECK(few.numbers);
  CHECK(few.levels == few.values);
  CHECK(few.values.front() == "1");
  CHECK(few.values.back() == "12");

  const AxisLevels many = axis_levels(numbers(30));
  REQUIRE(many.levels.size() == kMostLevels);
  CHECK(many.levels.front() == "1 to 3");
  CHECK(many.levels.back() == "29 to 30");
  std::vector<int> sizes(kMostLevels);
  for (std::size_t i = 0; i < 30; ++i) {
    ++sizes.at(many.level_of[i]);
    CHECK((i == 0 || many.level_of[i] >= many.level_of[i - 1]));
  }
  for (const int size : sizes) CHECK((size == 2 || size == 3));
}

TEST_CASE("Levels of an axis: words stay as they come, however many, and one among numbers makes all of them words") {
  std::vector<AxisValue> values = numbers(20);
  values.push_back({"auto", false, 0});
  const AxisLevels axis = axis_levels(values);
  CHECK_FALSE(axis.numbers);
  CHECK(axis.levels.size() == 21);
  CHECK(axis.values.front() == "20");
  CHECK(axis_levels({}).levels.empty());
}
