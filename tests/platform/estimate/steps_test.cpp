// A workload's steps against closed forms, and their host's work against that of models that really run.
#include "flow/model/float_runner.h"
#include "flow/model/generate.h"
#include "flow/model/load_model.h"
#include "platform/config/hardware.h"
#include "platform/estimate/plain_soc.h"
#include "platform/estimate/shapes_estimate.h"
#include "platform/estimate/step_plan.h"
#include "platform/estimate/stream_cost.h"
#include "platform/results/load_result.h"
#include "platform/results/result_files.h"
#include "tests/platform/scenario_text.h"
#include "tlm/interface/memory_map.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

// Four blocks of two norms, four heads of 64 on two of keys, a feed-forward network of 512.
constexpr const char* kConfig =
    R"({"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 4,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000, "max_position_embeddings": 128})";
constexpr const char* kEncoder =
    R"({"model_type": "clip_vision_model", "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2,
        "num_attention_heads": 2, "image_size": 56, "patch_size": 14})";
constexpr int kBlocks = 4, kLinears = 7;
constexpr std::uint64_t kMacsPerScore = 2 * 4 * 64 * kBlocks;  // queries times keys, weights times values

/// The small model, 4:8 in all of its blocks.
class Steps {
 public:
  explicit Steps(const std::string& steps, const std::string& more = "") {
    folder_.write("config.json", kConfig);
    folder_.write("encoder.json", kEncoder);
    text_ = "name: q\nfidelity: estimate\nworkload:\n  kind: shapes\n  model: ./config.json\n" +
            std::string("  patterns: {uniform: '4:8', keep_dense: none}\n") + more +
            (steps.empty() ? "" : "  steps: " + steps + "\n");
  }
  Scenario scenario(const std::vector<std::string>& settings = {}) const { return load(folder_, text_, settings); }
  SimulationResult run(const std::vector<std::string>& settings = {}) const {
    return estimate_shapes(scenario(settings)).simulations.at(0);
  }
  std::string error(const std::vector<std::string>& settings = {}) const {
    return error_in(folder_, [&] { plan_steps(scenario(settings)); });
  }
  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
  std::string text_;
};

std::uint64_t cycles_of(const SimulationResult& run, const std::string& part) {
  std::uint64_t cycles = 0;
  for (const LayerResult& layer : run.layers) cycles += layer.part() == part ? layer.cycles : 0;
  return cycles;
}

double tokens_of_verify(int tokens, double acceptance) {
  Request request;
  request.phase = RequestPhase::verify;
  request.tokens = tokens;
  request.acceptance = acceptance;
  return request.gives();
}

/// What a model computes besides its linears, and what goes into and out of these.
class Counter : public FloatRunner {
 public:
  explicit Counter(const LanguageModel& model) : FloatRunner(model) {}
  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override {
    FloatRunner::run(linear, x, y);
    on_operator(OperatorClass::quantize, x.rows * x.cols);
    on_operator(OperatorClass::dequantize, y.rows * y.cols);
  }
  const OperatorUnits& units() const { return units_; }
  const MemoryUse& use(std::size_t operators) const { return uses_[operators]; }

 private:
  void count(OperatorClass operators, std::uint64_t units, const MemoryUse& use) override {
    units_[static_cast<std::size_t>(operators)] += units;
    uses_[static_cast<std::size_t>(operators)].read += use.read;
    uses_[static_cast<std::size_t>(operators)].written += use.written;
  }

  OperatorUnits units_{};
  std::array<MemoryUse, kOperatorClasses> uses_{};
};

}  // namespace

TEST_CASE("A step runs each linear once for the tokens of all of its requests") {
  const Steps steps("[{requests: [{phase: prefill, tokens: 5}, {phase: decode, context: 3, count: 2}]}]",
                    "  lm_head: true\n");
  const SimulationResult batch = steps.run();
  REQUIRE(batch.layers.size() == kBlocks * kLinears + 1);
  const SimulationResult one = Steps("", "  tokens: 7\n").run();
  for (int i = 0; i < kBlocks * kLinears; ++i) {
    const LayerResult& layer = batch.layers[static_cast<std::size_t>(i)];
    CHECK(layer.name == "prefill+decode/" + one.layers[static_cast<std::size_t>(i)].name);
    CHECK(layer.tokens == 5 + 2);
    CHECK(layer.cycles == one.layers[static_cast<std::size_t>(i)].cycles);
    CHECK(layer.energy.total() == one.layers[static_cast<std::size_t>(i)].energy.total());
  }
  CHECK(batch.layers.back().tokens == 1 + 2);  // logits of the prompt's last token, and of each that decodes
}

