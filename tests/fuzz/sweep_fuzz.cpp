// A scenario with a sweep or a comparison: its axes, and the scenarios of its first and last points.
#include "platform/config/scenario.h"
#include "tests/fuzz/target.h"
#include "tests/platform/temp_folder.h"

using namespace flexcim;

namespace {

/// All axes at the first value, then at the last one.
std::vector<std::vector<Override>> two_points(const std::vector<CompareAxis>& axes) {
  std::vector<std::size_t> first(axes.size(), 0), last;
  for (const CompareAxis& axis : axes) last.push_back(axis.values.size() - 1);
  return {changes_at(axes, first), changes_at(axes, last)};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder folder;
  const std::string file = folder.write("q.yaml", std::string(fuzz::text_of(data, size)));
  Scenario scenario;
  if (!fuzz::takes("q.yaml", [&] { scenario = load_scenario(file, {}); })) return 0;
  std::vector<CompareAxis> axes = scenario.compare;
  if (scenario.sweep) {
    if (scenario.sweep->grid_size() == 0) fuzz::finding("a sweep without a point");
    for (const SweepAxis& axis : scenario.sweep->axes) axes.insert(axes.end(), axis.parts.begin(), axis.parts.end());
  }
  if (axes.empty()) return 0;
  PointLoader loader(scenario);
  for (const std::vector<Override>& changes : two_points(axes)) {
    fuzz::takes("", [&] { effective_yaml(loader.load(changes)); });
  }
  return 0;
}
