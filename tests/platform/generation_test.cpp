// Whole small models on the SoC: the text, where its time and energy go, and what is said when something is wrong.
#include "flow/base/error.h"
#include "flow/map/image.h"
#include "platform/config/block_parameters.h"
#include "platform/host/native_host.h"
#include "platform/run/watchdog.h"
#include "platform/workload/scenario_check.h"
#include "tests/flow/tiny_model.h"
#include "tests/flow/toy_model.h"
#include "tests/platform/native_simulations.h"
#include "tlm/fabric/picoseconds.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

/// A small random model, a prompt of three tokens, a scenario and its job. Without a calibration inputs are quantized
/// per token.
struct GenerationBench {
  Scratch scratch;
  Scenario scenario;
  GenerateJob job;

  explicit GenerationBench(const TinyModel& model, int tokens = 4, const std::vector<std::string>& settings = {}) {
    model.write(scratch.str());
    SafetensorsWriter prompt(scratch / "prompt.safetensors", {{"tokens", Dtype::i32, {3}}});
    prompt.write("tokens", std::vector<std::int32_t>{7, 1, 30});
    prompt.finish();
    std::vector<Override> overrides{{"workload.tokens", std::to_string(tokens)}};
    for (const std::string& setting : settings) overrides.push_back(parse_override(setting));
    scenario = load_scenario(write_file(scratch / "g.yaml",
                                        "{name: g, fidelity: tlm, workload: {kind: generate, model: ., flow: "
                                        "{keep_dense: none, objective: published, update: none}, "
                                        "prompt: {text: prompt.safetensors, count: 3}}}"),
                             overrides);
    job = generate_job(workload(), image_settings(scenario.architecture, scenario.sequencing));
  }
  const GenerateWorkload& workload() const { return std::get<GenerateWorkload>(scenario.workload); }
};

class NobodyHears : public AcceleratorRunner::Listener {
  void command_done(std::size_t, const Matrix<std::int8_t>&, const Matrix<std::int32_t>&) override {}
  void product_done(int, const AttentionTask&, const Int8Cache&, const Matrix<std::int8_t>&,
                    const Matrix<std::int32_t>&) override {}
  void worked_meanwhile(OperatorClass, Picoseconds) override {}
  void streams() override {}
  DramEvents streamed(Picoseconds) override { return {}; }
};

void run_all(const std::vector<Simulation*>& simulations, double window_ns = 1000) {
  run_to_end({simulations.begin(), simulations.end()}, {}, sc_core::sc_time(window_ns, sc_core::SC_NS),
             [&](std::uint64_t window) {
               for (Simulation* simulation : simulations) simulation->sample(window);
             });
}

void check_equal_at_rtl(const TinyModel& model) {
  const GenerationBench bench(model);
  Generation tlm("tlm", bench.scenario, Fidelity::tlm, bench.job);
  Generation rtl("rtl", bench.scenario, Fidelity::rtl, bench.job);
  run_all({&tlm, &rtl});
  const SimulationResult a = tlm.result(), b = rtl.result();
  CHECK(a.match());
  CHECK(b.match());
  CHECK(a.generation->tokens == bench.job.golden);
  CHECK(b.generation->tokens == bench.job.golden);
  CHECK(a.generation->whole_text == fmt::format("7 1 30 {}", fmt::join(bench.job.golden, " ")));
  REQUIRE(a.layers.size() == 2 * bench.job.linears.size());
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    INFO(a.layers[i].name);
    CHECK(a.layers[i].cycles == b.layers[i].cycles);
    CHECK(a.layers[i].activity.macro == b.layers[i].activity.macro);
  }
  CHECK(a.time_ps == b.time_ps);
}

}  // namespace

TEST_CASE("A small Llama writes the golden model's text, with equal cycles at tlm and rtl") {
  check_equal_at_rtl(tiny_llama(31));
}

TEST_CASE("A Llama with biases writes the golden model's text with equal cycles at tlm and rtl") {
  check_equal_at_rtl(biased_llama(33));
}

TEST_CASE("A small Mamba writes the golden model's text, with equal cycles at tlm and rtl") {
  check_equal_at_rtl(tiny_mamba(32));
}

