#include "platform/results/run_result.h"

#include "platform/config/clock_period.h"

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

std::string_view to_string(PhaseSource source) {
  return source == PhaseSource::packed ? "packed" : source == PhaseSource::policy ? "policy" : "layout";
}

void SimulationResult::add_up() {
  if (parts() != nullptr) {
    between = {};
    for (GenerationPart& part : *parts()) {
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

const std::vector<GenerationPart>* SimulationResult::parts() const {
  return generation ? &generation->parts : steps ? &steps->parts : nullptr;
}

std::vector<GenerationPart>* SimulationResult::parts() {
  return generation ? &generation->parts : steps ? &steps->parts : nullptr;
}

TokenRates SimulationResult::token_rates() const {
  TokenRates rates;
  if (!steps) return rates;
  rates.tokens_out = steps->tokens_out();
  rates.tokens_per_s = time_ps > 0 ? rates.tokens_out / static_cast<double>(time_ps) * 1e12 : 0;
  rates.first_token_ns = nanoseconds(steps->first_token_ps());
  rates.per_token_ns = steps->per_token_ps() / 1000;
  rates.energy_per_token_pj = rates.tokens_out > 0 ? energy.total_pj() / rates.tokens_out : 0;
  return rates;
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

void add_area(RunResult& result, const Scenario& scenario) {
  result.area = EnergyModel(scenario.architecture, scenario.technology, scenario.sequencing).area();
  result.dense_macros_mm2 = dense_macros_mm2(scenario.architecture, scenario.technology);
}

}  // namespace flexcim
