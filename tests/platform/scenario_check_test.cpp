#include "platform/workload/scenario_check.h"

#include "platform/workload/generate_job.h"
#include "tests/platform/int8_file.h"
#include "tests/platform/scenario_text.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

std::string check_error(const TempFolder& folder, const std::string& text,
                        const std::vector<std::string>& settings = {}) {
  return error_in(folder, [&] { check_scenario(load(folder, text, settings)); });
}

}  // namespace

TEST_CASE("Checking a gemm opens its files") {
  const TempFolder folder;
  CHECK(check_error(folder, kMinimal) ==
        "q.yaml:3:33: workload.weights: w.safetensors: no such file\n"
        "q.yaml:3:61: workload.activations: x.safetensors: no such file");
  write_int8((folder.path() / "w.safetensors").string(), "weight", 2, 4, {1, 0, 2, 0, 0, 0, 0, 3});
  write_int8((folder.path() / "x.safetensors").string(), "activation", 1, 4, {1, 2, 3, 4});
  CHECK(check_error(folder, kMinimal).empty());
  CHECK_THAT(check_error(folder, kMinimal, {"workload.pattern=1:4"}),
             Catch::StartsWith("q.yaml:3:11: workload: w.safetensors: tensor weight"));
  write_int8((folder.path() / "x.safetensors").string(), "activation", 1, 5, {1, 2, 3, 4, 5});
  CHECK(check_error(folder, kMinimal) ==
        "q.yaml:3:11: workload: x.safetensors: tensor activation has 5 inputs per token, but w.safetensors: tensor "
        "weight has 4");
  folder.write("x.safetensors", "\x08");
  CHECK_THAT(check_error(folder, kMinimal), Catch::StartsWith("q.yaml:3:11: workload: x.safetensors: "));
}

TEST_CASE("Checking a block finds every file that is missing") {
  const TempFolder folder;
  const std::string text =
      "name: b\nfidelity: tlm\nworkload: {kind: block, model: m, block: 1, tokens: {text: t.txt, first: 4, count: "
      "3}}\n";
  CHECK(check_error(folder, text) ==
        "q.yaml:3:60: workload.tokens.text: t.txt: no such file\n"
        "q.yaml:3:32: workload.model: m: no such file");
  folder.write("m/other", "");
  folder.write("t.txt", "abcdefg");
  CHECK_THAT(
      check_error(folder, text),
      Catch::StartsWith("q.yaml:3:11: workload.flow.calibration: missing: a model directory is calibrated with a text\n"
                        "q.yaml:3:32: workload.model: m/config.json: cannot be opened"));
}

TEST_CASE("Checking a block opens the model and finds block and linears") {
  const TempFolder folder;
  const std::string models = std::string(FLEXCIM_SCENARIOS_DIR) + "/models/tiny-llama";
  const std::string text = "name: b\nfidelity: tlm\nworkload: {kind: block, model: " + models +
                           ", block: 2, tokens: {text: " + models + "/evaluation.txt}, flow: {calibration: " + models +
                           "/calibration.txt}}\n";
  CHECK(check_error(folder, text + "also: [{fidelity: rtl, linears: [q_proj]}]\n").empty());
  CHECK(
      check_error(folder, text, {"workload.linears=[q_prj]"}) ==
      "--set workload.linears=[q_prj]: workload.linears: the block has no linear \"q_prj\"; did you mean \"q_proj\"?");
  CHECK(check_error(folder, text + "also: [{fidelity: rtl, linears: [down]}]\n") ==
        "q.yaml:4:33: also.0.linears: the block has no linear \"down\"; did you mean \"down_proj\"?");
  CHECK(check_error(folder, text, {"workload.block=6"}) ==
        "--set workload.block=6: workload.block: " + models + " has no block 6");
  CHECK(check_error(folder, text, {"workload.flow.candidates=[\"2:4\", \"5:16\"]"}) ==
        "--set workload.flow.candidates=[\"2:4\", \"5:16\"]: workload.flow.candidates: 5:16: the hardware (P = 4, I = "
        "4) cannot run pattern 5:16; it runs dense, "
        "1:2, 1:4, 2:4, 3:4, 1:8, 2:8, 3:8, 4:8");
  CHECK_THAT(check_error(folder, text, {"workload.flow.candidates=[\"9:4\"]"}),
             Catch::StartsWith("--set workload.flow.candidates=[\"9:4\"]: workload.flow.candidates: "));
  CHECK_THAT(check_error(folder, text, {"workload.flow.keep_dense=[middle]"}),
             Catch::StartsWith("--set workload.flow.keep_dense=[middle]: workload.flow.keep_dense: "));
}