TEST_CASE("Repeats are counted, not listed") {
  const auto run = [](const std::string& times) {
    return Steps("[{requests: [{phase: decode, context: 3, count: 3}], " + times + "}]").run();
  };
  const SimulationResult once = run("repeat: 1"), often = run("repeat: 20, batches: 7");
  REQUIRE(often.layers.size() == once.layers.size());
  CHECK(often.cycles == 140 * once.cycles);
  for (std::size_t i = 0; i < once.layers.size(); ++i) {
    CHECK(often.layers[i].tokens == 140 * 3);
    CHECK(often.layers[i].macs_executed == 140 * once.layers[i].macs_executed);
    CHECK(often.layers[i].stall_cycles == 140 * once.layers[i].stall_cycles);
    CHECK(often.layers[i].dram_bytes == 140 * once.layers[i].dram_bytes);
    CHECK(often.layers[i].energy.total() == 140 * once.layers[i].energy.total());
    CHECK(often.layers[i].utilization == once.layers[i].utilization);
  }
  CHECK(often.steps->tokens_out() == 20 * 7 * 3);
}

TEST_CASE("A step's weights have bits of their own, but for those of the head") {
  const std::string first = "{name: first, requests: [{phase: decode, context: 3}]",
                    second = "{name: second, requests: [{phase: decode, context: 3}]";
  const auto run = [](const std::string& steps, const std::string& bits) {
    return Steps("[" + steps + "]", "  lm_head: true\n  weight_bits: " + bits + "\n")
        .run({"architecture.int4_per_cell=2"});
  };
  const SimulationResult mixed = run(first + ", weight_bits: 4}, " + second + "}", "8");
  const SimulationResult int4 = run(first + "}, " + second + "}", "4"), int8 = run(first + "}, " + second + "}", "8");
  CHECK(cycles_of(mixed, "first") == cycles_of(int4, "first"));
  CHECK(cycles_of(mixed, "second") == cycles_of(int8, "second"));
  CHECK(cycles_of(int4, "first") != cycles_of(int8, "first"));
  for (const LayerResult& layer : mixed.layers) {
    const bool head = layer.in == 256 && layer.out == 1000;
    CHECK(layer.weight_bits == (layer.part() == "first" && !head ? 4 : 8));
  }
}

TEST_CASE("Guesses that are right give the tokens of the closed form") {
  CHECK(tokens_of_verify(4, 0.5) == Approx(1.875));  // 1 + 1/2 + 1/4 + 1/8
  for (const double a : {0.1, 0.7, 0.95}) CHECK(tokens_of_verify(6, a) == Approx((1 - std::pow(a, 6)) / (1 - a)));
  CHECK(tokens_of_verify(6, 0) == 1);
  CHECK(tokens_of_verify(6, 1) == 6);
  CHECK(tokens_of_verify(1, 0.3) == 1);
}

TEST_CASE("Attention sees each context as it grows") {
  const auto macs = [](const std::string& step, std::size_t pass = 0) {
    return Steps("[{" + step + "}]").run().steps->passes.at(pass).requests.at(0).attention_macs;
  };
  // Each token sees those before it, and itself.
  CHECK(macs("requests: [{phase: decode, context: 10}], repeat: 3") == kMacsPerScore * (11 + 12 + 13));
  CHECK(macs("requests: [{phase: decode, context: 10, count: 2}], batches: 5") == kMacsPerScore * 11 * 2 * 5);
  CHECK(macs("requests: [{phase: prefill, tokens: 4}]") == kMacsPerScore * (1 + 2 + 3 + 4));
  // Two chunks of three.
  CHECK(macs("requests: [{phase: prefill, tokens: 3, context: 2}], repeat: 2") ==
        kMacsPerScore * (3 + 4 + 5 + 6 + 7 + 8));
  CHECK(macs("requests: [{phase: encode, tokens: 5}], repeat: 2") == kMacsPerScore * 2 * 5 * 5);
  // Without a right guess a round gives one token; before it two are drafted.
  const std::string rounds = "requests: [{phase: verify, tokens: 3, context: 4, acceptance: 0}], draft: {}, repeat: 2";
  CHECK(macs(rounds, 0) == kMacsPerScore * (5 + 6 + 6 + 7));
  CHECK(macs(rounds, 1) == kMacsPerScore * (5 + 6 + 7 + 6 + 7 + 8));
  // With all of them right, three.
  const std::string right = "requests: [{phase: verify, tokens: 3, context: 4, acceptance: 1}], repeat: 2";
  CHECK(macs(right) == kMacsPerScore * (5 + 6 + 7 + 8 + 9 + 10));
  CHECK(macs("requests: [{phase: decode, context: 10}], skip: 0.25") == kMacsPerScore / 4 * 3 * 11);
}

