// Measured switching activity, from the pins of the macro to picojoules and summary.json.
#include "platform/results/result_files.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/temp_folder.h"

#include <systemc>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace flexcim;

namespace {

Scenario scenario_with(const std::string& keys) {
  const TempFolder folder;
  return load_scenario(
      folder.write("q.yaml", "name: q\nfidelity: rtl\nworkload: {kind: gemm, weights: w, activations: x}\n" + keys),
      {});
}

constexpr int kTokens = 6;

GemmJob job_with(Matrix<std::int8_t> activations) {
  std::mt19937 random(1);
  return {test::random_linear(random, {2, 4}, 32, 256, 1), std::move(activations)};
}

Matrix<std::int8_t> constant(int value) {
  Matrix<std::int8_t> activations(kTokens, 256);
  std::fill_n(activations.data(), activations.size(), static_cast<std::int8_t>(value));
  return activations;
}

}  // namespace

TEST_CASE("toggles: zero, constant and random operands cost what physics says, group by group") {
  std::mt19937 random(2);
  const GemmJob zero = job_with(constant(0)), same = job_with(constant(77)),
                varying = job_with(test::random_activations(random, kTokens, 256));
  const Scenario measured = scenario_with("technology: {activity_source: measured}\n"), assumed = scenario_with("");
  const std::vector<const GemmJob*> zeros{&zero}, sames{&same}, varyings{&varying};
  const GemmSimulation run_zero("zero", measured, Fidelity::rtl, zeros);
  const GemmSimulation run_same("same", measured, Fidelity::rtl, sames);
  const GemmSimulation run_varying("varying", measured, Fidelity::rtl, varyings);
  const GemmSimulation run_assumed("assumed", assumed, Fidelity::rtl, varyings);
  const GemmSimulation run_tlm("tlm", measured, Fidelity::tlm, varyings);
  sc_core::sc_start();
  const SimulationResult at_zero = run_zero.result(), at_same = run_same.result(), at_varying = run_varying.result(),
                         at_assumed = run_assumed.result(), at_tlm = run_tlm.result();

  enum { lines, selects, products, column_trees, psum_buffers, merger, weight_load };
  for (const int group : {lines, products, column_trees, psum_buffers, merger}) {
    INFO((*at_zero.toggles)[group].name);
    CHECK((*at_zero.toggles)[group].toggles == 0);
    CHECK((*at_same.toggles)[group].toggles > 0);
    CHECK((*at_varying.toggles)[group].toggles > (*at_same.toggles)[group].toggles);
    CHECK((*at_varying.toggles)[group].activity() < 0.7);
    CHECK((*at_zero.toggles)[group].bits == (*at_varying.toggles)[group].bits);
  }
  // The same phases and the same weights for all three.
  for (const int group : {selects, weight_load}) {
    CHECK((*at_zero.toggles)[group].toggles == (*at_same.toggles)[group].toggles);
    CHECK((*at_zero.toggles)[group].toggles == (*at_varying.toggles)[group].toggles);
  }
  for (const Component component : {Component::cells, Component::adder_trees, Component::psum_buffers,
                                    Component::merger, Component::distributor, Component::metadata}) {
    INFO(to_string(component));
    CHECK(at_zero.energy[component] < at_same.energy[component]);
    CHECK(at_same.energy[component] < at_varying.energy[component]);
  }

  // 2:4 in one tile of 4 x 32 x 32 cells, random default activity: a pass clocks each of its bits once.
  const std::uint64_t cells = 4096;
  CHECK((*at_varying.toggles)[lines].bits == kTokens * 4 * 32 * 16);
  CHECK((*at_varying.toggles)[products].bits == kTokens * cells * 16);
  CHECK((*at_varying.toggles)[column_trees].bits == kTokens * 4 * 32 * 553);
  CHECK((*at_varying.toggles)[psum_buffers].bits == kTokens * 4 * 32 * 21);
  CHECK((*at_varying.toggles)[merger].bits == kTokens * 32 * (4 * 21 + 4 * 22));
  CHECK((*at_varying.toggles)[weight_load].bits == cells * 9);

  // Without toggles only the clocks are left: 0.87 fJ per register bit.
  const double clocked = 1e-3 * 0.87 * static_cast<double>(kTokens);
  CHECK(at_zero.energy[Component::cells] == Approx(clocked * static_cast<double>(cells) * 16));
  CHECK(at_zero.energy[Component::adder_trees] == Approx(clocked * 4 * 32 * 553));
  CHECK(at_zero.energy[Component::psum_buffers] == 0);
  CHECK(at_zero.energy[Component::merger] == 0);
  CHECK(at_zero.energy[Component::distributor] == 0);
  // 104 fJ per product of 16 bits of which half toggle; 5.3 fJ per toggle of a psum; two 4:1 multiplexers at 2.55 fJ
  // per bit, of which half toggle.
  const auto toggled = [&](int group) { return 1e-3 * static_cast<double>((*at_varying.toggles)[group].toggles); };
  CHECK(at_varying.energy[Component::cells] - at_zero.energy[Component::cells] ==
        Approx(104 * toggled(products) / 16 / 0.5));
  CHECK(at_varying.energy[Component::psum_buffers] == Approx(5.3 * toggled(psum_buffers)));
  CHECK(at_varying.energy[Component::distributor] == Approx(2 * 2.55 * toggled(lines) / 0.5));

  // Counting changes nothing else; without counts the technology's activity holds.
  CHECK(!at_assumed.toggles);
  CHECK(!at_tlm.toggles);
  CHECK(at_tlm.energy.by_component() == at_assumed.energy.by_component());
  CHECK(at_varying.layers[0].output == at_assumed.layers[0].output);
  CHECK(at_varying.cycles == at_assumed.cycles);
  CHECK(at_varying.energy[Component::dram] == at_assumed.energy[Component::dram]);

  // One layer: what the run has, and what its windows add up to.
  const ToggleGroups& layer = *at_varying.layers[0].toggles;
  for (std::size_t i = 0; i < layer.size(); ++i) CHECK(layer[i].toggles == (*at_varying.toggles)[i].toggles);
  CHECK(at_varying.layers[0].energy[Component::cells] == Approx(at_varying.energy[Component::cells]));
}

TEST_CASE("toggles: counted without being priced, in summary.json") {
  std::mt19937 random(2);
  const GemmJob job = job_with(test::random_activations(random, kTokens, 256));
  const Scenario counted = scenario_with("toggles: true\n"), plain = scenario_with("");
  const std::vector<const GemmJob*> jobs{&job};
  const GemmSimulation with("with", counted, Fidelity::rtl, jobs), without("without", plain, Fidelity::rtl, jobs);
  sc_core::sc_start();
  RunResult result{{with.result()}, ""};
  CHECK(result.simulations[0].energy.by_component() == without.result().energy.by_component());
  const auto summary = nlohmann::json::parse(summary_json(counted, result));
  CHECK(summary.at("activity_source") == "assumed");
  for (const auto& json : {summary.at("toggles"), summary.at("layers").at(0).at("toggles")}) {
    CHECK(json.size() == 7);
    const auto& products = json.at("products");
    CHECK(products.at("bits") == kTokens * 4096 * 16);
    CHECK(products.at("toggles").get<double>() / products.at("bits").get<double>() == products.at("activity"));
  }
  CHECK(!nlohmann::json::parse(summary_json(plain, {{without.result()}, ""})).contains("toggles"));
}