TEST_CASE("Checking a model finds what keeps it from being pruned and read") {
  const TempFolder folder;
  const std::string models = std::string(FLEXCIM_SCENARIOS_DIR) + "/models/tiny-llama";
  const std::string text = "name: b\nfidelity: tlm\nworkload:\n  kind: block\n  model: " + models +
                           "\n  tokens: {text: " + models + "/evaluation.txt}\n  flow:\n    calibration: " + models +
                           "/calibration.txt\n";
  CHECK(check_error(folder, text, {"workload.flow.sparsity=0.75", "workload.tokens.count=256"}).empty());
  folder.write("short.txt", std::string(255, 'a'));
  CHECK(check_error(folder, text + "    sparsity: 0.8\n",
                    {"workload.tokens.count=257", "workload.flow.calibration=short.txt"}) ==
        "--set workload.flow.calibration=short.txt: workload.flow.calibration: short.txt: 255 tokens are less than one "
        "sequence of 256\n"
        "q.yaml:9:15: workload.flow.sparsity: a mean sparsity of 0.8 cannot be reached with these candidates and the "
        "blocks that may be pruned; the most is 0.75\n"
        "q.yaml:6:11: workload.tokens: " +
            models + " reads at most 256 tokens, not 257");
  CHECK(check_error(folder, text, {"workload.flow.candidates=[\"4:4\"]"}) ==
        "q.yaml:8:5: workload.flow.sparsity: a mean sparsity of 0.5 cannot be reached with these candidates and the "
        "blocks that may be pruned; the most is 0");
  // Eight of sixteen pairs can be chosen in 490314 ways.
  CHECK_THAT(check_error(
                 folder, text,
                 {"workload.flow.candidates=[\"8:32\"]", "architecture.pairs_per_set=16", "architecture.sub_macros=8"}),
             Catch::StartsWith("q.yaml:8:5: workload.flow.policy: model.layers.0.self_attn.q_proj: "));
}

TEST_CASE("Tokens of a block or a prompt lie in one row of a tensor") {
  const TempFolder folder;
  const std::string models = std::string(FLEXCIM_SCENARIOS_DIR) + "/models/tiny-llama";
  SafetensorsWriter writer((folder.path() / "t.safetensors").string(), {{"tokens", Dtype::i32, {3, 20}}});
  std::vector<std::int32_t> ids(60);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int32_t>(i);
  writer.write("tokens", ids);
  writer.finish();
  const std::string text = "name: g\nfidelity: tlm\nworkload: {kind: generate, model: " + models +
                           ", prompt: {text: t.safetensors}, flow: {calibration: " + models + "/calibration.txt}}\n";
  const auto range = [&](int first, int count) {
    return check_error(folder, text,
                       {"workload.prompt={text: t.safetensors, first: " + std::to_string(first) +
                        ", count: " + std::to_string(count) + "}"});
  };
  CHECK(range(0, 20).empty());
  CHECK(range(25, 15).empty());
  CHECK_THAT(range(25, 16), Catch::EndsWith("t.safetensors has rows of 20 tokens, which do not follow each other, but "
                                            "tokens 25..40 are asked for, which lie in several of them"));
  CHECK_THAT(range(50, 11), Catch::EndsWith("t.safetensors has 60 tokens, but tokens 50..60 are asked for"));
  CHECK(prompt_tokens(TokenRange{folder.path() / "t.safetensors", 25, 3}, ModelText(models, 256)) ==
        std::vector<int>{25, 26, 27});
}

TEST_CASE("Checking a generation opens the model and measures prompt and text") {
  const TempFolder folder;
  const std::string models = std::string(FLEXCIM_SCENARIOS_DIR) + "/models/tiny-llama";
  const std::string text = "name: g\nfidelity: tlm\nworkload: {kind: generate, model: " + models +
                           ", prompt: abcd, flow: {calibration: " + models + "/calibration.txt}}\n";
  CHECK(check_error(folder, text).empty());
  CHECK(check_error(folder, text, {"workload.tokens=252"}).empty());
  CHECK(check_error(folder, text, {"workload.tokens=253"}) ==
        "--set workload.tokens=253: workload.tokens: a prompt of 4 tokens and 253 more exceed the context of 256 "
        "tokens of " +
            models);
  CHECK(check_error(folder, text, {"workload.prompt={text: none.txt}"}) ==
        "--set workload.prompt={text: none.txt}: workload.prompt.text: none.txt: no such file");
  folder.write("t.txt", "abc");
  CHECK(check_error(folder, text, {"workload.prompt={text: t.txt}"}) ==
        "--set workload.prompt={text: t.txt}: workload.prompt: t.txt has 3 tokens, but tokens 0..15 are asked for");
  CHECK(check_error(folder, text, {"workload.model=none"}) ==
        "--set workload.model=none: workload.model: none: no such file");
  CHECK(check_error(folder, "name: g\nfidelity: tlm\nworkload: {kind: generate, model: " + models + ", prompt: a}\n") ==
        "q.yaml:3:11: workload.flow.calibration: missing: a model directory is calibrated with a text");
}

TEST_CASE("The shipped generations are sound") {
  for (const char* name : {"generate_tiny_llama", "generate_tiny_mamba"}) {
    const Scenario scenario = load_scenario(std::string(FLEXCIM_SCENARIOS_DIR) + "/" + name + ".yaml", {});
    CHECK(input_error([&] { check_scenario(scenario); }).empty());
  }
}

TEST_CASE("The shipped quickstart is sound") {
  const Scenario scenario = load_scenario(std::string(FLEXCIM_SCENARIOS_DIR) + "/quickstart.yaml", {});
  CHECK(input_error([&] { check_scenario(scenario); }).empty());
  CHECK(scenario.also.size() == 1);
}

}  // namespace flexcim
