// The fidelity contract (docs/architecture.md §10): the same GEMM on the SoC with the fast engine and with pin-accurate
// macros gives equal outputs, equal accelerator cycles and equal event counts, and both give the golden sums.
#include "flow/base/error.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/default_architecture.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/temp_folder.h"
#include "tlm/fabric/picoseconds.h"

#include <systemc>

#include <catch2/catch.hpp>
#include <memory>

using namespace flexcim;

namespace {

GemmJob random_job(std::mt19937& random, Pattern pattern, int tokens, int out, int in, int window) {
  return {test::random_linear(random, pattern, out, in, window), test::random_activations(random, tokens, in)};
}

/// The published architecture at 28 nm; the jobs take the place of the workload.
Scenario published() {
  const TempFolder folder;
  const auto file = folder.write(
      "small.yaml", "{name: small, fidelity: tlm, workload: {kind: gemm, weights: w, activations: x, pattern: dense}}");
  return load_scenario(file, {});
}

}  // namespace

TEST_CASE("the seven patterns, shapes that divide the tile and shapes that do not") {
  std::mt19937 random(11);
  std::vector<GemmJob> jobs;
  for (Pattern pattern :
       {Pattern{}, Pattern{1, 2}, Pattern{1, 4}, Pattern{2, 4}, Pattern{1, 8}, Pattern{2, 8}, Pattern{4, 8}}) {
    jobs.push_back(random_job(random, pattern, 3, 32, 256, 1));
    jobs.push_back(random_job(random, pattern, 2, 37, 301, 0));
    jobs.push_back(random_job(random, pattern, 1, 5, 7, 1));
  }
  std::vector<const GemmJob*> all;
  for (const GemmJob& job : jobs) all.push_back(&job);
  const Scenario scenario = published();
  const GemmSimulation tlm("tlm", scenario, Fidelity::tlm, all);
  const GemmSimulation rtl("rtl", scenario, Fidelity::rtl, all);
  sc_core::sc_start();

  const SimulationResult at_tlm = tlm.result(), at_rtl = rtl.result();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const LayerResult &a = at_tlm.layers[i], &b = at_rtl.layers[i];
    INFO("job " << i << ": " << to_string(a.pattern) << " " << a.tokens << "x" << a.out << "x" << a.in);
    CHECK(a.mismatch == "");
    CHECK(b.mismatch == "");
    CHECK(a.output == b.output);
    CHECK(a.cycles == b.cycles);
    CHECK(a.start_ps == b.start_ps);
    CHECK(a.activity.macro == b.activity.macro);
    CHECK(a.tiles == b.tiles);
    CHECK(a.phases == b.phases);
  }
  CHECK(at_tlm.time_ps == at_rtl.time_ps);
}

TEST_CASE("shadow weight update on the SoC: equal in both fidelities, and no slower with resident weights") {
  std::mt19937 random(12);
  std::vector<GemmJob> jobs;
  for (Pattern pattern : {Pattern{1, 2}, Pattern{2, 4}, Pattern{4, 8}}) {
    jobs.push_back(random_job(random, pattern, 32, 40, 1500, 1));
  }
  std::vector<const GemmJob*> all;
  for (const GemmJob& job : jobs) all.push_back(&job);
  Scenario blocking = published();
  blocking.architecture.weights_resident = true;
  Scenario shadow = blocking;
  shadow.architecture.weight_update = WeightUpdate::shadow;
  const GemmSimulation before("before", blocking, Fidelity::tlm, all);
  const GemmSimulation tlm("tlm", shadow, Fidelity::tlm, all);
  const GemmSimulation rtl("rtl", shadow, Fidelity::rtl, all);
  sc_core::sc_start();

  const SimulationResult at_blocking = before.result(), at_tlm = tlm.result(), at_rtl = rtl.result();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const LayerResult &a = at_tlm.layers[i], &b = at_rtl.layers[i];
    INFO("job " << i);
    CHECK(a.mismatch == "");
    CHECK(b.mismatch == "");
    CHECK(a.cycles == b.cycles);
    CHECK(a.stall_cycles == b.stall_cycles);
    CHECK(a.activity.macro == b.activity.macro);
    CHECK(a.cycles < at_blocking.layers[i].cycles);
    CHECK(a.stall_cycles < a.cycles);
  }
}

