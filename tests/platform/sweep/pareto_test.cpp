// Pareto fronts and their volume.
#include "platform/sweep/pareto.h"

#include "platform/sweep/shuffle.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

std::vector<std::uint64_t> points_of(const ParetoFront& front) {
  std::vector<std::uint64_t> points;
  for (const auto& member : front.members()) points.push_back(member.point);
  return points;
}

double volume_of(const std::vector<Costs>& all, const Costs& reference) {
  std::vector<ParetoFront::Member> members;
  for (const Costs& costs : all) members.push_back({members.size(), costs});
  return hypervolume(members, reference);
}

/// Whole numbers below `most`.
Costs random_costs(std::uint64_t seed, std::size_t objectives, std::uint64_t most) {
  Costs costs;
  for (std::size_t i = 0; i < objectives; ++i) costs.push_back(static_cast<double>(share_of(scatter(seed, i), most)));
  return costs;
}

}  // namespace

TEST_CASE("Pareto: one point dominates another where it is nowhere worse and somewhere better") {
  CHECK(dominates({1, 2}, {1, 3}));
  CHECK(dominates({0, 0}, {1, 1}));
  CHECK_FALSE(dominates({1, 2}, {1, 2}));
  CHECK_FALSE(dominates({1, 3}, {2, 2}));
  CHECK_FALSE(dominates({1, 3}, {1, 2}));
}

TEST_CASE("Pareto: what is to be most counts as a negative cost") {
  CHECK(costs_of({{"time_ns", false}, {"utilization", true}}, {3, 0.5}) == Costs{3, -0.5});
}

TEST_CASE("Pareto: a front keeps what nothing dominates, equals side by side") {
  ParetoFront front;
  CHECK(front.add(0, {4, 4}));
  CHECK(front.add(1, {2, 6}));
  CHECK_FALSE(front.add(2, {4, 5}));
  CHECK(front.add(3, {4, 4}));
  CHECK(points_of(front) == std::vector<std::uint64_t>{0, 1, 3});
  CHECK(front.add(4, {3, 3}));
  CHECK(points_of(front) == std::vector<std::uint64_t>{1, 4});
}

TEST_CASE("Pareto: fronts of random points are those of the definition, in whatever order they come") {
  constexpr std::uint64_t kPoints = 60;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<Costs> all;
    for (std::uint64_t i = 0; i < kPoints; ++i) all.push_back(random_costs(scatter(seed, i), 3, 8));
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 0; i < kPoints; ++i) {
      const bool kept = std::none_of(all.begin(), all.end(), [&](const Costs& c) { return dominates(c, all[i]); });
      if (kept) expected.push_back(i);
    }
    ParetoFront front;
    for (std::uint64_t i = 0; i < kPoints; ++i) {
      const std::uint64_t point = Shuffle(kPoints, seed)(i);
      front.add(point, all[point]);
    }
    std::vector<std::uint64_t> found = points_of(front);
    std::sort(found.begin(), found.end());
    CHECK(found == expected);
  }
}

TEST_CASE("Hypervolume: rectangles by hand") {
  CHECK(volume_of({}, {1, 1}) == 0);
  CHECK(volume_of({{1, 3}, {2, 1}}, {4, 4}) == 3 * 1 + 2 * 3 - 2 * 1);  // the corner up from (2, 3) is in both
  CHECK(volume_of({{1, 3}, {2, 1}, {3, 3}}, {4, 4}) == 7);              // a dominated point adds nothing
  CHECK(volume_of({{1, 5}}, {4, 4}) == 0);                              // outside of the reference
  CHECK(volume_of({{3}, {1}}, {4}) == 3);
}

TEST_CASE("Hypervolume: as many unit cells as some point dominates") {
  constexpr std::uint64_t kEdge = 6;
  for (const std::size_t objectives : {2, 3, 4}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      std::vector<Costs> all;
      for (std::uint64_t i = 0; i < 8; ++i) all.push_back(random_costs(scatter(seed + 100, i), objectives, kEdge));
      const std::vector<std::size_t> sizes(objectives, kEdge);
      std::uint64_t cells = 1;
      for (std::size_t i = 0; i < objectives; ++i) cells *= kEdge;
      int dominated = 0;
      for (std::uint64_t cell = 0; cell < cells; ++cell) {
        Costs corner;
        std::uint64_t rest = cell;
        for (std::size_t i = 0; i < objectives; ++i, rest /= kEdge) corner.push_back(static_cast<double>(rest % kEdge));
        dominated += std::any_of(all.begin(), all.end(), [&](const Costs& point) {
          return std::equal(point.begin(), point.end(), corner.begin(), std::less_equal<>());
        });
      }
      CHECK(volume_of(all, Costs(objectives, kEdge)) == dominated);
    }
  }
}
