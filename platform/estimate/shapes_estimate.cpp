#include "platform/estimate/shapes_estimate.h"

#include "flow/base/parallel.h"
#include "flow/map/nearest_pattern.h"
#include "flow/model/linear_shapes.h"
#include "flow/select/spread.h"
#include "platform/config/data_files.h"
#include "platform/config/findings.h"
#include "platform/energy/energy_model.h"
#include "platform/estimate/gemm_estimate.h"
#include "platform/results/point_metrics.h"

#include <fmt/format.h>
#include <map>
#include <mutex>
#include <tuple>

namespace flexcim {
namespace {

/// A linear and what it runs as.
struct ShapedLinear {
  LinearShape shape;
  int tokens = 1;
  Pattern pattern;
};

Selection patterns_of(const MixedPatterns& patterns, int blocks) {
  if (!patterns.uniform) return spread_patterns(blocks, patterns.sparsity, patterns.candidates, patterns.keep_dense);
  const Candidate only{patterns.uniform->n, patterns.uniform->m};
  return spread_patterns(blocks, patterns.uniform->sparsity(), {only}, patterns.keep_dense);
}

/// Estimates of equal gemms on equal accelerators, each once: a model has few shapes, and points of a comparison share
/// them. Several threads may ask.
class Estimates {
 public:
  /// `accelerator`: accelerator_text() of the scenario.
  GemmEstimate of(const Scenario& scenario, const std::string& accelerator, const ShapedLinear& linear) {
    const bool int8 = std::get<ShapesWorkload>(scenario.workload).outputs == OutputType::int8;
    const GemmShape shape{linear.tokens, linear.shape.out, linear.shape.in, linear.pattern, 1, int8};
    const Key key{accelerator, shape.tokens, shape.out, shape.in, shape.pattern.n, shape.pattern.m, int8};
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = estimates_.find(key); known != estimates_.end()) return known->second;
    }
    const GemmEstimate estimate = estimate_gemm(scenario.architecture, scenario.sequencing, shape);
    const std::lock_guard lock(mutex_);
    if (estimates_.size() == kMostKept) estimates_.clear();  // neighbouring points share most
    return estimates_.emplace(key, estimate).first->second;
  }

 private:
  static constexpr std::size_t kMostKept = 10'000;
  using Key = std::tuple<std::string, int, int, int, int, int, bool>;
  std::mutex mutex_;
  std::map<Key, GemmEstimate> estimates_;
};

/// All that an estimate takes of a scenario, but for its workload.
std::string accelerator_text(const Scenario& scenario) {
  return std::string(to_string(scenario.sequencing)) + "\n" + architecture_text(scenario.architecture);
}

LayerResult layer_of(const Scenario& scenario, const EnergyModel& energy, const ShapedLinear& linear,
                     const GemmEstimate& estimate, std::uint64_t from) {
  const ClockPeriod clock = scenario.architecture.clock();
  LayerResult layer;
  layer.name = linear.shape.name;
  layer.tokens = linear.tokens;
  layer.out = linear.shape.out;
  layer.in = linear.shape.in;
  layer.pattern = linear.pattern;
  layer.runs_as = nearest_pattern(scenario.architecture.macro, linear.pattern);
  layer.tiles = estimate.gemm.tiles;
  layer.phases = estimate.gemm.phases;
  layer.cycles = estimate.cycles;
  layer.stall_cycles = estimate.cycles - estimate.gemm.compute_cycles - estimate.gemm.load_cycles;
  layer.start_ps = clock.of(from);
  layer.macs_executed = estimate.gemm.events.macro.products;
  const Architecture& architecture = scenario.architecture;
  layer.utilization = static_cast<double>(layer.macs_executed) /
                      (static_cast<double>(layer.cycles) * architecture.macro.cells() * architecture.macros.count());
  layer.activity = activity_of(architecture, estimate);
  layer.dram_bytes = layer.activity.dram.read_bytes + layer.activity.dram.write_bytes;
  layer.energy = energy.price(layer.activity, nanoseconds(clock.of(estimate.cycles)));
  layer.match = true;  // nothing has been computed that could differ
  return layer;
}

