#include "platform/sweep/pareto.h"

#include <algorithm>

namespace flexcim {
namespace {

/// Of the first `objectives` costs. The order of `points` is lost.
double volume(std::vector<const Costs*> points, std::size_t objectives, const Costs& reference) {
  if (points.empty()) return 0;
  const std::size_t last = objectives - 1;
  std::sort(points.begin(), points.end(), [last](const Costs* a, const Costs* b) { return (*a)[last] < (*b)[last]; });
  if (last == 0) return reference[0] - points.front()->front();
  double sum = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double end = i + 1 < points.size() ? (*points[i + 1])[last] : reference[last];
    const double depth = end - (*points[i])[last];
    if (depth > 0) sum += depth * volume({points.begin(), points.begin() + i + 1}, last, reference);
  }
  return sum;
}

}  // namespace

Costs costs_of(const std::vector<Objective>& objectives, const std::vector<double>& values) {
  Costs costs;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    costs.push_back(objectives[i].maximize ? -values.at(i) : values.at(i));
  }
  return costs;
}

bool dominates(const Costs& a, const Costs& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

bool ParetoFront::add(std::uint64_t point, const Costs& costs) {
  for (const Member& member : members_) {
    if (dominates(member.costs, costs)) return false;
  }
  const auto worse = [&](const Member& member) { return dominates(costs, member.costs); };
  members_.erase(std::remove_if(members_.begin(), members_.end(), worse), members_.end());
  members_.push_back({point, costs});
  return true;
}

double hypervolume(const std::vector<ParetoFront::Member>& members, const Costs& reference) {
  std::vector<const Costs*> inside;
  for (const ParetoFront::Member& member : members) {
    const auto& costs = member.costs;
    if (std::equal(costs.begin(), costs.end(), reference.begin(), std::less<>())) inside.push_back(&costs);
  }
  return volume(inside, reference.size(), reference);
}

}  // namespace flexcim