TEST_CASE("The time of a generation adds up, part by part and class by class") {
  const GenerationBench bench(
      tiny_llama(33), 4,
      {"workload.host_costs.clock_mhz=250", "workload.host_costs.norm=1.75", "power_window_ns=2000"});
  Generation generation("tlm", bench.scenario, Fidelity::tlm, bench.job);
  run_all({&generation}, 2000);
  const SimulationResult result = generation.result();
  REQUIRE(result.generation->parts.size() == 2);
  const GenerationPart& prefill = result.generation->parts[0];
  const GenerationPart& decode = result.generation->parts[1];
  CHECK(prefill.tokens == 3);
  CHECK(decode.tokens == 3);  // the fourth is not read any more

  CHECK(prefill.time.total_ps() + decode.time.total_ps() == result.time_ps);
  CHECK(prefill.energy.total() + decode.energy.total() == result.energy.total());
  CHECK(decode.tokens_per_second() == Approx(3 / (static_cast<double>(decode.time.total_ps()) * 1e-12)));

  // Norms in prefill: two layers of two over 3 x 20 values, 1.75 cycles each: 4 x 105; the last over 20: 35.
  const OperatorResult& norm = prefill.operators[static_cast<std::size_t>(OperatorClass::norm)];
  CHECK(norm.units == 4 * 60 + 20);
  CHECK(norm.cycles == 4 * 105 + 35);
  CHECK(norm.time_ps() == (4 * 105 + 35) * 4000);
  // Inputs of the linears of two layers for three steps: 20 for q, k, v, 24 for o, 20 for gate, up, 27 for down.
  const OperatorResult& quantize = decode.operators[static_cast<std::size_t>(OperatorClass::quantize)];
  CHECK(quantize.units == 3 * 2 * (3 * 20 + 24 + 2 * 20 + 27));
  const OperatorResult& dequantize = decode.operators[static_cast<std::size_t>(OperatorClass::dequantize)];
  CHECK(dequantize.units == 3 * 2 * (24 + 12 + 12 + 20 + 27 + 27 + 20));

  std::int64_t operators = 0, waits = 0, accelerator = 0;
  for (const GenerationPart& part : result.generation->parts) {
    for (const OperatorResult& work : part.operators) {
      operators += work.compute_ps;
      waits += work.wait_ps;
    }
    CHECK(part.time.hidden_ps == 0);
    accelerator += part.time.gemm_ps + part.time.memory_ps;
    CHECK(part.time.driver_ps > 0);
  }
  CHECK(prefill.time.operators_ps + decode.time.operators_ps == operators);
  CHECK(prefill.time.host_memory_ps + decode.time.host_memory_ps == waits);
  CHECK(accelerator == static_cast<std::int64_t>(result.cycles) * 2000);  // 500 MHz

  double end_ns = 0;
  Femtojoules windows = 0;
  result.power([&](const PowerWindow& window) {
    CHECK(window.start_ns == end_ns);
    end_ns = window.end_ns;
    windows += window.total();
  });
  CHECK(end_ns == Approx(nanoseconds(result.time_ps)));
  CHECK(windows == result.energy.total());
}

TEST_CASE("The time of a generation adds up to the picosecond at frequencies whose period is no whole number of them") {
  const GenerationBench bench(tiny_llama(39), 3);
  std::vector<Scenario> scenarios;
  for (const auto& [mhz, host_mhz] :
       {std::pair{300.0, 1200.0}, {1200.0, 300.0}, {333.333, 1234.567}, {9999.0, 70000.0}, {1.7, 3.3}}) {
    Scenario scenario = bench.scenario;
    scenario.architecture.clock_mhz = mhz;
    std::get<GenerateWorkload>(scenario.workload).host_costs.clock_mhz = host_mhz;
    scenarios.push_back(scenario);
  }
  std::vector<std::unique_ptr<Generation>> generations;
  std::vector<Simulation*> simulations;
  for (const Scenario& scenario : scenarios) {
    generations.push_back(
        std::make_unique<Generation>(fmt::format("at_{}", generations.size()), scenario, Fidelity::tlm, bench.job));
    simulations.push_back(generations.back().get());
  }
  run_all(simulations);
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const ClockPeriod clock = scenarios[i].architecture.clock();
    const ClockPeriod host = std::get<GenerateWorkload>(scenarios[i].workload).host_costs.clock();
    INFO(clock.to_string() << ", host at " << host.to_string());
    const SimulationResult result = generations[i]->result();
    std::int64_t total = 0, accelerator = 0;
    Femtojoules leakage = 0;
    for (const GenerationPart& part : result.generation->parts) {
      std::int64_t operators = 0;
      for (const OperatorResult& work : part.operators) {
        CHECK(work.compute_ps == host.of(work.cycles));
        operators += work.compute_ps;
      }
      CHECK(part.time.operators_ps == operators);
      CHECK(part.time.driver_ps > 0);
      accelerator += part.time.gemm_ps + part.time.memory_ps;
      total += part.time.total_ps();
      leakage += part.energy.of(Component::leakage);
    }
    CHECK(total == result.time_ps);
    CHECK(accelerator == clock.of(result.cycles));
    CHECK(leakage == result.energy.of(Component::leakage));
    double end_ns = 0;
    result.power([&](const PowerWindow& window) { end_ns = window.end_ns; });
    CHECK(end_ns == nanoseconds(result.time_ps));
  }
}

