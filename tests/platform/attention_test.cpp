// Attention on the accelerator: the products of every key/value head as commands, whose weights the host writes into
// DRAM as the text grows.
#include "flow/base/error.h"
#include "platform/config/block_parameters.h"
#include "platform/run/watchdog.h"
#include "platform/workload/scenario_check.h"
#include "tests/flow/tiny_model.h"
#include "tests/platform/native_simulations.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <optional>

namespace flexcim {
namespace {

/// A small random model whose attention the accelerator multiplies, and a prompt of five tokens.
struct AttentionBench {
  Scratch scratch;
  Scenario scenario;
  std::optional<GenerateJob> job;

  explicit AttentionBench(const TinyModel& model, const std::vector<std::string>& settings = {}) {
    model.write(scratch.str());
    SafetensorsWriter prompt(scratch / "prompt.safetensors", {{"tokens", Dtype::i32, {5}}});
    prompt.write("tokens", std::vector<std::int32_t>{7, 1, 30, 2, 7});
    prompt.finish();
    std::vector<Override> overrides;
    for (const std::string& setting : settings) overrides.push_back(parse_override(setting));
    scenario = load_scenario(write_file(scratch / "g.yaml",
                                        "{name: g, fidelity: tlm, workload: {kind: generate, model: ., tokens: 4, "
                                        "attention: accelerator, flow: {keep_dense: none, objective: published, "
                                        "update: none}, prompt: {text: prompt.safetensors, count: 5}}}"),
                             overrides);
  }
  const GenerateJob& made() {
    job = generate_job(std::get<GenerateWorkload>(scenario.workload),
                       image_settings(scenario.architecture, scenario.sequencing));
    return *job;
  }
};

void run(const std::vector<Simulation*>& simulations) {
  run_to_end({simulations.begin(), simulations.end()}, {}, sc_core::sc_time(1000, sc_core::SC_NS),
             [&](std::uint64_t window) {
               for (Simulation* simulation : simulations) simulation->sample(window);
             });
}

const LayerResult& layer(const SimulationResult& result, const std::string& name) {
  for (const LayerResult& each : result.layers) {
    if (each.name == name) return each;
  }
  throw std::logic_error("no layer " + name);
}

std::uint64_t units(const SimulationResult& result, std::size_t part, OperatorClass operators) {
  return result.generation->parts.at(part).operators[static_cast<std::size_t>(operators)].units;
}

}  // namespace

TEST_CASE("Attention on the accelerator: equal to the golden model's, and at rtl and tlm") {
  // Small macros: several tiles of keys as well as of values. Two layers, four heads of six over two of keys.
  AttentionBench serial(tiny_llama(51), {"architecture.rows=2", "architecture.cols=2"}),
      queued(tiny_llama(51), {"architecture.rows=2", "architecture.cols=2", "workload.driver=queued"}),
      concat(tiny_llama(51), {"architecture.rows=4", "architecture.cols=2", "architecture.merge=concat"});
  const GenerateJob& job = serial.made();
  Generation a("tlm", serial.scenario, Fidelity::tlm, job), b("rtl", serial.scenario, Fidelity::rtl, job),
      c("queued", queued.scenario, Fidelity::tlm, queued.made()),
      d("queued_rtl", queued.scenario, Fidelity::rtl, *queued.job),
      e("concat", concat.scenario, Fidelity::tlm, concat.made());
  run({&a, &b, &c, &d, &e});
  const SimulationResult tlm = a.result(), rtl = b.result(), overlapped = c.result(), overlapped_rtl = d.result();
  for (const SimulationResult& result : {tlm, rtl, overlapped, overlapped_rtl, e.result()}) {
    CHECK(result.match());
    CHECK(result.generation->tokens == job.golden);
  }
  REQUIRE(tlm.layers.size() == 2 * (job.linears.size() + 2 * 2));
  for (const auto& [one, other] : {std::pair(&tlm, &rtl), std::pair(&overlapped, &overlapped_rtl)}) {
    CHECK(one->time_ps == other->time_ps);
    CHECK(one->energy.by_component() == other->energy.by_component());
    for (std::size_t i = 0; i < one->layers.size(); ++i) {
      INFO(one->layers[i].name);
      CHECK(one->layers[i].cycles == other->layers[i].cycles);
      CHECK(one->layers[i].activity.macro == other->layers[i].activity.macro);
    }
  }
  CHECK(overlapped.time_ps < tlm.time_ps);
  CHECK(overlapped.generation->parts[1].operators[static_cast<std::size_t>(OperatorClass::softmax)].hidden_ps > 0);

  // Pairs: in prefill every one of five tokens with all five, for four heads; then one with 6, 7 and 8.
  const LayerResult& scores = layer(tlm, "prefill/model.layers.1.self_attn.scores");
  CHECK(scores.tokens == 4 * 25);
  CHECK(scores.macs_dense() == 4 * 25 * 6);
  CHECK(layer(tlm, "decode/model.layers.0.self_attn.scores").tokens == 4 * (6 + 7 + 8));
  const LayerResult& weighted = layer(tlm, "decode/model.layers.0.self_attn.weighted_values");
  CHECK(weighted.macs_dense() == 4 * (6 + 7 + 8) * 6);
  CHECK(weighted.pattern.dense());
  CHECK(weighted.match);
  // The host keeps the softmax; what it sees, not what is multiplied.
  CHECK(units(tlm, 0, OperatorClass::attention) == 0);
  CHECK(units(tlm, 0, OperatorClass::softmax) == 2 * 4 * (1 + 2 + 3 + 4 + 5));
  CHECK(units(tlm, 1, OperatorClass::softmax) == 2 * 4 * (6 + 7 + 8));
  // Scales alone: two layers of 2 x 2 x 4 bytes a token.
  const OperatorResult& cache = tlm.generation->parts[1].operators[static_cast<std::size_t>(OperatorClass::attention)];
  CHECK(cache.written_bytes == 2 * 3 * 16);
  CHECK(cache.read_bytes == 2 * (6 + 7 + 8) * 16);
}

TEST_CASE("Keys and values come from DRAM also where all weights are on chip") {
  AttentionBench bench(tiny_llama(52), {"architecture.weights_resident=true"});
  Generation tlm("tlm", bench.scenario, Fidelity::tlm, bench.made()),
      rtl("rtl", bench.scenario, Fidelity::rtl, *bench.job);
  run({&tlm, &rtl});
  const SimulationResult result = tlm.result(), at_rtl = rtl.result();
  CHECK(result.match());
  CHECK(at_rtl.match());
  CHECK(result.time_ps == at_rtl.time_ps);
  const auto weight_writes = [&](const std::string& name) {
    return layer(result, name).activity.weight_buffer.write_bytes;
  };
  // A blob of 128 bytes for each token and 32 of them for a head's keys: five tokens, two heads.
  CHECK(weight_writes("prefill/model.layers.0.self_attn.scores") == 2 * 5 * 128);
  CHECK(weight_writes("prefill/model.layers.0.self_attn.weighted_values") == 2 * 6 * 128);
  CHECK(weight_writes("prefill/model.layers.0.self_attn.q_proj") == 0);
}

TEST_CASE("Attention on the accelerator is refused for a model without, and where buffers are too small for it") {
  const auto error = [](const AttentionBench& bench) {
    try {
      check_scenario(bench.scenario);
    } catch (const InputError& found) {
      return std::string(found.what());
    }
    return std::string("none");
  };
  AttentionBench mamba(tiny_mamba(53));
  CHECK_THAT(error(mamba), Catch::Contains("workload.attention: ") && Catch::EndsWith("is a model without attention"));
  CHECK_THAT(error(AttentionBench(tiny_llama(53))), !Catch::Contains("workload.attention: "));
  CHECK_THROWS_WITH(mamba.made(), Catch::EndsWith("is a model without attention"));

  // With resident weights only attention needs the weight buffer: keys of nine tokens, 128 bytes each, twice.
  AttentionBench small(tiny_llama(53), {"architecture.weights_resident=true", "architecture.buffers.weight.bytes=256"});
  GenerationProgram program(small.scenario, small.made());
  std::vector<std::uint8_t> bytes(program.memory().bytes());
  program.memory().load(bytes.data(), bytes.size());
  Findings findings;
  program.check(bytes.data(), findings);
  CHECK_THROWS_WITH(findings.finish(),
                    Catch::EndsWith("256 is less than the 2304 bytes that layer model.layers.0.self_attn.scores needs "
                                    "for two array tiles, one in each half"));
}

}  // namespace flexcim