TEST_CASE("Skipping half of the blocks halves their cycles, and leaves out those in the middle") {
  const SimulationResult whole = Steps("[{requests: [{phase: decode}]}]").run();
  const SimulationResult half = Steps("[{requests: [{phase: decode}], skip: 0.5}]").run();
  CHECK(2 * half.cycles == whole.cycles);
  REQUIRE(half.layers.size() == 2 * kLinears);
  CHECK(half.layers.front().name == "decode/model.layers.0.self_attn.q_proj");
  CHECK(half.layers.back().name == "decode/model.layers.3.mlp.down_proj");
}

TEST_CASE("A slice of the feed-forward network is narrower, block by block where a list says so") {
  const SimulationResult run = Steps("[{requests: [{phase: decode}], ffn: [0.25, 1]}]").run();
  const auto shape = [&](int block, std::size_t linear) {
    const LayerResult& layer = run.layers[static_cast<std::size_t>(block) * kLinears + linear];
    return std::pair(layer.out, layer.in);
  };
  for (const int block : {0, 1}) {
    CHECK(shape(block, 3) == std::pair(256, 256));  // o_proj
    CHECK(shape(block, 4) == std::pair(128, 256));  // gate_proj
    CHECK(shape(block, 5) == std::pair(128, 256));  // up_proj
    CHECK(shape(block, 6) == std::pair(256, 128));  // down_proj
  }
  CHECK(shape(2, 4) == std::pair(512, 256));
  CHECK(shape(3, 6) == std::pair(256, 512));
  const auto& operators = run.steps->parts[0].operators;
  CHECK(operators[static_cast<std::size_t>(OperatorClass::activation)].units == 2 * 128 + 2 * 512);
}

TEST_CASE("A round drafts a token in each pass, then verifies all of them in one") {
  const Steps steps(
      "[{name: round, requests: [{phase: verify, tokens: 5, context: 8, count: 2, acceptance: 0.5}], "
      "draft: {skip: 0.5}, repeat: 3, batches: 2}]");
  const SimulationResult run = steps.run();
  const SimulationResult draft = Steps("[{requests: [{phase: decode, context: 8, count: 2}], skip: 0.5}]").run();
  const SimulationResult verify = Steps("[{requests: [{phase: prefill, tokens: 10}]}]").run();
  CHECK(cycles_of(run, "round.draft") == draft.cycles * 4 * 3 * 2);
  CHECK(cycles_of(run, "round") == verify.cycles * 3 * 2);
  const StepsResult& result = *run.steps;
  REQUIRE(result.passes.size() == 2);
  CHECK(result.passes[0].times() == 4 * 3 * 2);
  CHECK(result.passes[0].tokens_out() == 0);
  CHECK(result.tokens_out() == Approx(1.9375 * 2 * 3 * 2));
  // Of a batch both passes take half of the time, in which a request gets three times 1.9375 tokens.
  CHECK(result.per_token_ps() == Approx(static_cast<double>(run.time_ps) / 2 / (3 * 1.9375)));
  CHECK(result.first_token_ps() == 0);
  // One token: nothing is left to draft, and the round is plain decoding.
  const SimulationResult plain = steps.run({"workload.steps.0.requests.0.tokens=1"});
  CHECK(plain.steps->passes.size() == 1);
  CHECK(plain.steps->tokens_out() == 2 * 3 * 2);
}

