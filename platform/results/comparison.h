// What a comparison gives: the same scenario at every point of its axes.
#pragma once

#include "platform/results/point_figures.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

struct ComparisonAxis {
  std::string name;
  std::vector<std::string> values;
  std::optional<std::size_t> reference;  ///< the value that results are related to
};

struct ComparisonPoint : PointFigures {
  std::vector<std::size_t> at;                        ///< a value of every axis
  std::optional<double> time_ratio = std::nullopt;    ///< time over that of the reference, where an axis has one
  std::optional<double> energy_ratio = std::nullopt;  ///< likewise
};

struct Comparison {
  std::vector<ComparisonAxis> axes;     ///< at most one has a reference
  std::vector<ComparisonPoint> points;  ///< every combination of values, the last axis's changing first

  /// How many points the axes have, and the values of one of them.
  std::size_t size() const;
  std::vector<std::size_t> values_at(std::size_t point) const;
  /// The axis with the reference.
  std::optional<std::size_t> related_axis() const;
  /// Fills the ratios of all points.
  void relate();
};

/// A table of geometric means over the points: a row for each value of the related axis, a column for each combination
/// of the last axes behind it, of at most six; the extremes below. Empty without a related axis.
std::string comparison_report(const Comparison& comparison);

}  // namespace flexcim
