// comparison.csv.
#pragma once

#include "platform/results/columns.h"
#include "platform/results/comparison.h"

#include <string>
#include <vector>

namespace flexcim {

inline constexpr const char* kComparisonFile = "comparison.csv";

/// What a point of a comparison has behind its values of the axes and its point_metrics().
const std::vector<Column<ComparisonPoint>>& ratio_columns();

/// A row per point.
std::string comparison_csv(const Comparison& comparison);

/// Fills the points of `comparison`, whose axes and number of points are known. Throws InputError naming line and
/// column for what does not fit.
void read_comparison(const std::string& path, Comparison& comparison);

}  // namespace flexcim