TEST_CASE("Times of tokens are those of the steps that give them") {
  const SimulationResult run =
      Steps(
          "[{requests: [{phase: encode, tokens: 17, count: 2}], model: ./encoder.json, batches: 2}, "
          "{requests: [{phase: prefill, tokens: 20, count: 4}]}, "
          "{requests: [{phase: decode, context: 20, count: 4}], repeat: 10}]")
          .run();
  const StepsResult& steps = *run.steps;
  REQUIRE(steps.parts.size() == 3);
  const auto time = [&](std::size_t pass) { return steps.parts[pass].time.total_ps(); };
  CHECK(run.time_ps == time(0) + time(1) + time(2));
  CHECK(steps.first_token_ps() == time(0) + time(1));
  CHECK(steps.per_token_ps() == Approx(static_cast<double>(time(2)) / 10));
  CHECK(steps.tokens_out() == 4 + 4 * 10);
  CHECK(run.token_rates().tokens_per_s == Approx(44 / (static_cast<double>(run.time_ps) * 1e-12)));
  CHECK(run.layers.front().name == "encode/vision_model.encoder.layers.0.self_attn.q_proj");
  CHECK(run.layers.front().tokens == 17 * 4);
  CHECK(steps.parts[0].operators[static_cast<std::size_t>(OperatorClass::head)].units == 0);
  CHECK(steps.parts[1].operators[static_cast<std::size_t>(OperatorClass::head)].units == 4 * 256 * 1000);
  Femtojoules energy = 0;
  for (const GenerationPart& part : steps.parts) energy += part.energy.total();
  CHECK(run.energy.total() == energy);
}

TEST_CASE("A sequence beyond the window of attention is refused") {
  const TempFolder folder;
  folder.write("config.json",
               R"({"model_type": "mistral", "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2,
                   "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 99, "sliding_window": 8})");
  const auto error = [&](const std::string& context) {
    const std::string text =
        "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: ./config.json, steps: [{requests: [{phase: "
        "decode, "
        "context: " +
        context + "}]}]}\n";
    return error_in(folder, [&] { plan_steps(load(folder, text)); });
  };
  CHECK(error("7").empty());
  CHECK_THAT(error("8"),
             Catch::Contains("a decode comes to 9 tokens, of which the model's attention sees 8 at a time"));
}

TEST_CASE("The host computes and moves what a model that runs does besides its linears") {
  const std::filesystem::path fixtures(FLEXCIM_SCENARIOS_DIR "/../tests/flow/models");
  for (const char* name : {"llama", "llama_biases", "qwen2", "qwen3", "opt", "mamba", "falcon_mamba"}) {
    CAPTURE(name);
    const TempFolder folder;
    std::filesystem::copy(fixtures / name, folder.path());
    const auto loaded = load_model(folder.path().string());
    Counter counter(*loaded);
    generate_greedy(*loaded, counter, {1, 2, 3, 4, 5}, 4);
    const Scenario scenario =
        load(folder,
             "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: ./config.json, steps: [{requests: [{phase: "
             "prefill, tokens: 5}]}, {requests: [{phase: decode, context: 5}], repeat: 3}]}\n");
    OperatorUnits units{};
    std::array<MemoryUse, kOperatorClasses> uses{};
    const SequenceMemory memory = loaded->sequence_memory();
    for (const Pass& pass : plan_steps(scenario).passes) {
      for (std::size_t i = 0; i < kOperatorClasses; ++i) {
        units[i] += pass.units[i];
        uses[i].read += pass.uses[i].rows.read;
        uses[i].written += pass.uses[i].rows.written;
      }
      CHECK(pass.cache.rows == memory.cache.rows);
      CHECK(pass.cache.values == memory.cache.values);
      CHECK(pass.hidden == loaded->hidden());
    }
    for (std::size_t i = 0; i < kOperatorClasses; ++i) {
      INFO(operator_classes()[i].name);
      CHECK(units[i] == counter.units()[i]);
      CHECK(uses[i].read == counter.use(i).read);
      CHECK(uses[i].written == counter.use(i).written);
    }
  }
}