TEST_CASE(
    "baselines: any weights run as the nearest pattern, with equal outputs, cycles and events in both fidelities") {
  struct Baseline {
    const char* name;
    std::vector<Pattern> runs_as;  // of the patterns below
  };
  const std::vector<Pattern> patterns{{}, {1, 2}, {2, 4}, {1, 8}, {4, 8}};
  const Baseline baselines[] = {{"dense_dcim", {{}, {}, {}, {}, {}}},
                                {"fixed_1_2", {{}, {1, 2}, {}, {1, 2}, {}}},
                                {"fixed_2_4", {{}, {2, 4}, {2, 4}, {2, 4}, {}}},
                                {"per_cell_mux", patterns},
                                {"digital_nm", {{}, {2, 4}, {2, 4}, {1, 4}, {}}}};
  std::mt19937 random(14);
  std::vector<GemmJob> jobs;
  for (const Pattern pattern : patterns) jobs.push_back(random_job(random, pattern, 2, 37, 301, 0));
  std::vector<const GemmJob*> all;
  for (const GemmJob& job : jobs) all.push_back(&job);
  std::vector<Scenario> scenarios;
  for (const Baseline& baseline : baselines) {
    for (const MergeMode merge : {MergeMode::reduce, MergeMode::concat}) {
      scenarios.push_back(published());
      scenarios.back().architecture = architecture_of(std::string("{base: ") + baseline.name + "}");
      scenarios.back().architecture.merge = merge;
      if (merge == MergeMode::concat) scenarios.back().architecture.weight_update = WeightUpdate::shadow;
    }
  }
  std::vector<std::unique_ptr<GemmSimulation>> simulations;
  for (std::size_t i = 0; i < 2 * scenarios.size(); ++i) {
    simulations.push_back(std::make_unique<GemmSimulation>("b" + std::to_string(i), scenarios[i / 2],
                                                           i % 2 == 0 ? Fidelity::tlm : Fidelity::rtl, all));
  }
  sc_core::sc_start();
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const SimulationResult at_tlm = simulations[2 * i]->result(), at_rtl = simulations[2 * i + 1]->result();
    for (std::size_t k = 0; k < jobs.size(); ++k) {
      const LayerResult &a = at_tlm.layers[k], &b = at_rtl.layers[k];
      INFO(scenarios[i].architecture.name << " " << to_string(scenarios[i].architecture.merge) << ": "
                                          << to_string(patterns[k]));
      CHECK(a.pattern == patterns[k]);
      CHECK(a.runs_as == baselines[i / 2].runs_as[k]);
      CHECK(b.runs_as == a.runs_as);
      CHECK(a.mismatch == "");
      CHECK(b.mismatch == "");
      CHECK(a.cycles == b.cycles);
      CHECK(a.activity.macro == b.activity.macro);
      const bool dense = a.runs_as.dense();
      CHECK((a.activity.macro.metadata_selects == 0) == dense);
      CHECK(a.phases == a.tiles);  // any weights in one phase
    }
  }
}