std::vector<ShapedLinear> linears_of(const Scenario& scenario, Selection& selection) {
  const auto& work = std::get<ShapesWorkload>(scenario.workload);
  Findings findings;
  ModelShapes model;
  findings.check(scenario.place("workload.model"), [&] { model = model_shapes(work.model.string()); });
  findings.finish();
  findings.check(scenario.place("workload.patterns.sparsity"),
                 [&] { selection = patterns_of(work.patterns, model.blocks); });
  findings.finish();
  std::vector<ShapedLinear> linears;
  for (const LinearShape& shape : model.linears) {
    if (shape.block >= 0) {
      linears.push_back({shape, work.tokens, selection.chosen[static_cast<std::size_t>(shape.block)].pattern()});
    } else if (work.lm_head) {
      linears.push_back({shape, 1, Pattern{}});
    }
  }
  return linears;
}

/// A window per layer.
PowerRows power_rows(const std::vector<LayerResult>& layers, const ClockPeriod& clock) {
  std::vector<PowerWindow> windows;
  for (const LayerResult& layer : layers) {
    const std::int64_t end = layer.start_ps + clock.of(layer.cycles);
    windows.push_back({nanoseconds(layer.start_ps), nanoseconds(end), layer.energy.by_component()});
  }
  return [windows](const PowerRow& row) {
    for (const PowerWindow& window : windows) row(window);
  };
}

std::string name_of(const std::vector<CompareAxis>& axes, const std::vector<std::size_t>& at) {
  std::string text;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", axes[i].name, axes[i].values[at[i]].name);
  }
  return text;
}

RunResult estimate_alone(const Scenario& scenario, Estimates& estimates) {
  RunResult run;
  run.selection.emplace();
  const std::vector<ShapedLinear> linears = linears_of(scenario, *run.selection);
  const EnergyModel energy(scenario.architecture, scenario.technology, scenario.sequencing);
  const ClockPeriod clock = scenario.architecture.clock();
  run.area = energy.area();
  run.dense_macros_mm2 = dense_macros_mm2(scenario.architecture, scenario.technology);
  SimulationResult& simulation = run.simulations.emplace_back();
  simulation.fidelity = Fidelity::estimate;
  const std::string accelerator = accelerator_text(scenario);
  Findings findings;
  for (const ShapedLinear& linear : linears) {
    const std::size_t done = simulation.layers.size();
    findings.check(scenario.place("architecture"), [&] {
      simulation.layers.push_back(
          layer_of(scenario, energy, linear, estimates.of(scenario, accelerator, linear), simulation.cycles));
    });
    if (simulation.layers.size() == done) break;  // its shape comes again, and so would its message
    simulation.cycles += simulation.layers.back().cycles;
  }
  findings.finish();
  simulation.time_ps = clock.of(simulation.cycles);
  simulation.add_up();
  simulation.power = power_rows(simulation.layers, clock);
  return run;
}

Comparison estimate_points(const Scenario& scenario, Estimates& estimates) {
  Comparison comparison;
  for (const CompareAxis& axis : scenario.compare) {
    ComparisonAxis& shown = comparison.axes.emplace_back();
    shown.name = axis.name;
    for (const CompareValue& value : axis.values) {
      if (value.name == axis.reference) shown.reference = shown.values.size();
      shown.values.push_back(value.name);
    }
  }
  comparison.points.resize(comparison.size());
  constexpr std::size_t kPiece = 32;
  parallel_for(0, comparison.points.size(), kPiece, [&](std::size_t begin, std::size_t end) {
    PointLoader loader(scenario);
    for (std::size_t i = begin; i < end; ++i) {
      const std::vector<std::size_t> at = comparison.values_at(i);
      try {
        const Scenario point = loader.load(changes_at(scenario.compare, at));
        comparison.points[i] = {point_figures(estimate_alone(point, estimates)), at};
      } catch (const InputError& error) {
        throw InputError(fmt::format("compare, {}: {}", name_of(scenario.compare, at), error.what()));
      }
    }
  });
  comparison.relate();
  return comparison;
}

}  // namespace

RunResult estimate_shapes(const Scenario& scenario) {
  Estimates estimates;
  RunResult run = estimate_alone(scenario, estimates);
  if (!scenario.compare.empty()) run.comparison = estimate_points(scenario, estimates);
  return run;
}

}  // namespace flexcim
