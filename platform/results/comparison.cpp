#include "platform/results/comparison.h"

#include "platform/results/text_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr std::size_t kMostColumns = 6;  // of a terminal's width

/// The number of points for one value of the axis before, and so the distance of neighbours along `axis`.
std::size_t stride(const std::vector<ComparisonAxis>& axes, std::size_t axis) {
  std::size_t points = 1;
  for (std::size_t i = axis + 1; i < axes.size(); ++i) points *= axes[i].values.size();
  return points;
}

struct Mean {
  double logs = 0;
  std::size_t count = 0;
  void add(double ratio) {
    logs += std::log(ratio);
    ++count;
  }
  double value() const { return std::exp(logs / static_cast<double>(count)); }
};

/// The axes whose combinations are columns: the last ones, without the related one.
std::vector<std::size_t> column_axes(const Comparison& comparison, std::size_t related) {
  std::vector<std::size_t> chosen;
  std::size_t columns = 1;
  for (std::size_t axis = comparison.axes.size(); axis-- > 0;) {
    if (axis == related) continue;
    columns *= comparison.axes[axis].values.size();
    if (columns > kMostColumns) break;
    chosen.insert(chosen.begin(), axis);
  }
  return chosen;
}

std::string label(const Comparison& comparison, const std::vector<std::size_t>& axes, const ComparisonPoint& point) {
  std::string text;
  for (const std::size_t axis : axes) {
    text += (text.empty() ? "" : ", ") + comparison.axes[axis].values[point.at[axis]];
  }
  return text.empty() ? "all" : text;
}

std::string place(const Comparison& comparison, const ComparisonPoint& point) {
  std::vector<std::size_t> all(comparison.axes.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return label(comparison, all, point);
}

}  // namespace

std::size_t Comparison::size() const {
  std::size_t product = 1;
  for (const ComparisonAxis& axis : axes) product *= axis.values.size();
  return product;
}

std::vector<std::size_t> Comparison::values_at(std::size_t point) const {
  std::vector<std::size_t> at(axes.size());
  for (std::size_t i = axes.size(); i-- > 0; point /= axes[i].values.size()) at[i] = point % axes[i].values.size();
  return at;
}

std::optional<std::size_t> Comparison::related_axis() const {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].reference) return i;
  }
  return std::nullopt;
}

void Comparison::relate() {
  const std::optional<std::size_t> related = related_axis();
  if (!related) return;
  const std::size_t step = stride(axes, *related);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const ComparisonPoint& reference = points.at(i - points[i].at[*related] * step + *axes[*related].reference * step);
    points[i].time_ratio = static_cast<double>(points[i].time_ps) / static_cast<double>(reference.time_ps);
    points[i].energy_ratio = static_cast<double>(points[i].total()) / static_cast<double>(reference.total());
  }
}

std::string comparison_report(const Comparison& comparison) {
  const std::optional<std::size_t> related = comparison.related_axis();
  if (!related) return "";
  const ComparisonAxis& axis = comparison.axes[*related];
  const std::vector<std::size_t> by = column_axes(comparison, *related);
  std::vector<std::string> labels;
  for (const ComparisonPoint& point : comparison.points) {
    const std::string text = label(comparison, by, point);
    if (std::find(labels.begin(), labels.end(), text) == labels.end()) labels.push_back(text);
  }
  std::vector<std::vector<std::array<Mean, 2>>> means(axis.values.size(),
                                                      std::vector<std::array<Mean, 2>>(labels.size()));
  for (const ComparisonPoint& point : comparison.points) {
    const auto column = std::find(labels.begin(), labels.end(), label(comparison, by, point)) - labels.begin();
    auto& cell = means[point.at[*related]][static_cast<std::size_t>(column)];
    cell[0].add(*point.time_ratio);
    cell[1].add(*point.energy_ratio);
  }
  std::vector<TextTable::Column> columns{{axis.name, Align::left}};
  for (const std::string& text : labels) columns.push_back({text, Align::right});
  TextTable table(columns);
  for (std::size_t value = 0; value < axis.values.size(); ++value) {
    std::vector<std::string> cells{axis.values[value]};
    for (const auto& cell : means[value])
      cells.push_back(fmt::format("{:.2f} / {:.2f}", cell[0].value(), cell[1].value()));
    table.add(cells);
  }
  const auto less = [](const ComparisonPoint& a, const ComparisonPoint& b) { return *a.time_ratio < *b.time_ratio; };
  const auto [least, most] = std::minmax_element(comparison.points.begin(), comparison.points.end(), less);
  return fmt::format("time / energy over those of {}, geometric means of {} points\n", axis.values[*axis.reference],
                     comparison.points.size()) +
         table.render() +
         fmt::format("least time {:.2f}: {}\nmost time {:.2f}: {}\n", *least->time_ratio, place(comparison, *least),
                     *most->time_ratio, place(comparison, *most));
}

}  // namespace flexcim