TEST_CASE("layers take the time that is simulated, at frequencies whose period is no whole number of picoseconds") {
  std::mt19937 random(13);
  std::vector<GemmJob> jobs;
  for (const int in : {300, 70}) jobs.push_back(random_job(random, {2, 4}, 3, 40, in, 1));
  std::vector<Scenario> scenarios;
  for (const double mhz : {300.0, 333.333, 1200.0, 7777.0, 1.7, 500.0}) {
    scenarios.push_back(published());
    scenarios.back().architecture.clock_mhz = mhz;
    scenarios.back().architecture.macros = {1, 2};
  }
  std::vector<std::unique_ptr<GemmSimulation>> simulations;
  std::vector<std::vector<std::int64_t>> interrupts(2 * scenarios.size());
  for (std::size_t i = 0; i < interrupts.size(); ++i) {
    const Fidelity fidelity = i % 2 == 0 ? Fidelity::tlm : Fidelity::rtl;
    simulations.push_back(std::make_unique<GemmSimulation>("s" + std::to_string(i), scenarios[i / 2], fidelity,
                                                           std::vector<const GemmJob*>{&jobs[0], &jobs[1]}));
    const auto* irq = &simulations.back()->soc().accelerator().irq;
    sc_core::sc_spawn([irq, &seen = interrupts[i]] {
      while (true) {
        sc_core::wait(irq->posedge_event());
        seen.push_back(to_picoseconds(sc_core::sc_time_stamp()));
      }
    });
  }
  sc_core::sc_start();
  for (std::size_t i = 0; i < interrupts.size(); ++i) {
    const ClockPeriod clock = scenarios[i / 2].architecture.clock();
    INFO(clock.to_string() << " at " << (i % 2 == 0 ? "tlm" : "rtl"));
    const SimulationResult result = simulations[i]->result();
    CHECK(result.match());
    REQUIRE(interrupts[i].size() == 2);
    for (std::size_t k = 0; k < 2; ++k) {
      const LayerResult& layer = result.layers[k];
      CHECK(layer.start_ps + clock.of(layer.cycles) == interrupts[i][k]);
      CHECK(layer.activity.idle_macro_cycles + layer.activity.macro.phases == 2 * layer.cycles);
      // Leakage and standby are spent in simulated time. Of leakage there are two terms, of two layers and the rest,
      // each rounded to 0.001 pJ.
      const double share = static_cast<double>(clock.of(layer.cycles)) / static_cast<double>(result.time_ps);
      CHECK(layer.energy[Component::leakage] ==
            Approx(share * result.energy[Component::leakage]).epsilon(1e-12).margin(0.004));
    }
    const Cycle cycles = static_cast<Cycle>(result.time_ps / clock.ps());
    CHECK(simulations[i]->soc().accelerator().records().back().end <= cycles);
  }
}

TEST_CASE("a layer that the buffers cannot hold is an error of its name, not a wrong result") {
  std::mt19937 random(1);
  Scenario scenario = published();
  scenario.architecture.buffers.activation.bytes = 128;
  std::vector<GemmJob> jobs;
  jobs.push_back(random_job(random, {}, 1, 4, 300, 0));
  jobs[0].weights.name = "wide";
  GemmSimulation simulation("tlm", scenario, Fidelity::tlm, {&jobs[0]});
  sc_core::sc_start();
  CHECK_THROWS_WITH(simulation.result(),
                    Catch::Contains("small.yaml") && Catch::Contains("wide") && Catch::Contains("activation buffer"));
}

TEST_CASE("a DRAM of 16 GiB runs the data of kilobytes as one that just holds them") {
  std::mt19937 random(3);
  const std::vector<GemmJob> jobs{random_job(random, {2, 4}, 4, 70, 300, 1)};
  const Scenario least = published();
  Scenario large = least;
  large.architecture.dram.bytes = std::uint64_t{1} << 34;
  const GemmSimulation a("least", least, Fidelity::tlm, {&jobs[0]}), b("large", large, Fidelity::tlm, {&jobs[0]});
  CHECK(a.soc().dram().store().size() < 1 << 20);
  CHECK(b.soc().dram().store().size() == std::uint64_t{1} << 34);
  sc_core::sc_start();
  const SimulationResult at_least = a.result(), at_large = b.result();
  CHECK(at_large.match());
  CHECK(at_large.time_ps == at_least.time_ps);
  CHECK(at_large.cycles == at_least.cycles);
  CHECK(at_large.energy.total_pj() == at_least.energy.total_pj());
}