TEST_CASE("What the host reads and writes takes time where it computes faster than that comes") {
  const Steps steps("[{requests: [{phase: prefill, tokens: 8, count: 2}]}]");
  const auto host = [&](const std::vector<std::string>& settings) { return steps.run(settings).steps->parts.at(0); };
  const auto of = [](const GenerationPart& part, OperatorClass operators) -> const OperatorResult& {
    return part.operators[static_cast<std::size_t>(operators)];
  };
  const GenerationPart slow = host({}), fast = host({"workload.host_costs.clock_mhz=100000"});
  // Keys and values: two heads of 64, two bytes; each of two prompts sees 36 in each block, token by token.
  constexpr std::uint64_t kToken = 2 * 2 * 64 * 2;
  CHECK(of(slow, OperatorClass::attention).read_bytes == 2 * 36 * kBlocks * kToken);
  CHECK(of(slow, OperatorClass::attention).written_bytes == 2 * 8 * kBlocks * kToken);
  CHECK(of(slow, OperatorClass::embedding).read_bytes == 2 * 8 * 256 * 2);
  CHECK(of(slow, OperatorClass::head).read_bytes == 1000 * 256 * 2);  // once for both
  CHECK(of(slow, OperatorClass::attention).wait_ps == 0);
  const OperatorResult& head = of(fast, OperatorClass::head);
  CHECK(head.wait_ps > 0);
  CHECK(fast.time.host_memory_ps > head.wait_ps);
  // 125 pages of 692 ns, whatever the host computes meanwhile; refreshes of 280 ns every 3.9 us come on top.
  CHECK(static_cast<double>(head.time_ps()) == Approx(125 * 692e3 * (1 + 280 / 3904.0)).epsilon(0.02));
  CHECK(fast.time.total_ps() == fast.time.gemm_ps + fast.time.memory_ps + fast.time.host_ps());
  CHECK(head.energy.of(Component::dram) > 0);
  // Together, what one of four or of eight sees on average.
  const auto reads = [&](const char* queries) {
    return of(host({fmt::format("workload.host_memory.queries={}", queries)}), OperatorClass::attention).read_bytes;
  };
  CHECK(reads("4") == 2 * 36 * kBlocks * kToken / 4);
  CHECK(reads("64") == 2 * 36 * kBlocks * kToken / 8);
  CHECK(of(host({"workload.host_memory.cache=int8"}), OperatorClass::attention).read_bytes ==
        2 * 36 * kBlocks * 4 * (64 + 4));
  CHECK(of(host({"workload.lm_head=true"}), OperatorClass::head).read_bytes == 0);
}

TEST_CASE("A stream costs what one on a SoC of arithmetic alone costs") {
  const Architecture architecture = load_hardware("flexcim_published").architecture;
  const StreamCosts costs(architecture);
  for (const bool write : {false, true}) {
    for (const std::uint64_t bytes : {std::uint64_t{20}, std::uint64_t{4096}, std::uint64_t{1'000'000}}) {
      MemoryImage image(memory_map::dram);
      const std::uint64_t address = image.reserve("data", bytes);
      PlainSoc soc(architecture, image, 1'000'000'000'000, [](std::uint64_t) {});
      soc.stream(write, address, bytes);
      const StreamCost cost = costs.of(write, bytes, 1);
      CHECK(cost.ps == static_cast<double>(soc.now_ps()));
      CHECK(cost.dram.activates == soc.dram().events().activates);
      CHECK(cost.dram.read_bursts == soc.dram().events().read_bursts);
      CHECK(cost.dram.write_bursts == soc.dram().events().write_bursts);
    }
  }
  // Twice as much beyond what is served one by one takes twice as long; pieces are slower than a whole.
  CHECK(costs.of(false, 80'000'000, 1).ps == Approx(2 * costs.of(false, 40'000'000, 1).ps).epsilon(1e-9));
  CHECK(costs.of(false, 1'000'000, 1000).ps > 1.1 * costs.of(false, 1'000'000, 1).ps);
  CHECK(costs.of(false, 0, 0).ps == 0);
}

