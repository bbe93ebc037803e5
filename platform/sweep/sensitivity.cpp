#include "platform/sweep/sensitivity.h"

#include <cmath>

namespace flexcim {

void Sensitivity::Moments::add(double value) {
  ++count;
  const double before = value - mean;
  mean += before / static_cast<double>(count);
  squares += before * (value - mean);
}

Sensitivity::Sensitivity(const std::vector<std::size_t>& levels, bool logarithm) : logarithm_(logarithm) {
  for (const std::size_t count : levels) axes_.emplace_back(count);
}

void Sensitivity::add(const std::vector<std::size_t>& at, double metric) {
  const double value = logarithm_ ? std::log(metric) : metric;
  all_.add(value);
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) axes_[axis].at(at.at(axis)).add(value);
}

std::vector<MainEffect> Sensitivity::effects() const {
  std::vector<MainEffect> effects;
  for (const std::vector<Moments>& axis : axes_) {
    MainEffect& effect = effects.emplace_back();
    double between = 0;
    for (const Moments& level : axis) {
      const double distance = level.mean - all_.mean;
      if (level.count > 0) between += static_cast<double>(level.count) * distance * distance;
      effect.levels.push_back({level.count, logarithm_ && level.count > 0 ? std::exp(level.mean) : level.mean});
    }
    if (all_.squares > 0) effect.share = between / all_.squares;
  }
  return effects;
}

}  // namespace flexcim
