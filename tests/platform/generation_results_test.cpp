#include "flow/select/token_file.h"
#include "platform/results/generation_files.h"
#include "platform/results/generation_report.h"
#include "platform/results/report.h"
#include "platform/results/result_files.h"
#include "tests/platform/temp_folder.h"

#include <catch2/catch.hpp>
#include <limits>

namespace flexcim {
namespace {

LayerResult layer(const std::string& name, Pattern pattern, std::uint64_t cycles, double utilization) {
  LayerResult result;
  result.name = name;
  result.tokens = 2;
  result.out = 3;
  result.in = 8;
  result.pattern = pattern;
  result.cycles = cycles;
  result.stall_cycles = cycles / 2;
  result.utilization = utilization;
  result.match = true;
  result.energy.add({Component::cells, "energy.int8_multiply", {104, "fJ", 'S', "a model"}, 1'500'000});
  return result;
}

RunResult generated(const std::vector<int>& golden) {
  SimulationResult simulation;
  simulation.layers = {
      layer("prefill/layers.0.q_proj", {}, 100, 0.5), layer("prefill/layers.0.k_proj", {2, 4}, 50, 0.25),
      layer("prefill/layers.1.q_proj", {2, 4}, 300, 0.1), layer("decode/layers.0.q_proj", {}, 60, 0.5)};
  simulation.time_ps = 5'000'000;
  simulation.power = [](const PowerRow&) {};
  GenerationResult& generation = simulation.generation.emplace();
  generation.prompt = {'a', 'b'};
  generation.tokens = {'c', 7, 'd'};
  generation.golden = golden;
  generation.asked = 3;
  generation.prompt_text = "ab";
  generation.text = "c\ad";
  generation.golden_text = "golden";
  generation.whole_text = "abc\ad";
  const auto host = [](Femtojoules energy) {
    EnergyReport report;
    report.add({Component::host, "energy.host_instruction", {10, "pJ", 'E', "an estimate"}, energy});
    return report;
  };
  GenerationPart prefill;
  prefill.name = "prefill";
  prefill.tokens = 2;
  prefill.time = {100'000, 200'000, 240'000, 60'000, 400'000, 5'000};
  prefill.roofline = {640, 100'000, 160'000, 700'000};
  prefill.operators[static_cast<std::size_t>(OperatorClass::norm)] = {40,     70,     96,    32,
                                                                      50'000, 20'000, 5'000, host(700'000)};
  prefill.driver = host(800'000);
  GenerationPart decode;
  decode.name = "decode";
  decode.tokens = 2;
  decode.time = {1'000'000, 0, 0, 0, 3'000'000, 0};
  generation.parts = {prefill, decode};
  simulation.add_up();
  RunResult result;
  result.simulations.push_back(simulation);
  return result;
}

const std::vector<int> kGolden{'c', 7, 'd'};

Scenario scenario(const TempFolder& folder) {
  return load_scenario(
      folder.write("s.yaml", "name: s\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: ab, tokens: 3}\n"),
      {});
}

}  // namespace

TEST_CASE("Linears of one kind and part are summed up") {
  const std::vector<LayerKind> kinds = layer_kinds(generated(kGolden).simulations[0]);
  REQUIRE(kinds.size() == 3);
  CHECK(kinds[0].part == "prefill");
  CHECK(kinds[0].kind == "q_proj");
  CHECK(kinds[0].linears == 2);
  CHECK(kinds[0].patterns_text() == "dense 2:4");
  CHECK(kinds[0].macs_dense == 2 * (2 * 3 * 8));
  CHECK(kinds[0].cycles == 100 + 300);
  CHECK(kinds[0].stall_cycles == 50 + 150);
  CHECK(kinds[0].utilization() == Approx((0.5 * 100 + 0.1 * 300) / 400));
  CHECK(kinds[0].energy == 3'000'000);
  CHECK(kinds[1].kind == "k_proj");
  CHECK(kinds[2].part == "decode");
}

TEST_CASE("summary.json has rates, energy and time split of a generation") {
  const TempFolder folder;
  const auto json = nlohmann::json::parse(summary_json(scenario(folder), generated(kGolden)));
  CHECK(json["match"] == true);
  const auto& generation = json["generation"];
  CHECK(generation["text"] == "c\ad");
  CHECK(generation["golden_text"] == "golden");
  CHECK(generation["prompt_tokens"] == 2);
  CHECK(generation["tokens_asked"] == 3);
  CHECK(generation["finish_reason"] == "length");
  const auto& prefill = generation["prefill"];
  CHECK(prefill["time_ns"] == 1000);
  CHECK(prefill["tokens_per_s"] == Approx(2 / 1000e-9));
  CHECK(prefill["energy_pj"] == 3 * 1500 + 700 + 800);
  CHECK(prefill["energy_per_token_pj"] == 3000);
  CHECK(prefill["energy_split_pj"]["gemm"] == 3 * 1500);
  CHECK(prefill["energy_split_pj"]["host_driver"] == 800);
  CHECK(prefill["operators"][1]["energy_pj"] == 700);
  CHECK(json["between"]["energy_pj"] == 700 + 800);
  CHECK(json["energy_pj"] == 4 * 1500 + 700 + 800);
  CHECK(prefill["time_split_ns"]["gemm"] == 100);
  CHECK(prefill["time_split_ns"]["memory"] == 200);
  CHECK(prefill["time_split_ns"]["host"] == 300 + 400);
  CHECK(prefill["operators"][1]["operator"] == "norm");
  CHECK(prefill["operators"][1]["units"] == 40);
  CHECK(prefill["operators"][1]["time_ns"] == 70);
  CHECK(prefill["operators"][1]["wait_ns"] == 20);
  CHECK(prefill["operators"][1]["hidden_ns"] == 5);
  CHECK(prefill["operators"][1]["read_bytes"] == 96);
  CHECK(prefill["operators"][1]["written_bytes"] == 32);
  CHECK(prefill["time_split_ns"]["host_memory"] == 60);
  CHECK(prefill["roofline"]["bound"] == "host");
  CHECK(prefill["roofline"]["tokens_per_s"] == Approx(2 / 700e-9));
  CHECK(prefill["time_split_ns"]["hidden"] == 5);
  CHECK(json["host_clock"] == nlohmann::json{{"period_ps", 1000}, {"mhz", 1000}, {"asked_mhz", 1000}});
  CHECK(generation["decode"]["tokens"] == 2);
  CHECK(generation["layer_kinds"].size() == 3);
}

TEST_CASE("Another text than the golden model's shows everywhere") {
  const TempFolder folder;
  const RunResult result = generated({'c', 8, 'd'});
  CHECK_FALSE(result.match());
  const auto json = nlohmann::json::parse(summary_json(scenario(folder), result));
  CHECK(json["match"] == false);
  CHECK(json["generation"]["match"] == false);
  CHECK_THAT(report(scenario(folder), result), Catch::Contains("NOT equal to the golden int8 model's"));
  CHECK_THAT(closing_lines(result, "out"),
             Catch::Contains("MISMATCH text at tlm: from token 1 on") && !Catch::Contains("every output equals"));
}

TEST_CASE("Report and summary.json say that an end-of-text token ended the text") {
  const TempFolder folder;
  RunResult result = generated(kGolden);
  result.simulations[0].generation->ended = true;
  result.simulations[0].generation->asked = 64;
  const auto json = nlohmann::json::parse(summary_json(scenario(folder), result));
  CHECK(json["generation"]["tokens_asked"] == 64);
  CHECK(json["generation"]["finish_reason"] == "eos");
  CHECK_THAT(report(scenario(folder), result),
             Catch::Contains("text, 3 tokens of 64 (its last, 100, ends the text), equal to the golden"));
}

TEST_CASE("A result with a figure that is not finite is not written") {
  const TempFolder folder;
  RunResult result = generated(kGolden);
  result.simulations[0].layers[3].utilization = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(write_results(folder.path(), scenario(folder), result),
                    Catch::Contains("utilization is not a finite number"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "summary.json"));
}

TEST_CASE("The report of a generation shows the text without driving the terminal") {
  const TempFolder folder;
  const std::string text = report(scenario(folder), generated(kGolden));
  CHECK_THAT(text, Catch::Contains("text, 3 tokens, equal to the golden int8 model's:\nc\\x07d\n"));
  CHECK_THAT(text, Catch::Contains("prefill q_proj") && Catch::Contains("dense 2:4"));
  CHECK_THAT(text, Catch::Contains("40 values"));
  CHECK_THAT(text, !Catch::Contains("scan"));  // what did not happen has no row
}

TEST_CASE("The result folder of a generation has its text, as bytes and as tokens that are a prompt again") {
  const TempFolder folder;
  write_results(folder.path(), scenario(folder), generated(kGolden));
  CHECK(folder.read("text.txt") == "abc\ad");
  CHECK(read_tokens((folder.path() / "outputs.safetensors").string(), ModelText("", 256)) ==
        std::vector<std::vector<int>>{{'a', 'b', 'c', 7, 'd'}});
  const std::string kinds = folder.read("layer_kinds.csv");
  CHECK_THAT(kinds, Catch::StartsWith("run,fidelity,part,kind,linears,patterns,"));
  CHECK_THAT(kinds, Catch::Contains("\n0,tlm,prefill,q_proj,2,dense 2:4,96,400,200,0.200000,3000.000,true\n"));
}

}  // namespace flexcim