TEST_CASE("The host's operators take whole periods of its clock in simulated time") {
  HostCosts costs;
  costs.clock_mhz = 300;
  std::int64_t spent = 0, expected = 0;
  NativeHost host("host", [&](NativeHost& self) {
    FirmwareDriver driver(self, 0);
    const std::vector<PlacedLinear> linears;
    const ToyModel model(1, 4, 4, 1);
    MemoryImage image(0);
    HostMemory nothing(image, model, {}, 1, {false, true});
    NobodyHears nobody;
    AcceleratorRunner runner(self, driver, {linears, {}, nullptr}, DriverMode::serial, costs, nothing, nobody, false);
    for (std::uint64_t units = 1; units < 200; ++units) runner.on_operator(OperatorClass::scan, units);
    spent = to_picoseconds(self.now());
    expected = static_cast<std::int64_t>(runner.work()[static_cast<std::size_t>(OperatorClass::scan)].cycles) * 3333;
  });
  Sram memory("memory", 64, sc_core::SC_ZERO_TIME);
  sc_core::sc_signal<bool> low;
  host.socket.bind(memory.socket);
  host.external_interrupt(low);
  host.timer_interrupt(low);
  host.software_interrupt(low);
  sc_core::sc_start();
  CHECK(spent == expected);
}

TEST_CASE("Resident weights leave the text and the passes as they are, and memory waits are short") {
  GenerationBench bench(tiny_llama(34), 3);
  Scenario resident = bench.scenario;
  resident.architecture.weights_resident = true;
  Generation off("off", bench.scenario, Fidelity::tlm, bench.job);
  Generation on("on", resident, Fidelity::tlm, bench.job);
  run_all({&off, &on});
  const SimulationResult a = off.result(), b = on.result();
  CHECK(a.match());
  CHECK(b.match());
  for (std::size_t part = 0; part < 2; ++part) {
    const GenerationPart &with_traffic = a.generation->parts[part], &without = b.generation->parts[part];
    CHECK(without.time.gemm_ps == with_traffic.time.gemm_ps);
    CHECK(without.time.operators_ps == with_traffic.time.operators_ps);
    CHECK(without.time.memory_ps < with_traffic.time.memory_ps);
    CHECK(without.energy[Component::dram] < with_traffic.energy[Component::dram]);
  }
}

TEST_CASE("One token needs no step of decode") {
  const GenerationBench bench(tiny_mamba(35), 1);
  Generation generation("tlm", bench.scenario, Fidelity::tlm, bench.job);
  run_all({&generation});
  const SimulationResult result = generation.result();
  CHECK(result.match());
  CHECK(result.layers.size() == bench.job.linears.size());
  CHECK(result.generation->parts[1].tokens == 0);
  CHECK(result.generation->parts[1].time.total_ps() == 0);
  CHECK(result.generation->parts[1].tokens_per_second() == 0);
}

