// The figures of a design point, a line each: what objectives and constraints of a sweep are named by, the columns of
// its database and of comparison.csv.
#pragma once

#include "platform/results/columns.h"
#include "platform/results/point_figures.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace flexcim {

/// In the order of columns; the energies of the components come last, in the order of kComponentInfos.
const std::vector<Column<PointFigures>>& point_metrics();

/// Where the metric of that name stands in point_metrics().
std::optional<std::size_t> metric_index(std::string_view name);

/// The value of metric `index`, in its unit.
double metric_value(const PointFigures& point, std::size_t index);

/// The figures of a run's first simulation, and its area.
PointFigures point_figures(const RunResult& run);

}  // namespace flexcim
