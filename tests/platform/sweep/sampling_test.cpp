// Samples of the space of all axes.
#include "platform/sweep/sampling.h"

#include "platform/sweep/shuffle.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace flexcim;

namespace {

const std::vector<std::size_t> kSizes{3, 5, 7};

std::vector<Coordinates> drawn(SampleKind kind, std::uint64_t points, std::uint64_t seed = 1,
                               const std::vector<std::size_t>& sizes = kSizes) {
  const Sampling sampling = make_sampling({kind, points, seed}, sizes);
  std::vector<Coordinates> all;
  for (std::uint64_t point = 0; point < points; ++point) all.push_back(sampling(point));
  return all;
}

/// How often each value of an axis comes.
std::map<std::size_t, int> counts(const std::vector<Coordinates>& points, std::size_t axis) {
  std::map<std::size_t, int> counts;
  for (const Coordinates& point : points) ++counts[point.at(axis)];
  return counts;
}

}  // namespace

TEST_CASE("Shuffle: every number below its size once, in another order for another seed") {
  for (const std::uint64_t size : {1, 2, 3, 4, 5, 16, 17, 1000, 4096}) {
    std::vector<std::uint64_t> order, other, sorted(size);
    for (std::uint64_t i = 0; i < size; ++i) {
      order.push_back(Shuffle(size, 1)(i));
      other.push_back(Shuffle(size, 2)(i));
      sorted[i] = i;
    }
    if (size >= 16) CHECK(order != other);
    if (size >= 16) CHECK(order != sorted);
    std::sort(order.begin(), order.end());
    CHECK(order == sorted);
  }
  const std::uint64_t huge = std::uint64_t{1} << 60;
  CHECK(Shuffle(huge, 1)(huge - 1) < huge);
}

TEST_CASE("Shuffle: the first half of the order is spread over the range") {
  constexpr std::uint64_t kSize = 10000;
  double sum = 0;
  for (std::uint64_t i = 0; i < kSize / 2; ++i) sum += static_cast<double>(Shuffle(kSize, 3)(i));
  // The mean of half of 0 ... 9999 has a standard deviation of 10000 / sqrt(12 * 5000) / sqrt(2) = 29.
  CHECK(2 * sum / kSize == Approx(4999.5).margin(4 * 29));
}

TEST_CASE("Grid: every point once, those of the last axis next to each other, and back") {
  const auto points = drawn(SampleKind::grid, 105);
  CHECK(points[0] == Coordinates{0, 0, 0});
  CHECK(points[1] == Coordinates{0, 0, 1});
  CHECK(points[7] == Coordinates{0, 1, 0});
  CHECK(points[104] == Coordinates{2, 4, 6});
  for (std::uint64_t i = 0; i < points.size(); ++i) CHECK(grid_number(points[i], kSizes) == i);
}

TEST_CASE("Random: no point twice, all of them in the end") {
  const auto points = drawn(SampleKind::random, 105);
  CHECK(std::set<Coordinates>(points.begin(), points.end()).size() == 105);
  CHECK(points != drawn(SampleKind::random, 105, 2));
  CHECK(points == drawn(SampleKind::random, 105));
}

TEST_CASE("Latin hypercube: every value of every axis comes equally often") {
  const auto points = drawn(SampleKind::latin_hypercube, 105);
  for (std::size_t axis = 0; axis < kSizes.size(); ++axis) {
    for (const auto& [value, count] : counts(points, axis)) CHECK(count == 105 / static_cast<int>(kSizes[axis]));
    CHECK(counts(points, axis).size() == kSizes[axis]);
  }
  // Axes are drawn apart: of two with equally many values, most points lie off the diagonal.
  const auto square = drawn(SampleKind::latin_hypercube, 100, 1, {100, 100});
  const auto diagonal = std::count_if(square.begin(), square.end(), [](const auto& p) { return p[0] == p[1]; });
  CHECK(diagonal < 10);
  // Fewer points than values: one in each stratum of ten values, and not always at its beginning.
  const auto few = drawn(SampleKind::latin_hypercube, 10, 1, {100});
  std::set<std::size_t> strata, offsets;
  for (const auto& point : few) {
    strata.insert(point[0] / 10);
    offsets.insert(point[0] % 10);
  }
  CHECK(strata.size() == 10);
  CHECK(offsets.size() > 3);
}

TEST_CASE("Sobol: each quarter of a square has a quarter of the points, and each sixteenth a sixteenth") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto points = drawn(SampleKind::sobol, 256, seed, {1024, 1024});
    for (const std::size_t parts : {2, 4, 16}) {
      std::map<Coordinates, int> boxes;
      for (const Coordinates& point : points) ++boxes[{point[0] * parts / 1024, point[1] * parts / 1024}];
      CHECK(boxes.size() == parts * parts);
      for (const auto& [box, count] : boxes) CHECK(count == 256 / static_cast<int>(parts * parts));
    }
  }
  CHECK(drawn(SampleKind::sobol, 8, 1, {1024, 1024}) != drawn(SampleKind::sobol, 8, 2, {1024, 1024}));
}

TEST_CASE("Chance is SplitMix64's, the same on every machine") {
  // The first three numbers of its reference program (https://prng.di.unimi.it/splitmix64.c) from state 0.
  CHECK(scatter(0, 0) == 0xe220a8397b1dcdaf);
  CHECK(scatter(0, 1) == 0x6e789e6aa1b965f4);
  CHECK(scatter(0, 2) == 0x06c45d188009454f);
  CHECK(share_of(0, 7) == 0);
  CHECK(share_of(~std::uint64_t{0}, 7) == 6);
  CHECK(share_of(std::uint64_t{1} << 63, 7) == 3);
}
