#include "platform/config/scenario.h"

#include "tests/platform/scenario_text.h"

#include <catch2/catch.hpp>

namespace flexcim {

TEST_CASE("A scenario of name, fidelity and workload gets published defaults") {
  const TempFolder folder;
  const Scenario scenario = load(folder, kMinimal);
  CHECK(scenario.name == "q");
  CHECK(scenario.fidelity == Fidelity::tlm);
  CHECK(scenario.architecture.name == "flexcim_published");
  CHECK(scenario.technology.name == "28nm");
  CHECK(scenario.sequencing == Sequencing::grouped);
  CHECK(scenario.host.kind == HostKind::native);
  const auto& gemm = std::get<GemmWorkload>(scenario.workload);
  CHECK(gemm.weights == folder.path() / "w.safetensors");
  CHECK(gemm.pattern == Pattern{2, 4});
}

TEST_CASE("A block workload has FLOW's options and further runs") {
  const TempFolder folder;
  const Scenario scenario =
      load(folder,
           "name: b\nfidelity: tlm\nworkload:\n  kind: block\n  model: models/tiny\n  block: 2\n"
           "  tokens: {text: t.txt, first: 3, count: 8}\n"
           "  flow: {calibration: c.txt, sparsity: 0.6, candidates: [\"2:4\", \"4:8\", \"8:8\"]}\n"
           "also: [{fidelity: rtl, linears: [q_proj]}]\n");
  const auto& block = std::get<BlockWorkload>(scenario.workload);
  CHECK(block.block == 2);
  CHECK(block.linears.empty());
  CHECK(block.tokens.text == folder.path() / "t.txt");
  CHECK(block.tokens.count == 8);
  CHECK(block.flow.sparsity == 0.6);
  CHECK(block.flow.candidates.size() == 3);
  REQUIRE(scenario.also.size() == 1);
  CHECK(scenario.also[0].fidelity == Fidelity::rtl);
  CHECK(scenario.also[0].linears == std::vector<std::string>{"q_proj"});
}

TEST_CASE("Linears are chosen by full name or by their last parts") {
  const std::string name = "model.layers.2.self_attn.q_proj";
  CHECK(selects_linear({}, name));
  CHECK(selects_linear({"k_proj", "q_proj"}, name));
  CHECK(selects_linear({"self_attn.q_proj"}, name));
  CHECK(selects_linear({name}, name));
  CHECK_FALSE(selects_linear({"proj"}, name));
  CHECK_FALSE(selects_linear({"a." + name}, name));
}

TEST_CASE("Bad scenarios are told what is wrong where") {
  CHECK(
      error_of("name: q\nfidelty: tlm\nworkload: {kind: gemm, weights: w, activations: x}\n") ==
      "q.yaml:2:1: fidelty: unknown key; did you mean \"fidelity\"? Valid keys: extends, name, description, fidelity, "
      "workload, architecture, technology, sequencing, host, verilog, also, compare, sweep, trace, toggles, observe, "
      "faults, power_window_ns, limits, simulation\n"
      "q.yaml:1:1: the key \"fidelity\" is missing: transaction-level, the pin-accurate macro under the same "
      "accelerator, one in SystemVerilog beside it, or arithmetic alone");
  CHECK(error_of("name: q\nfidelity: rlt\nworkload: {kind: gemm, weights: w, activations: x}\n") ==
        "q.yaml:2:11: fidelity: \"rlt\" is none of tlm | rtl | verilog | estimate; did you mean \"rtl\"?");
  CHECK(error_of("name: q\nfidelity: rtl\nworkload: {kind: gem, weights: w, activations: x}\n") ==
        "q.yaml:3:18: workload.kind: \"gem\" is none of gemm | block | generate | firmware | shapes; did you mean "
        "\"gemm\"?");
  CHECK(error_of("name: q\nfidelity: rtl\nworkload: {kind: gemm, weigths: w, activations: x}\n") ==
        "q.yaml:3:24: workload.weigths: unknown key; did you mean \"weights\"? Valid keys: kind, weights, activations, "
        "pattern, weight_bits\n"
        "q.yaml:3:11: workload: the key \"weights\" is missing: safetensors with `weight` [out, in], int8 or float");
  CHECK(error_of("name: q\nfidelity: rtl\nworkload: gemm\n") ==
        "q.yaml:3:11: workload: expected a map with a kind: gemm, block, generate, firmware or shapes");
  CHECK(
      error_of(std::string(kMinimal) + "architecture: flexcim_publishd\n") ==
      "q.yaml:4:15: architecture: there is no architecture \"flexcim_publishd\"; did you mean "
      "\"flexcim_published\"? Known: dense_dcim, digital_nm, fixed_1_2, fixed_2_4, flexcim_published, flexcim_window2, "
      "per_cell_mux");
  CHECK(error_of(std::string(kMinimal) + "architecture: none.yaml\n") ==
        "q.yaml:4:15: architecture: none.yaml: no such file");
  CHECK(error_of(kMinimal, {"fidelity=fast"}) ==
        "--set fidelity=fast: fidelity: \"fast\" is none of tlm | rtl | verilog | estimate; did you mean \"tlm\"?");
}

TEST_CASE("A pattern that the hardware cannot run is refused with what it runs") {
  CHECK(error_of(kMinimal, {"workload.pattern=5:16"}) ==
        "--set workload.pattern=5:16: workload.pattern: architecture flexcim_published: the hardware (P = 4, I = 4) "
        "cannot run pattern 5:16; it runs dense, 1:2, 1:4, 2:4, 3:4, 1:8, 2:8, 3:8, 4:8");
}

TEST_CASE("The effective configuration is a scenario that gives itself") {
  const TempFolder folder;
  for (const std::string& text :
       {std::string(kMinimal),
        std::string("name: g\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: \"a: 'b'\\n# c\", tokens: 3, "
                    "host_costs: {norm: 2}}\n"),
        std::string("name: g\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: {text: t, first: 2}}\n"),
        std::string("name: 'b: c'\ndescription: d\nfidelity: rtl\nworkload: {kind: block, model: m, block: 1, linears: "
                    "[q_proj], tokens: {text: t}}\ntechnology: 7nm\narchitecture: flexcim_window2\n"
                    "also: [{fidelity: tlm}]\ntrace: {from: 5, to: 1e6, signals: [\"macro.sub[0].*\"], fst: "
                    "true, soc: true}\nsequencing: dense_slot\n")}) {
    const Scenario scenario = load(folder, text, {"architecture.dram.channels=2", "technology.sram.scale=2.5"});
    const std::string effective = effective_yaml(scenario);
    const TempFolder other;
    const Scenario again = load_scenario(other.write("q.yaml", effective), {});
    CHECK(effective_yaml(again) == effective);
    CHECK(again.architecture.dram.channels == 2);
    CHECK(again.technology.sram.scale == 2.5);
    CHECK(again.architecture.dram.device.name == "LPDDR4-3200");
    CHECK(again.architecture.dram.device.timing.ras == 68);
    CHECK(again.architecture.dram.device.energy.has_split());
  }
}

TEST_CASE("A generation has a prompt of words or of a text, and costs of the host") {
  const TempFolder folder;
  const std::string text = "name: g\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: In the beginning}\n";
  const auto workload = [&](const std::vector<std::string>& settings) {
    return std::get<GenerateWorkload>(load(folder, text, settings).workload);
  };
  CHECK(std::get<std::string>(workload({}).prompt) == "In the beginning");
  CHECK(workload({}).tokens == 64);
  CHECK(workload({}).host_costs.clock_mhz == 1000);
  CHECK(workload({"workload.host_costs.scan=2.5"}).host_costs.of(OperatorClass::scan) == 2.5);
  const auto range = std::get<TokenRange>(workload({"workload.prompt={text: t.txt, first: 3, count: 8}"}).prompt);
  CHECK(range.text == folder.path() / "t.txt");
  CHECK(range.first == 3);
  CHECK(range.count == 8);
  CHECK(load(folder, text, {"architecture.weights_resident=on"}).architecture.weights_resident);
  CHECK_FALSE(load(folder, text, {"architecture.weights_resident=off"}).architecture.weights_resident);
}

TEST_CASE("A bad generation is told what is wrong where") {
  const std::string text = "name: g\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: a}\n";
  CHECK(error_of(text, {"workload.prompt=\"\""}) ==
        "--set workload.prompt=\"\": workload.prompt: is empty; expected text");
  CHECK(error_of("name: g\nfidelity: tlm\nworkload: {kind: generate, model: m}\n") ==
        "q.yaml:3:11: workload: the key \"prompt\" is missing: what the text goes on from: words, or tokens of a text "
        "file");
  CHECK(error_of(text, {"workload.prompt=[a]"}) ==
        "--set workload.prompt=[a]: workload.prompt: expected a text, not a list");
  CHECK_THAT(
      error_of(text, {"workload.prompt={txt: t}"}),
      Catch::StartsWith("--set workload.prompt={txt: t}: workload.prompt.txt: unknown key; did you mean \"text\"?"));
  CHECK_THAT(error_of(text, {"workload.host_costs.rop=1"}),
             Catch::Contains("workload.host_costs.rop: unknown key; did you mean \"rope\"?"));
  CHECK_THAT(error_of(text, {"workload.tokens=0"}), Catch::EndsWith("workload.tokens: 0 is outside 1…65536"));
  CHECK_THAT(error_of(text + "also: [{fidelity: rtl, linears: [q_proj]}]\n"),
             Catch::EndsWith("also.0.linears: a model generates with all of its linears"));
}

}  // namespace flexcim