TEST_CASE("Results of steps are read back, more than 9 J to the femtojoule, too") {
  const Steps steps(
      "[{requests: [{phase: prefill, tokens: 9}], batches: 200000}, {name: round, draft: {skip: 0.25, ffn: 0.5}, "
      "repeat: 3, "
      "requests: [{phase: verify, tokens: 4, context: 9, acceptance: 0.7}]}]",
      "  lm_head: true\n");
  const Scenario scenario =
      steps.scenario({"compare=[{axis: a, key: workload.steps.1.repeat, values: [2, 5], reference: '2'}]"});
  const RunResult written = estimate_shapes(scenario);
  const std::filesystem::path out = steps.folder().path() / "out";
  std::filesystem::create_directory(out);
  write_results(out, scenario, written);
  const LoadedResult loaded = load_result(out);
  CHECK(written.simulations[0].energy.total() > 9'000'000'000'000'000);
  CHECK(summary_json(loaded.scenario, loaded.result) == summary_json(scenario, written));
  CHECK(loaded.result.comparison->points[1].per_token_ns == Approx(written.comparison->points[1].per_token_ns));
  CHECK(loaded.result.comparison->points[0].tokens_out == Approx(200000 + 2 * tokens_of_verify(4, 0.7)));
}

TEST_CASE("Steps that are none are told by their key") {
  const Steps steps(
      "[{requests: [{phase: decode, context: 3}]}, {name: v, draft: {}, requests: "
      "[{phase: verify, tokens: 3, acceptance: 0.5}]}]");
  CHECK(steps.error() == "");
  const auto refused = [&](const std::string& setting, const std::string& why) {
    INFO(setting);
    CHECK_THAT(steps.error({"workload." + setting}), Catch::Contains(why));
  };
  refused("steps.0.requests.0.phase=write",
          "workload.steps.0.requests.0.phase: \"write\" is none of encode | prefill | decode | verify; did you mean");
  refused("steps.0.requests=[]", "workload.steps.0.requests: has no request");
  refused("steps.0.requests.0.tokens=2", "workload.steps.0.requests.0.tokens: a decode reads one token");
  refused("steps.0.requests.0.acceptance=0.5", "workload.steps.0.requests.0.acceptance: is of a verify only");
  refused("steps.0.requests.0={phase: encode, context: 3}", "requests.0.context: an encode reads all of its tokens");
  refused("steps.0.requests.0={phase: verify}", "the key \"acceptance\" is missing: a verify needs it");
  refused("steps.1.requests.0.acceptance=1.5", "acceptance: 1.5 is outside 0…1");
  refused("steps.1.requests.0.tokens=0", "0 is outside 1…1048576");
  refused("steps.0.draft={}", "workload.steps.0.draft: no request of the step verifies what is drafted");
  refused("steps.1.requests=[{phase: verify, tokens: 3, acceptance: 1}, {phase: verify, tokens: 4, acceptance: 1}]",
          "workload.steps.1.draft: the requests that verify read different numbers of tokens");
  refused("steps.1.name=decode", "workload.steps.1: another step is called \"decode\"");
  refused("steps.1.name=a/b", "workload.steps.1.name: has a character that names of results do not");
  refused("steps.0.repeat=0", "0 is outside 1…1048576");
  refused("steps.0.skip=0.3",
          "workload.steps.0.skip: 0.3 of 4 blocks is 1.2, no whole number: 0.25 and 0.5 are next to it");
  refused("steps.0.skip=1", "workload.steps.0.skip: all blocks would be skipped");
  refused("steps.0.ffn=0.3", "workload.steps.0.ffn: 0.3 of 512 channels of the feed-forward network is 153.6");
  refused("steps.0.ffn=[0.5, 0.5, 1]", "workload.steps.0.ffn: 3 shares do not divide 4 blocks equally");
  refused("steps.0.ffn=0", "workload.steps.0.ffn");
  refused("steps.0.repeat=126", "workload.steps.0.requests: a decode comes to 129 tokens, the model has 128 positions");
  refused("steps.1.requests.0.context=127", "a draft comes to 129 tokens, the model has 128 positions");
  refused("steps.0.model=./encoder.json", "a clip_vision_model gives no logits: it can encode, not decode");
  refused("steps.0.model=other", "workload.steps.0.model: there is no model \"other\"");
  refused("tokens=4", "workload.tokens: is of one pass; with `steps` requests have tokens");
  CHECK_THAT(Steps("", "  host_costs: {norm: 3}\n").error(), Catch::Contains("workload.host_costs: a host takes part"));
  CHECK_THAT(Steps("[{requests: [{phase: decode, count: 1000000}], batches: 100000}]").error(),
             Catch::Contains("read 1e+11 tokens in all: 2^31 are too many"));
}

}  // namespace flexcim
