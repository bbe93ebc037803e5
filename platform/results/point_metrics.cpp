#include "platform/results/point_metrics.h"

#include "platform/config/clock_period.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace flexcim {
namespace {

using P = PointFigures;
using V = ColumnValue;

/// Joules times seconds.
double energy_delay(const P& point) {
  return static_cast<double>(point.total()) * 1e-15 * static_cast<double>(point.time_ps) * 1e-12;
}

double energy_per_token(const P& point) {
  return point.tokens_out > 0 ? picojoules(point.total()) / point.tokens_out : 0;
}

template <std::size_t... i>
std::vector<Column<P>> component_metrics(std::index_sequence<i...>) {
  static const std::array<std::string, kComponents> names{std::string(kComponentInfos[i].name) + "_pj" ...};
  return {Column<P>{names[i], "pJ", kComponentInfos[i].description,
                    [](const P& p) -> V { return ColumnEnergy{p.energy[i]}; }}...};
}

std::vector<Column<P>> make_metrics() {
  std::vector<Column<P>> metrics = {
      {"cycles", "cycles", "of the accelerator, all linears", [](const P& p) -> V { return p.cycles; }},
      {"stall_cycles", "cycles", "of those, neither computing nor loading cells",
       [](const P& p) -> V { return p.stall_cycles; }},
      {"time_ns", "ns",
       "of shapes, of those cycles, in steps with the host's; otherwise from reset to the last completion",
       [](const P& p) -> V { return nanoseconds(p.time_ps); }},
      {"tokens_per_s", "tokens/s",
       "that pass through all linears; of a generation, of its decode; of steps, that they give; 0 of firmware's own",
       [](const P& p) -> V { return p.tokens_per_s; }},
      {"tokens_out", "tokens", "that the requests of steps give, on average; 0 without steps, as in the next three",
       [](const P& p) -> V { return p.tokens_out; }},
      {"first_token_ns", "ns", "until every request of the first step with a prefill has its first token",
       [](const P& p) -> V { return p.first_token_ns; }},
      {"per_token_ns", "ns", "from a token of a request to its next in steps that decode or verify, on average",
       [](const P& p) -> V { return p.per_token_ns; }},
      {"energy_per_token_pj", "pJ", "energy over tokens_out", [](const P& p) -> V { return energy_per_token(p); }},
      {"energy_pj", "pJ", "of everything", [](const P& p) -> V { return ColumnEnergy{p.total()}; }},
      {"edp", "J·s", "that energy times that time", [](const P& p) -> V { return energy_delay(p); }},
      {"macs_dense", "", "as of a layer, summed up", [](const P& p) -> V { return p.macs_dense; }},
      {"macs_executed", "", "likewise", [](const P& p) -> V { return p.macs_executed; }},
      {"utilization", "", "of the layers, weighted by cycles", [](const P& p) -> V { return p.utilization; }, nullptr,
       6},
      {"dram_bytes", "bytes", "read and written", [](const P& p) -> V { return p.dram_bytes; }},
      {"area_mm2", "mm²", "of macros and buffers", [](const P& p) -> V { return p.area_mm2; }, nullptr, 6},
  };
  const std::vector<Column<P>> components = component_metrics(std::make_index_sequence<kComponents>());
  metrics.insert(metrics.end(), components.begin(), components.end());
  return metrics;
}

double tokens_per_second(const SimulationResult& simulation) {
  if (simulation.steps) return simulation.token_rates().tokens_per_s;
  if (simulation.generation) return simulation.generation->parts.back().tokens_per_second();
  int tokens = 0;
  for (const LayerResult& layer : simulation.layers) tokens = std::max(tokens, layer.tokens);
  return simulation.time_ps > 0 ? tokens / static_cast<double>(simulation.time_ps) * 1e12 : 0;
}

}  // namespace

const std::vector<Column<P>>& point_metrics() {
  static const std::vector<Column<P>> metrics = make_metrics();
  return metrics;
}

std::optional<std::size_t> metric_index(std::string_view name) {
  const auto& metrics = point_metrics();
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const auto& each) { return each.name == name; });
  if (found == metrics.end()) return std::nullopt;
  return static_cast<std::size_t>(found - metrics.begin());
}

double metric_value(const P& point, std::size_t index) {
  const V value = point_metrics().at(index).get(point);
  if (const auto* count = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*count);
  if (const auto* energy = std::get_if<ColumnEnergy>(&value)) return picojoules(energy->femtojoules);
  return std::get<double>(value);
}

P point_figures(const RunResult& run) {
  const SimulationResult& simulation = run.simulations.front();
  P point;
  point.cycles = simulation.cycles;
  point.time_ps = simulation.time_ps;
  point.tokens_per_s = tokens_per_second(simulation);
  if (simulation.steps) {
    const TokenRates rates = simulation.token_rates();
    point.tokens_out = rates.tokens_out;
    point.first_token_ns = rates.first_token_ns;
    point.per_token_ns = rates.per_token_ns;
  }
  point.energy = simulation.energy.by_component();
  point.macs_dense = simulation.macs_dense();
  point.macs_executed = simulation.macs_executed();
  point.utilization = simulation.utilization();
  point.area_mm2 = area_mm2(run.area);
  for (const LayerResult& layer : simulation.layers) {
    point.stall_cycles += layer.stall_cycles;
    point.dram_bytes += layer.dram_bytes;
  }
  return point;
}

}  // namespace flexcim
