// The search on problems whose front is known, against chance.
#include "platform/sweep/nsga2.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <set>

using namespace flexcim;

namespace {

using Problem = std::function<Costs(const Coordinates&)>;

/// ZDT1 (Zitzler, Deb, Thiele, Evolutionary Computation 2000) on six axes of 64 values: 6.9e10 points, the best of
/// which have value 0 on all axes but the first one.
const std::vector<Nsga2::Axis> kZdt1Axes(6, {64, true});
Costs zdt1(const Coordinates& at) {
  const double first = static_cast<double>(at[0]) / 63;
  double others = 0;
  for (std::size_t axis = 1; axis < at.size(); ++axis) others += static_cast<double>(at[axis]) / 63;
  const double g = 1 + 9 * others / 5;
  return {first, g * (1 - std::sqrt(first / g))};
}

/// Words without an order: on every axis one of eight is good for the first objective, another one for the second.
const std::vector<Nsga2::Axis> kWordAxes(8, {8, false});
Costs words(const Coordinates& at) {
  double first = 0, second = 0;
  for (const std::size_t value : at) {
    first += value == 3 ? 0 : 1;
    second += value == 6 ? 0 : 1;
  }
  return {first, second};
}

/// The points of a search, told in the order of each generation that `order` makes of it.
std::vector<Coordinates> searched(
    const std::vector<Nsga2::Axis>& axes, const SampleSpec& sample, const Problem& problem,
    const std::function<void(std::vector<std::uint64_t>&)>& order = [](auto&) {}) {
  Nsga2 search(axes, sample);
  for (std::uint64_t told = 0; told < sample.points;) {
    std::vector<std::uint64_t> generation;
    for (; told < search.ready(); ++told) generation.push_back(told);
    REQUIRE_FALSE(generation.empty());
    order(generation);
    for (const std::uint64_t point : generation) search.tell(point, problem(search.at(point)));
  }
  CHECK(search.ready() == sample.points);
  std::vector<Coordinates> points;
  for (std::uint64_t point = 0; point < search.ready(); ++point) points.push_back(search.at(point));
  return points;
}

std::vector<Coordinates> drawn(const std::vector<Nsga2::Axis>& axes, SampleSpec sample) {
  std::vector<std::size_t> sizes;
  for (const Nsga2::Axis& axis : axes) sizes.push_back(axis.values);
  sample.kind = SampleKind::random;
  const Sampling sampling = make_sampling(sample, sizes);
  std::vector<Coordinates> points;
  for (std::uint64_t point = 0; point < sample.points; ++point) points.push_back(sampling(point));
  return points;
}

double worth(const std::vector<Coordinates>& points, const Problem& problem, const Costs& reference) {
  ParetoFront front;
  for (const Coordinates& point : points) {
    if (const Costs costs = problem(point); !costs.empty()) front.add(0, costs);
  }
  return hypervolume(front.members(), reference);
}

SampleSpec sample_of(std::uint64_t points, std::uint64_t seed = 1, std::uint64_t population = 32) {
  return {SampleKind::search, points, seed, population};
}

}  // namespace

TEST_CASE("Search: at equal points it is closer to ZDT1's front than chance, for every seed") {
  constexpr double kFront = 9 + 2.0 / 3;  // what the front itself is worth against (1, 10)
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const double search = worth(searched(kZdt1Axes, sample_of(1000, seed), zdt1), zdt1, {1, 10});
    const double chance = worth(drawn(kZdt1Axes, sample_of(1000, seed)), zdt1, {1, 10});
    CAPTURE(seed, search, chance);
    CHECK(kFront - search < (kFront - chance) / 4);
  }
}

TEST_CASE("Search: words without an order are found, too") {
  // k words that are good for the first objective leave 8 - k for the second one: against (8, 8) the front is worth
  // 1 + 2 + ... + 7 = 28.
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const double search = worth(searched(kWordAxes, sample_of(1000, seed), words), words, {8, 8});
    const double chance = worth(drawn(kWordAxes, sample_of(1000, seed)), words, {8, 8});
    CAPTURE(seed, search, chance);
    CHECK(search >= 27);
    CHECK(chance < 18);
  }
}

TEST_CASE("Search: the same points in whatever order those of a generation are told") {
  const auto forward = searched(kZdt1Axes, sample_of(300), zdt1);
  const auto backward = searched(kZdt1Axes, sample_of(300), zdt1,
                                 [](auto& generation) { std::reverse(generation.begin(), generation.end()); });
  CHECK(forward == backward);
  CHECK(forward != searched(kZdt1Axes, sample_of(300, 2), zdt1));
}

TEST_CASE("Search: no point twice, and in the end all of a small space") {
  const std::vector<Nsga2::Axis> axes{{5, true}, {1, false}, {4, false}, {7, true}};
  const auto points = searched(axes, sample_of(140, 3, 16), words);
  CHECK(std::set<Coordinates>(points.begin(), points.end()).size() == 140);
}

TEST_CASE("Search: a generation is known once all of the one before have been told") {
  Nsga2 search(kZdt1Axes, sample_of(50, 1, 20));
  CHECK(search.ready() == 20);
  for (std::uint64_t point = 0; point < 19; ++point) search.tell(point, zdt1(search.at(point)));
  CHECK(search.ready() == 20);
  search.tell(19, zdt1(search.at(19)));
  CHECK(search.ready() == 40);
  for (std::uint64_t point = 20; point < 40; ++point) search.tell(point, zdt1(search.at(point)));
  CHECK(search.ready() == 50);  // what is left
}

TEST_CASE("Search: points without a result are worse than any, and it goes on where there is none yet") {
  // Three quarters of the space fail: where the first or the second axis is in its upper half.
  const Problem partly = [](const Coordinates& at) { return at[0] >= 32 || at[1] >= 32 ? Costs() : zdt1(at); };
  const auto points = searched(kZdt1Axes, sample_of(600), partly);
  const auto failed = [&](std::size_t begin, std::size_t end) {
    return std::count_if(points.begin() + begin, points.begin() + end,
                         [&](const auto& p) { return partly(p).empty(); });
  };
  CHECK(failed(0, 100) > 40);
  CHECK(failed(500, 600) < 20);
  searched(kZdt1Axes, sample_of(200), [](const Coordinates&) { return Costs(); });
}