TEST_CASE("An end-of-text token ends the text, its time and its energy, as if no more had been asked for") {
  struct Case {
    std::vector<int> whole;
    std::unique_ptr<GenerationBench>
        benches[3];  // with the token; asked for as few; with the token, but not to stop there
    std::unique_ptr<Generation> runs[3];
  };
  std::vector<Case> cases;
  std::vector<Simulation*> simulations;
  for (TinyModel model : {tiny_llama(40), tiny_mamba(41)}) {
    const std::vector<int> whole = GenerationBench(model, 6).job.golden;
    REQUIRE(whole.size() == 6);
    for (const std::size_t last : {0, 2}) {
      model.config["eos_token_id"] = {999, whole[last]};
      const auto count = std::find(whole.begin(), whole.end(), whole[last]) - whole.begin() + 1;
      Case& made = cases.emplace_back();
      made.whole = whole;
      made.benches[0] = std::make_unique<GenerationBench>(model, 6);
      made.benches[1] = std::make_unique<GenerationBench>(model, static_cast<int>(count));
      made.benches[2] =
          std::make_unique<GenerationBench>(model, 6, std::vector<std::string>{"workload.stop_at_eos=false"});
      for (std::size_t i = 0; i < 3; ++i) {
        const std::string name = "soc_" + std::to_string(simulations.size());
        const GenerationBench& bench = *made.benches[i];
        made.runs[i] = std::make_unique<Generation>(name, bench.scenario, Fidelity::tlm, bench.job);
        simulations.push_back(made.runs[i].get());
      }
    }
  }
  run_all(simulations);
  for (const Case& each : cases) {
    const SimulationResult ended = each.runs[0]->result(), asked = each.runs[1]->result(), all = each.runs[2]->result();
    const std::vector<int>& tokens = ended.generation->tokens;
    CHECK(ended.match());
    CHECK(ended.generation->ended);
    CHECK(ended.generation->asked == 6);
    CHECK(tokens.size() < 6);
    CHECK(tokens == asked.generation->tokens);
    CHECK(tokens == std::vector<int>(each.whole.begin(), each.whole.begin() + static_cast<int>(tokens.size())));
    CHECK(ended.generation->parts[1].tokens == static_cast<int>(tokens.size()) - 1);
    CHECK(ended.time_ps == asked.time_ps);
    CHECK(ended.cycles == asked.cycles);
    CHECK(ended.energy.total_pj() == asked.energy.total_pj());
    CHECK(all.match());
    CHECK(all.generation->tokens == each.whole);
    CHECK_FALSE(all.generation->ended);
    CHECK(all.time_ps > ended.time_ps);
  }
}

TEST_CASE("End-of-text tokens that are none are found before anything runs") {
  TinyModel model = tiny_llama(42);
  model.config["eos_token_id"] = "</s>";
  CHECK_THROWS_WITH(GenerationBench(model, 2), Catch::Contains("config.json: eos_token_id is \"</s>\""));
  const GenerationBench bench(model, 2, {"workload.stop_at_eos=off"});
  Scenario scenario = bench.scenario;
  std::get<GenerateWorkload>(scenario.workload).stop_at_eos = true;
  CHECK_THROWS_WITH(check_scenario(scenario), Catch::Contains("config.json: eos_token_id is \"</s>\""));
}

TEST_CASE("A text that is not the golden model's is no match") {
  GenerationBench bench(tiny_llama(36), 3);
  bench.job.golden.back() ^= 1;
  Generation generation("tlm", bench.scenario, Fidelity::tlm, bench.job);
  run_all({&generation});
  const SimulationResult result = generation.result();
  for (const LayerResult& layer : result.layers) CHECK(layer.match);
  CHECK_FALSE(result.generation->match());
  CHECK_FALSE(result.match());
}

TEST_CASE("A sum that is not the golden model's is found where it comes first") {
  GenerationBench bench(tiny_llama(38), 3);
  Generation generation("tlm", bench.scenario, Fidelity::tlm, bench.job);
  // A weight in DRAM is another one than the comparison has: the lowest bit of the first cell of the first blob.
  std::uint8_t* weights = generation.soc().dram().store().data() + 4096;  // the page behind the descriptor ring
  weights[read_directory_entry(weights).offset] ^= 1;
  run_all({&generation});
  const SimulationResult result = generation.result();
  CHECK(result.layers[0].name == "prefill/model.layers.0.self_attn.q_proj");
  CHECK_THAT(result.layers[0].mismatch, Catch::StartsWith("tokens from 0: ") && Catch::Contains("channel 0: "));
  CHECK(result.layers[1].match);  // k_proj has the inputs of the golden model
  CHECK_FALSE(result.match());
}

TEST_CASE("A linear that the accelerator refuses is an error of its name") {
  GenerationBench bench(tiny_llama(37), 3);
  bench.scenario.architecture.buffers.activation.bytes = 24;  // down_proj has 27 inputs
  Generation generation("tlm", bench.scenario, Fidelity::tlm, bench.job);
  run_all({&generation});
  CHECK_THROWS_WITH(generation.result(), Catch::Contains("g.yaml: layer model.layers.0.mlp.down_proj: the accelerator "
                                                         "refuses the command"));
}

}  // namespace flexcim
