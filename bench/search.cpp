// Samples and the search at equal numbers of points: how much of what all of them found together each has found, as
// the volume of objectives that its Pareto front dominates.
#include "platform/config/constraint.h"
#include "platform/estimate/shapes_estimate.h"
#include "platform/results/point_metrics.h"
#include "platform/sweep/pareto.h"
#include "platform/sweep/point_source.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

namespace flexcim {
namespace {

constexpr std::uint64_t kPoints = 400;
constexpr std::uint64_t kShown[] = {100, 200, kPoints};
constexpr int kSeeds = 3;
const char* const kKinds[] = {"random", "sobol", "search"};

/// The costs of every point, none where it is invalid or cannot run.
std::vector<Costs> costs_of_points(const std::string& file, const std::string& kind, int seed) {
  const std::string population = kind == "search" ? ", population: 32" : "";
  const Scenario scenario = load_scenario(
      file, {{"sweep.sample", fmt::format("{{kind: {}, points: {}, seed: {}{}}}", kind, kPoints, seed, population)}});
  const std::vector<Objective>& objectives = scenario.sweep->objectives;
  const auto source = make_point_source(scenario);
  PointLoader loader(scenario);
  Constraints constraints(scenario.sweep->constraints, scenario);
  std::vector<Costs> costs(source->size());
  GemmEstimates estimates;
  for (std::uint64_t i = 0; i < source->size(); ++i) {
    std::vector<double> values;
    try {
      const Scenario point = loader.load(source->at(i).changes);
      if (!constraints.broken_by(point)) {
        const PointFigures figures = point_figures(estimate_shapes(point, estimates));
        for (const Objective& objective : objectives) {
          values.push_back(metric_value(figures, metric_index(objective.metric).value()));
        }
        costs[i] = costs_of(objectives, values);
      }
    } catch (const InputError&) {
      values.clear();
    }
    source->tell(i, values);
  }
  return costs;
}

double worth(const std::vector<Costs>& costs, std::size_t points, const Costs& reference) {
  ParetoFront front;
  for (std::size_t i = 0; i < points; ++i) {
    if (!costs[i].empty()) front.add(i, costs[i]);
  }
  return hypervolume(front.members(), reference);
}

void measure(const std::string& file) {
  std::map<std::string, std::vector<std::vector<Costs>>> runs;
  std::vector<Costs> all;
  for (const char* kind : kKinds) {
    for (int seed = 1; seed <= kSeeds; ++seed) {
      runs[kind].push_back(costs_of_points(file, kind, seed));
      all.insert(all.end(), runs[kind].back().begin(), runs[kind].back().end());
    }
  }
  Costs reference;  // the worst of each objective
  for (const Costs& costs : all) {
    reference.resize(std::max(reference.size(), costs.size()));
    for (std::size_t i = 0; i < costs.size(); ++i) reference[i] = std::max(reference[i], costs[i]);
  }
  const double found = worth(all, all.size(), reference);
  fmt::print("| points |");
  for (const char* kind : kKinds) fmt::print(" {} |", kind);
  fmt::print("\n");
  std::map<std::string, double> last;
  for (const std::uint64_t points : kShown) {
    fmt::print("| {} |", points);
    for (const char* kind : kKinds) {
      double sum = 0;
      for (const auto& costs : runs[kind]) sum += worth(costs, points, reference);
      last[kind] = 100 * sum / kSeeds / found;
      fmt::print(" {:.1f} % |", last[kind]);
    }
    fmt::print("\n");
  }
  fmt::print("{{\"random_volume_pct\": {:.2f}, \"search_volume_pct\": {:.2f}}}\n", last["random"], last["search"]);
}

}  // namespace
}  // namespace flexcim

int main(int, char** arguments) { flexcim::measure(arguments[1]); }
