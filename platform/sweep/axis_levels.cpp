#include "platform/sweep/axis_levels.h"

#include <algorithm>

namespace flexcim {

std::unordered_map<std::string, std::size_t> AxisLevels::places() const {
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < values.size(); ++i) places.emplace(values[i], i);
  return places;
}

AxisLevels axis_levels(std::vector<AxisValue> values) {
  AxisLevels axis;
  axis.numbers = std::all_of(values.begin(), values.end(), [](const AxisValue& value) { return value.is_number; });
  if (axis.numbers) {
    std::sort(values.begin(), values.end(), [](const AxisValue& a, const AxisValue& b) { return a.number < b.number; });
  }
  const std::size_t levels = axis.numbers ? std::min(values.size(), kMostLevels) : values.size();
  std::vector<std::size_t> first;  // value of each level
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t level = i * levels / values.size();
    if (level == first.size()) first.push_back(i);
    axis.level_of.push_back(level);
    axis.values.push_back(std::move(values[i].text));
  }
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t last = (level + 1 < levels ? first[level + 1] : axis.values.size()) - 1;
    const std::string& name = axis.values[first[level]];
    axis.levels.push_back(last == first[level] ? name : name + " to " + axis.values[last]);
  }
  return axis;
}

}  // namespace flexcim
