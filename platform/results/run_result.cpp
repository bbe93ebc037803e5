#include "platform/results/run_result.h"

#include <algorithm>
#include <numeric>

namespace flexcim {
namespace {

template <class Get>
auto sum(const std::vector<LayerResult>& layers, Get get) {
  return std::accumulate(layers.begin(), layers.end(), decltype(get(layers[0])){},
                         [&](auto total, const LayerResult& layer) { return total + get(layer); });
}

}  // namespace

void SimulationResult::add_up() {
  if (generation) {
    between = {};
    for (GenerationPart& part : generation->parts) {
      part.gemms = {};
      for (const LayerResult& layer : layers) {
        if (layer.part() == part.name) part.gemms += layer.energy;
      }
      part.energy = part.gemms;
      for (const OperatorResult& work : part.operators) {
        part.energy += work.energy;
        between += work.energy;
      }
      part.energy += part.driver;
      between += part.driver;
    }
  }
  energy = {};
  for (const LayerResult& layer : layers) energy += layer.energy;
  energy += between;
}

bool SimulationResult::match() const {
  if (generation && !generation->match()) return false;
  if (firmware && firmware->text && !firmware->text->match()) return false;
  return std::all_of(layers.begin(), layers.end(), [](const LayerResult& layer) { return layer.match; });
}

std::uint64_t SimulationResult::macs_dense() const {
  return sum(layers, [](const LayerResult& layer) { return layer.macs_dense(); });
}

std::uint64_t SimulationResult::macs_executed() const {
  return sum(layers, [](const LayerResult& layer) { return layer.macs_executed; });
}

double SimulationResult::utilization() const {
  const auto cycles_of = [](const LayerResult& layer) { return static_cast<double>(layer.cycles); };
  const double total = sum(layers, cycles_of);
  const double used = sum(layers, [&](const LayerResult& layer) { return layer.utilization * cycles_of(layer); });
  return total > 0 ? used / total : 0;
}

bool RunResult::match() const {
  return !simulations.empty() && std::all_of(simulations.begin(), simulations.end(),
                                             [](const SimulationResult& simulation) { return simulation.match(); });
}

}  // namespace flexcim
