#include "platform/estimate/shapes_estimate.h"

#include "flow/base/error.h"
#include "flow/base/parallel.h"
#include "flow/map/nearest_pattern.h"
#include "platform/config/data_files.h"
#include "platform/energy/energy_model.h"
#include "platform/estimate/gemm_price.h"
#include "platform/estimate/host_part.h"
#include "platform/estimate/step_plan.h"
#include "platform/estimate/time_span.h"
#include "platform/program/layer_figures.h"
#include "platform/results/point_metrics.h"

#include <fmt/format.h>
#include <map>
#include <utility>

namespace flexcim {
namespace {

GemmShape gemm_of(const Scenario& scenario, const ShapedLinear& linear) {
  const auto& work = std::get<ShapesWorkload>(scenario.workload);
  return {linear.tokens,
          linear.shape.out,
          linear.shape.in,
          linear.pattern,
          phases_of(work.patterns.policy, scenario.architecture.macro),
          linear.weight_bits,
          work.outputs == OutputType::int8};
}

/// `run` as often as `times` says; the activity stays that of one run.
LayerResult repeated(LayerResult run, std::uint64_t times) {
  if (run.energy.total() > kMostEnergy / static_cast<Femtojoules>(times)) {
    throw InputError(fmt::format("{} takes more than 1 kJ in {} runs", run.name, times));
  }
  run.tokens *= static_cast<int>(times);
  run.cycles *= times;
  run.stall_cycles *= times;
  run.macs_executed *= times;
  run.dram_bytes *= times;
  run.energy *= static_cast<Femtojoules>(times);
  return run;
}

/// One run, without what its name says.
LayerResult layer_of(const Scenario& scenario, const EnergyModel& energy, const ShapedLinear& linear,
                     const GemmEstimate& estimate) {
  const Architecture& architecture = scenario.architecture;
  LayerResult layer;
  layer.tokens = linear.tokens;
  layer.out = linear.shape.out;
  layer.in = linear.shape.in;
  layer.pattern = linear.pattern;
  layer.runs_as = nearest_pattern(architecture.macro, linear.pattern);
  layer.weight_bits = linear.weight_bits;
  set_counts(layer, architecture, estimate.gemm, estimate.cycles);
  GemmPrice price = price_gemm(architecture, energy, estimate);
  layer.activity = price.activity;
  layer.dram_bytes = price.dram_bytes;
  layer.energy = std::move(price.energy);
  layer.match = true;  // nothing has been computed that could differ
  return layer;
}

/// The `part`-th of `parts` nearly equal ones that add up to `whole`.
std::int64_t share(std::int64_t whole, std::int64_t part, std::int64_t parts) {
  const auto up_to = [&](std::int64_t i) { return whole / parts * i + whole % parts * i / parts; };
  return up_to(part + 1) - up_to(part);
}

/// A window per pass, of a single one per layer; several alike where there is so much energy that power times time
/// would not give every femtojoule again.
PowerRows power_rows(const SimulationResult& simulation, const ClockPeriod& clock) {
  constexpr Femtojoules kMost = 250'000'000'000'000;  // 0.25 J: some bits less than a double has
  std::vector<PowerWindow> windows;
  std::int64_t now_ps = 0;
  const auto add = [&](std::int64_t length_ps, const EnergyReport& report) {
    const EnergyByComponent energy = report.by_component();
    const std::int64_t parts = report.total() / kMost + 1;
    for (std::int64_t part = 0; part < parts; ++part) {
      PowerWindow& window = windows.emplace_back();
      window.start_ns = nanoseconds(now_ps);
      now_ps += share(length_ps, part, parts);
      window.end_ns = nanoseconds(now_ps);
      for (std::size_t i = 0; i < kComponents; ++i) window.energy[i] = share(energy[i], part, parts);
    }
  };
  if (simulation.steps) {
    for (const GenerationPart& part : simulation.steps->parts) add(part.time.total_ps(), part.energy);
  } else {
    for (const LayerResult& layer : simulation.layers) add(clock.of(layer.cycles), layer.energy);
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

/// `body`, with the place of a key in front of the InputError that it throws.
template <class Body>
auto at_place(const std::string& place, const Body& body) {
  try {
    return body();
  } catch (const InputError& error) {
    throw InputError(place + ": " + error.what());
  }
}

/// One scenario, pass by pass.
class ShapesEstimate {
 public:
  ShapesEstimate(const Scenario& scenario, GemmEstimates& estimates)
      : scenario_(scenario),
        estimates_(estimates),
        workload_(scenario.place("workload")),
        accelerator_(accelerator_text(scenario.architecture, scenario.sequencing)),
        clock_(scenario.architecture.clock()),
        energy_(scenario.architecture, scenario.technology, scenario.sequencing) {
    simulation_.fidelity = Fidelity::estimate;
  }

  RunResult run() {
    RunResult run;
    const StepPlan plan = plan_steps(scenario_);
    run.selection = plan.selection;
    run.area = energy_.area();
    run.dense_macros_mm2 = dense_macros_mm2(scenario_.architecture, scenario_.technology);
    for (const Pass& pass : plan.passes) add_pass(pass);
    simulation_.add_up();
    if (simulation_.energy.total() > kMostEnergy) throw InputError(workload_ + ": takes more than 1 kJ in all");
    simulation_.power = power_rows(simulation_, clock_);
    run.simulations.push_back(std::move(simulation_));
    return run;
  }

 private:
  void add_pass(const Pass& pass) {
    const std::int64_t start_ps = simulation_.time_ps;
    std::int64_t memory_ps = 0;
    for (const ShapedLinear& linear : pass.linears) {
      add_layer(pass, linear);
      memory_ps += clock_.of(simulation_.layers.back().stall_cycles);
    }
    if (pass.name.empty()) return;
    GenerationPart part;
    at_place(workload_, [&] {
      part = host_part(scenario_, energy_, pass);
      part.time.memory_ps = memory_ps;
      part.time.gemm_ps = simulation_.time_ps - start_ps - memory_ps;
      simulation_.time_ps = later(simulation_.time_ps, static_cast<double>(part.time.host_ps()));
    });
    if (!simulation_.steps) simulation_.steps.emplace();
    simulation_.steps->parts.push_back(std::move(part));
    simulation_.steps->passes.push_back(pass.figures);
  }

  void add_layer(const Pass& pass, const ShapedLinear& linear) {
    const std::uint64_t times = pass.figures.times();
    LayerResult layer = one_like(linear);
    layer.phases_from = phases_from(scenario_, layer.runs_as, linear.shape.name, PhaseSource::policy);
    layer.name = (pass.name.empty() ? "" : pass.name + "/") + linear.shape.name;
    layer.start_ps = simulation_.time_ps;
    at_place(workload_, [&] {
      simulation_.time_ps = later(simulation_.time_ps, static_cast<double>(layer.cycles) * static_cast<double>(times) *
                                                           static_cast<double>(clock_.ps()));
      simulation_.layers.push_back(repeated(std::move(layer), times));
    });
    simulation_.cycles += simulation_.layers.back().cycles;
  }

  /// What all linears alike have in common.
  const LayerResult& one_like(const ShapedLinear& linear) {
    const GemmShape gemm = gemm_of(scenario_, linear);
    if (const auto known = priced_.find(gemm); known != priced_.end()) return known->second;
    const GemmEstimate estimate = at_place(scenario_.place("architecture"), [&] {
      return estimates_.of(scenario_.architecture, scenario_.sequencing, accelerator_, gemm);
    });
    return priced_.emplace(gemm, layer_of(scenario_, energy_, linear, estimate)).first->second;
  }

  const Scenario& scenario_;
  GemmEstimates& estimates_;
  const std::string workload_;  ///< its place
  const std::string accelerator_;
  const ClockPeriod clock_;
  const EnergyModel energy_;
  std::map<GemmShape, LayerResult> priced_;
  SimulationResult simulation_;
};

RunResult estimate_alone(const Scenario& scenario, GemmEstimates& estimates) {
  return ShapesEstimate(scenario, estimates).run();
}

Comparison estimate_points(const Scenario& scenario, GemmEstimates& estimates) {
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
        throw InputError(
            fmt::format("{}, {}: {}", scenario.place("compare"), name_of(scenario.compare, at), error.what()));
      }
    }
  });
  comparison.relate();
  return comparison;
}

}  // namespace

RunResult estimate_shapes(const Scenario& scenario, GemmEstimates& estimates) {
  RunResult run = estimate_alone(scenario, estimates);
  if (!scenario.compare.empty()) run.comparison = estimate_points(scenario, estimates);
  return run;
}

RunResult estimate_shapes(const Scenario& scenario) {
  GemmEstimates estimates;
  return estimate_shapes(scenario, estimates);
}

}  // namespace flexcim
