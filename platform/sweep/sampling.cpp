#include "platform/sweep/sampling.h"

#include "platform/sweep/shuffle.h"

#include <algorithm>
#include <boost/random/sobol.hpp>
#include <stdexcept>

namespace flexcim {
namespace {

Sampling latin_hypercube(std::uint64_t points, std::uint64_t seed, const std::vector<std::size_t>& sizes) {
  return [=](std::uint64_t point) {
    Coordinates at;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
      const std::uint64_t own = scatter(seed, axis);
      const std::uint64_t stratum = Shuffle(points, own)(point);
      const double within = static_cast<double>(scatter(own, stratum) >> 32) / 0x1p32;
      const double size = static_cast<double>(sizes[axis]);
      const double value = (static_cast<double>(stratum) + within) * size / static_cast<double>(points);
      at.push_back(std::min(static_cast<std::size_t>(value), sizes[axis] - 1));
    }
    return at;
  };
}

Sampling sobol(std::uint64_t seed, const std::vector<std::size_t>& sizes) {
  return [=, first = boost::random::sobol(sizes.size())](std::uint64_t point) {
    boost::random::sobol sequence = first;  // without the origin, with which the sequence is balanced
    if (point > 0) sequence.seed(point - 1);
    Coordinates at;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
      const std::uint64_t coordinate = point == 0 ? 0 : sequence();
      at.push_back(share_of(coordinate ^ scatter(seed, axis), sizes[axis]));
    }
    return at;
  };
}

}  // namespace

Coordinates grid_point(std::uint64_t number, const std::vector<std::size_t>& sizes) {
  Coordinates at(sizes.size());
  for (std::size_t axis = sizes.size(); axis-- > 0; number /= sizes[axis]) at[axis] = number % sizes[axis];
  return at;
}

std::uint64_t grid_number(const Coordinates& point, const std::vector<std::size_t>& sizes) {
  std::uint64_t number = 0;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) number = number * sizes[axis] + point[axis];
  return number;
}

Sampling make_sampling(const SampleSpec& sample, const std::vector<std::size_t>& sizes) {
  switch (sample.kind) {
    case SampleKind::grid:
      return [sizes](std::uint64_t point) { return grid_point(point, sizes); };
    case SampleKind::random: {
      std::uint64_t grid = 1;
      for (const std::size_t size : sizes) grid *= size;
      return
          [order = Shuffle(grid, sample.seed), sizes](std::uint64_t point) { return grid_point(order(point), sizes); };
    }
    case SampleKind::latin_hypercube:
      return latin_hypercube(sample.points, sample.seed, sizes);
    case SampleKind::sobol:
      return sobol(sample.seed, sizes);
    case SampleKind::search:
      break;
  }
  throw std::invalid_argument("a search is no sampling");
}

}  // namespace flexcim
