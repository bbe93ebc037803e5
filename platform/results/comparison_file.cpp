#include "platform/results/comparison_file.h"

#include "flow/base/error.h"
#include "platform/results/csv_reader.h"
#include "platform/results/energy_file.h"
#include "platform/results/point_metrics.h"

#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

std::string header(const Comparison& comparison) {
  std::string text;
  for (const ComparisonAxis& axis : comparison.axes) text += (text.empty() ? "" : ",") + csv_text(axis.name);
  return text + csv_header(point_metrics()) + csv_header(ratio_columns());
}

std::string row(const Comparison& comparison, const ComparisonPoint& point) {
  std::string text;
  for (std::size_t i = 0; i < comparison.axes.size(); ++i) {
    text += (i == 0 ? "" : ",") + csv_text(comparison.axes[i].values[point.at[i]]);
  }
  return text + csv_row(point_metrics(), static_cast<const PointFigures&>(point)) + csv_row(ratio_columns(), point);
}

/// Where the point stands is known; a row of another one is found when it is compared.
ComparisonPoint read_point(const CsvReader& reader, std::size_t first) {
  ComparisonPoint point;
  const auto column = [&](std::string_view metric) { return first + metric_index(metric).value(); };
  const auto number = [&](std::string_view metric) { return reader.number(column(metric)); };
  const auto count = [&](std::string_view metric) {
    const double value = number(metric);
    if (value < 0 || value > 1e18) reader.fail(column(metric), "is no count");
    return static_cast<std::uint64_t>(value);
  };
  point.cycles = count("cycles");
  point.stall_cycles = count("stall_cycles");
  point.time_ps = std::llround(number("time_ns") * 1000);
  point.tokens_per_s = number("tokens_per_s");
  point.tokens_out = number("tokens_out");
  point.first_token_ns = number("first_token_ns");
  point.per_token_ns = number("per_token_ns");
  point.macs_dense = count("macs_dense");
  point.macs_executed = count("macs_executed");
  point.utilization = number("utilization");
  point.dram_bytes = count("dram_bytes");
  point.area_mm2 = number("area_mm2");
  Femtojoules left = kMostEnergy;
  const std::size_t components = first + point_metrics().size() - kComponents;
  for (std::size_t i = components; i < components + kComponents; ++i) {
    point.energy[i - components] = energy_of(reader, i, left);
  }
  return point;
}

}  // namespace

const std::vector<Column<ComparisonPoint>>& ratio_columns() {
  using P = ComparisonPoint;
  using V = ColumnValue;
  static const std::vector<Column<P>> columns = {
      {"time_ratio", "", "the time over that of the axis's reference; 0 without one",
       [](const P& p) -> V { return p.time_ratio.value_or(0); }, nullptr, 6},
      {"energy_ratio", "", "likewise the energy", [](const P& p) -> V { return p.energy_ratio.value_or(0); }, nullptr,
       6},
  };
  return columns;
}

std::string comparison_csv(const Comparison& comparison) {
  std::string text = header(comparison) + "\n";
  for (const ComparisonPoint& point : comparison.points) text += row(comparison, point) + "\n";
  return text;
}

void read_comparison(const std::string& path, Comparison& comparison) {
  CsvReader reader(path, header(comparison));
  for (ComparisonPoint& point : comparison.points) {
    if (!reader.next()) throw InputError(fmt::format("{}: has fewer than {} points", path, comparison.points.size()));
    std::vector<std::size_t> at = std::move(point.at);
    point = read_point(reader, comparison.axes.size());
    point.at = std::move(at);
  }
  comparison.relate();
  require_csv(path, comparison_csv(comparison));
}

}  // namespace flexcim
