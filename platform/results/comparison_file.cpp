#include "platform/results/comparison_file.h"

#include "flow/base/error.h"
#include "platform/results/csv_reader.h"
#include "platform/results/energy_file.h"
#include "platform/results/window_files.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

/// Of comparison_columns().
enum Figures : std::size_t {
  kCycles,
  kStall,
  kTime,
  kTimeRatio,
  kEnergy,
  kEnergyRatio,
  kDense,
  kExecuted,
  kUtilization,
  kDram,
  kArea,
  kFigures
};

std::string header(const Comparison& comparison) {
  std::string text;
  for (const ComparisonAxis& axis : comparison.axes) text += (text.empty() ? "" : ",") + csv_text(axis.name);
  return text + csv_header(comparison_columns()) + component_columns("pj");
}

std::string row(const Comparison& comparison, const ComparisonPoint& point) {
  std::string text;
  for (std::size_t i = 0; i < comparison.axes.size(); ++i) {
    text += (i == 0 ? "" : ",") + csv_text(comparison.axes[i].values[point.at[i]]);
  }
  text += csv_row(comparison_columns(), point);
  for (const Femtojoules energy : point.energy) text += "," + picojoules_text(energy);
  return text;
}

/// Where the point stands is known; a row of another one is found when it is compared.
ComparisonPoint read_point(const CsvReader& reader, std::size_t first) {
  ComparisonPoint point;
  const auto number = [&](std::size_t figure) { return reader.number(first + figure); };
  const auto count = [&](std::size_t figure) {
    const double value = number(figure);
    if (value < 0 || value > 1e18) reader.fail(first + figure, "is no count");
    return static_cast<std::uint64_t>(value);
  };
  point.cycles = count(kCycles);
  point.stall_cycles = count(kStall);
  point.time_ps = std::llround(number(kTime) * 1000);
  point.macs_dense = count(kDense);
  point.macs_executed = count(kExecuted);
  point.utilization = number(kUtilization);
  point.dram_bytes = count(kDram);
  point.area_mm2 = number(kArea);
  Femtojoules left = kMostEnergy;
  for (std::size_t i = 0; i < kComponents; ++i) {
    point.energy[i] = energy_of(reader, first + kFigures + i, number(kFigures + i), left);
  }
  return point;
}

}  // namespace

const std::vector<Column<ComparisonPoint>>& comparison_columns() {
  using P = ComparisonPoint;
  using V = ColumnValue;
  static const std::vector<Column<P>> columns = {
      {"cycles", "cycles", "of the accelerator, all linears", [](const P& p) -> V { return p.cycles; }},
      {"stall_cycles", "cycles", "of those, neither computing nor loading cells",
       [](const P& p) -> V { return p.stall_cycles; }},
      {"time_ns", "ns", "of those cycles", [](const P& p) -> V { return static_cast<double>(p.time_ps) / 1000; }},
      {"time_ratio", "", "that time over the one of the axis's reference; 0 without one",
       [](const P& p) -> V { return p.time_ratio.value_or(0); }, nullptr, 6},
      {"energy_pj", "pJ", "of everything", [](const P& p) -> V { return picojoules(p.total()); }, nullptr, 3},
      {"energy_ratio", "", "likewise", [](const P& p) -> V { return p.energy_ratio.value_or(0); }, nullptr, 6},
      {"macs_dense", "", "as of a layer, summed up", [](const P& p) -> V { return p.macs_dense; }},
      {"macs_executed", "", "likewise", [](const P& p) -> V { return p.macs_executed; }},
      {"utilization", "", "of the layers, weighted by cycles", [](const P& p) -> V { return p.utilization; }, nullptr,
       6},
      {"dram_bytes", "bytes", "read and written", [](const P& p) -> V { return p.dram_bytes; }},
      {"area_mm2", "mm²", "of macros and buffers", [](const P& p) -> V { return p.area_mm2; }, nullptr, 6},
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
