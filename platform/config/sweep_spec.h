// The key `sweep` of a scenario: which design points, and what makes one better than another (docs/sweeps.md).
#pragma once

#include "platform/config/compare_axis.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// One dimension of the space of points: an axis, or several whose values go together, one with one. Each is a column
/// of the results.
struct SweepAxis {
  std::vector<CompareAxis> parts;  ///< at least one, all with as many values

  std::size_t size() const { return parts.front().values.size(); }
};

/// What is best: least or most of a metric (platform/results/point_metrics.h).
struct Objective {
  std::string metric;
  bool maximize = false;
};

/// Which points of the space of all axes.
enum class SampleKind { grid, random, latin_hypercube, sobol, search };
std::string_view to_string(SampleKind kind);

struct SampleSpec {
  SampleKind kind = SampleKind::grid;
  std::uint64_t points = 0;  ///< in all; of a grid 0: all that there are
  std::uint64_t seed = 1;
  std::uint64_t population = 64;  ///< of a search, points of a generation
};

struct SweepSpec {
  std::vector<SweepAxis> axes;  ///< at least one
  SampleSpec sample;
  std::vector<std::string> constraints;  ///< expressions over keys; a point that breaks one is invalid
  std::vector<Objective> objectives;     ///< at least one

  /// Points of the space: of the grid of all axes. At most most_grid.
  std::uint64_t grid_size() const;
  static constexpr std::uint64_t most_grid = std::uint64_t{1} << 60;
};

}  // namespace flexcim
