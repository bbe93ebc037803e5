// comparison.csv.
#pragma once

#include "platform/results/columns.h"
#include "platform/results/comparison.h"

#include <string>
#include <vector>

namespace flexcim {

inline constexpr const char* kComparisonFile = "comparison.csv";

/// Of a point; its values of the axes and its energy by component are not in the list.
const std::vector<Column<ComparisonPoint>>& comparison_columns();

/// A row per point.
std::string comparison_csv(const Comparison& comparison);

/// Fills the points of `comparison`, whose axes and number of points are known. Throws InputError naming line and
/// column for what does not fit.
void read_comparison(const std::string& path, Comparison& comparison);

}  // namespace flexcim
