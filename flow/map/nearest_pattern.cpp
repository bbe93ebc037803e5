#include "flow/map/nearest_pattern.h"

#include <algorithm>
#include <numeric>

namespace flexcim {

bool always_fits(Pattern inner, Pattern outer) {
  if (outer.dense()) return true;
  // Groups of both begin together every `period` weights. The worst matrix keeps as much as it may where it hurts.
  const int period = std::lcm(inner.m, outer.m);
  for (int begin = 0; begin < period; begin += outer.m) {
    const int end = begin + outer.m;
    int most = 0;
    for (int group = begin / inner.m * inner.m; group < end; group += inner.m) {
      const int shared = std::min(end, group + inner.m) - std::max(begin, group);
      most += std::min(inner.n, shared);
    }
    if (most > outer.n) return false;
  }
  return true;
}

Pattern nearest_pattern(const MacroGeometry& geometry, Pattern wanted) {
  if (geometry.patterns.empty()) return wanted;
  Pattern nearest;
  for (const Pattern each : geometry.patterns) {
    const int sparser = nearest.n * each.m - each.n * nearest.m;  // > 0: `each` keeps less
    if (sparser < 0 || (sparser == 0 && each.m >= nearest.m)) continue;
    if (always_fits(wanted, each)) nearest = each;
  }
  return nearest;
}

}  // namespace flexcim
