// Energies are sums of parts to the femtojoule: components, figures, layers, operators, phases and windows of power.
#include "platform/config/block_parameters.h"
#include "platform/run/watchdog.h"
#include "tests/flow/random_linear.h"
#include "tests/flow/tiny_model.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/temp_folder.h"
#include "tlm/fabric/picoseconds.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <random>

namespace flexcim {
namespace {

void add(EnergyByComponent& sum, const EnergyByComponent& more) {
  for (std::size_t i = 0; i < kComponents; ++i) sum[i] += more[i];
}

Femtojoules sum_of(const EnergyByComponent& energy) {
  Femtojoules sum = 0;
  for (const Femtojoules each : energy) sum += each;
  return sum;
}

/// Of the run, of all components.
Femtojoules figure(const SimulationResult& result, const std::string& name) {
  for (const FigureShare& share : result.energy.by_figure()) {
    if (share.name == name) return share.energy;
  }
  return 0;
}

void check_part(const EnergyReport& part) {
  for (const EnergyTerm& term : part.terms()) {
    INFO(to_string(term.component) << " " << term.name);
    CHECK(term.energy >= 0);
  }
  CHECK(sum_of(part.by_component()) == part.total());
}

void check_windows(const SimulationResult& result) {
  EnergyByComponent windows{};
  std::size_t count = 0, negative = 0;
  result.power([&](const PowerWindow& window) {
    ++count;
    for (const Femtojoules energy : window.energy) negative += energy < 0;
    add(windows, window.energy);
  });
  CHECK(count > 1);
  CHECK(negative == 0);
  CHECK(windows == result.energy.by_component());
}

/// `soc`: has counted itself, independent of layers.
void check_conservation(const SimulationResult& result, Soc& soc) {
  CHECK(result.match());
  EnergyByComponent sum{};
  for (const LayerResult& layer : result.layers) {
    check_part(layer.energy);
    add(sum, layer.energy.by_component());
  }
  check_part(result.between);
  add(sum, result.between.by_component());
  CHECK(sum == result.energy.by_component());
  CHECK(sum_of(sum) == result.energy.total());
  Femtojoules figures = 0;
  for (const FigureShare& share : result.energy.by_figure()) figures += share.energy;
  CHECK(figures == result.energy.total());
  check_windows(result);

  // Nothing is done twice or not at all. Figures are whole femtojoules per event: 1.2 nJ per row, 22.4 nJ per refresh,
  // 10 pJ per instruction.
  const DramEvents& dram = soc.dram().timing().events();
  CHECK(dram.activates > 0);
  CHECK(figure(result, "dram.activate") == static_cast<Femtojoules>(dram.activates) * 1'200'000);
  CHECK(figure(result, "dram.refresh") == static_cast<Femtojoules>(dram.refreshes) * 22'400'000);
  CHECK(figure(result, "energy.host_instruction") ==
        static_cast<Femtojoules>(soc.host().counts().instructions) * 10'000);
  // 36 mW are 36 fJ in a picosecond: whole, too.
  CHECK(figure(result, "dram.standby") == soc.dram().timing().parameters().channels * 36 * result.time_ps);
}

void check_parts(const SimulationResult& result) {
  EnergyByComponent parts{}, between{};
  for (const GenerationPart& part : result.generation->parts) {
    EnergyByComponent layers{}, host = part.driver.by_component();
    for (const LayerResult& layer : result.layers) {
      if (layer.part() == part.name) add(layers, layer.energy.by_component());
    }
    CHECK(layers == part.gemms.by_component());
    for (const OperatorResult& work : part.operators) {
      check_part(work.energy);
      CHECK(work.energy.of(Component::host) == static_cast<Femtojoules>(work.cycles) * 10'000);
      add(host, work.energy.by_component());
    }
    check_part(part.driver);
    CHECK(part.driver.of(Component::cells) == 0);  // multiplications are of layers only
    add(between, host);
    add(layers, host);
    CHECK(layers == part.energy.by_component());
    add(parts, part.energy.by_component());
  }
  CHECK(between == result.between.by_component());
  CHECK(parts == result.energy.by_component());
}

void run(const std::vector<Simulation*>& simulations, std::int64_t window_ps) {
  run_to_end({simulations.begin(), simulations.end()}, {}, from_picoseconds(window_ps), [&](std::uint64_t window) {
    for (Simulation* simulation : simulations) simulation->sample(window);
  });
}

/// Random clocks, memory, macro and windows of time.
std::string random_keys(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<const char*> values) { return values.begin()[random() % values.size()]; };
  return fmt::format(
      "sequencing: {}\npower_window_ns: {}\narchitecture: {{clock_mhz: {}, window: {}, weight_update: {}, "
      "macros: {{outputs: {}, inputs: {}}}, dram: {{channels: {}}}}}\n",
      pick({"grouped", "scan"}), pick({"100", "333.333", "2000"}), pick({"500", "300", "1234.5", "3.3"}),
      pick({"1", "2"}), pick({"blocking", "shadow"}), pick({"1", "2"}), pick({"1", "3"}), pick({"1", "2"}));
}

}  // namespace

TEST_CASE("Conservation: random layers at both fidelities, with assumed and with measured activity") {
  constexpr int kRounds = 6;
  const TempFolder folder;
  std::vector<std::string> texts;
  std::vector<GemmJob> jobs;
  std::vector<Scenario> scenarios;
  jobs.reserve(kRounds * 3);
  std::vector<std::vector<const GemmJob*>> lists(kRounds);
  for (int round = 0; round < kRounds; ++round) {
    std::mt19937 random(static_cast<unsigned>(round));
    texts.push_back(random_keys(random));
    for (const char* measured : {"", "technology: {activity_source: measured}\n"}) {
      scenarios.push_back(load_scenario(folder.write("s.yaml",
                                                     "name: s\nfidelity: rtl\nworkload: {kind: gemm, weights: w, "
                                                     "activations: x}\n" +
                                                         texts.back() + measured),
                                        {}));
    }
    for (int i = 0; i < 3; ++i) {
      const int tokens = 1 + static_cast<int>(random() % 6), in = 8 + static_cast<int>(random() % 300);
      jobs.push_back({test::random_linear(random, random() % 2 == 0 ? Pattern{2, 4} : Pattern{1, 4},
                                          1 + static_cast<int>(random() % 60), in, 1),
                      test::random_activations(random, tokens, in)});
      jobs.back().weights.name = fmt::format("layer_{}", i);
      lists[static_cast<std::size_t>(round)].push_back(&jobs.back());
    }
  }
  std::vector<std::unique_ptr<GemmSimulation>> simulations;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    for (const Fidelity fidelity : {Fidelity::tlm, Fidelity::rtl}) {
      simulations.push_back(std::make_unique<GemmSimulation>(fmt::format("run_{}", simulations.size()), scenarios[i],
                                                             fidelity, lists[i / 2]));
    }
  }
  std::vector<Simulation*> all;
  for (const auto& simulation : simulations) all.push_back(simulation.get());
  run(all, 100'000);
  for (std::size_t i = 0; i < simulations.size(); i += 4) {
    INFO(texts[i / 4]);
    const SimulationResult tlm = simulations[i]->result(), rtl = simulations[i + 1]->result(),
                           measured_tlm = simulations[i + 2]->result(), measured = simulations[i + 3]->result();
    for (std::size_t run = 0; run < 4; ++run) {
      CAPTURE(run);
      check_conservation(simulations[i + run]->result(), simulations[i + run]->soc());
    }
    CHECK(tlm.energy.by_component() == rtl.energy.by_component());
    CHECK(tlm.energy.by_component() == measured_tlm.energy.by_component());  // nothing is measured there
    CHECK(measured.energy.of(Component::cells) != rtl.energy.of(Component::cells));
    CHECK(measured.energy.of(Component::dram) == rtl.energy.of(Component::dram));
  }
}

TEST_CASE("Conservation: generations, their phases and operators, with assumed and with measured activity") {
  const Scratch scratch;
  tiny_llama(33).write(scratch.str());
  SafetensorsWriter prompt(scratch / "prompt.safetensors", {{"tokens", Dtype::i32, {3}}});
  prompt.write("tokens", std::vector<std::int32_t>{7, 1, 30});
  prompt.finish();
  std::vector<Scenario> scenarios;
  for (const char* keys :
       {"", "}, architecture: {clock_mhz: 300", "}, power_window_ns: 12345, technology: {activity_source: measured",
        ", driver: queued, head: accelerator", ", driver: queued, host_memory: {cache: int8, head: int8}",
        ", driver: queued}, technology: {activity_source: measured",
        ", driver: queued, attention: accelerator, head: accelerator}, architecture: {weights_resident: true"}) {
    scenarios.push_back(load_scenario(
        write_file(scratch / "g.yaml",
                   fmt::format("{{name: g, fidelity: rtl, workload: {{kind: generate, model: ., tokens: 3, flow: "
                               "{{keep_dense: none, objective: published, update: none}}, host_costs: {{clock_mhz: "
                               "777}}, prompt: {{text: "
                               "prompt.safetensors, count: 3}}{}}}}}",
                               keys)),
        {}));
  }
  const auto job_of = [](const Scenario& scenario) {
    return generate_job(std::get<GenerateWorkload>(scenario.workload),
                        image_settings(scenario.architecture, scenario.sequencing));
  };
  const GenerateJob job = job_of(scenarios[0]), with_head = job_of(scenarios[3]), with_attention = job_of(scenarios[6]);
  Generation tlm("tlm", scenarios[0], Fidelity::tlm, job), rtl("rtl", scenarios[0], Fidelity::rtl, job),
      slow("slow", scenarios[1], Fidelity::tlm, job), measured("measured", scenarios[2], Fidelity::rtl, job),
      head("head", scenarios[3], Fidelity::tlm, with_head),
      head_rtl("head_rtl", scenarios[3], Fidelity::rtl, with_head), queued("queued", scenarios[4], Fidelity::tlm, job),
      both("both", scenarios[5], Fidelity::rtl, job),
      attention("attention", scenarios[6], Fidelity::tlm, with_attention),
      attention_rtl("attention_rtl", scenarios[6], Fidelity::rtl, with_attention);
  run({&tlm, &rtl, &slow, &measured, &head, &head_rtl, &queued, &both, &attention, &attention_rtl}, 100'000);
  for (const Generation* generation :
       {&tlm, &rtl, &slow, &measured, &head, &head_rtl, &queued, &both, &attention, &attention_rtl}) {
    INFO(generation->soc().basename());
    const SimulationResult result = generation->result();
    check_conservation(result, generation->soc());
    check_parts(result);
  }
  CHECK(tlm.result().energy.by_component() == rtl.result().energy.by_component());
  CHECK(head.result().energy.by_component() == head_rtl.result().energy.by_component());
  CHECK(attention.result().energy.by_component() == attention_rtl.result().energy.by_component());
  CHECK(measured.result().energy.of(Component::cells) != rtl.result().energy.of(Component::cells));
}

TEST_CASE("An account gives away what it has, and refuses what it has not") {
  const Scratch scratch;
  const Scenario scenario = load_scenario(
      write_file(scratch / "s.yaml", "{name: s, fidelity: tlm, workload: {kind: gemm, weights: w, activations: x}}"),
      {});
  const EnergyModel model(scenario.architecture, scenario.technology, scenario.sequencing);
  Activity whole, part;
  whole.macro.products = 10;
  whole.dram = {100, 50, 3, 1};
  part.macro.products = 7;
  part.dram = {100, 0, 1, 0};
  Account account(model, whole, 3000);
  CHECK(account.take(part, 1000).of(Component::cells) == std::llround(7 * (104 + 16 * 0.87)));
  // Left are 3 products, 50 bytes written, 2 rows, a refresh and 2 ns of standby.
  CHECK(account.rest().of(Component::cells) == std::llround(3 * 104) + std::llround(3 * 16 * 0.87));
  CHECK(account.rest().of(Component::dram) == 50 * 8 * 5030 + 2 * 1'200'000 + 22'400'000 + 2 * 36'000);
  CHECK_THROWS_WITH(account.take(part, 1000), "a part has 7 products, 3 are left");
  CHECK_THROWS_WITH(account.take({}, 2001), "a part has 2001 ps, 2000 are left");
}

}  // namespace flexcim
