// Blocks and generations of small models, estimated and simulated at tlm on random accelerators: equal in all figures,
// to the picosecond and the femtojoule.
#include "platform/estimate/job_estimate.h"

#include "flow/base/error.h"
#include "platform/program/scenario_program.h"
#include "tests/flow/tiny_model.h"
#include "tests/platform/estimate/estimate_and_tlm.h"

#include <functional>
#include <optional>

namespace flexcim {
namespace {

int between(std::mt19937& random, int least, int most) {
  return least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
}

/// What the scenario says of the workload but for its model.
using Work = std::function<std::string(std::mt19937& random)>;

std::string block(std::mt19937& random) {
  return fmt::format("kind: block, block: {}, tokens: {{text: text.safetensors, count: {}}}", between(random, 0, 2),
                     between(random, 1, 9));
}

std::string generation(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<const char*> words) { return words.begin()[random() % words.size()]; };
  return fmt::format(
      "kind: generate, prompt: {{text: text.safetensors, count: {}}}, tokens: {}, "
      "host_costs: {{clock_mhz: {}}}, head: {}, attention: {}, driver: {}, host_memory: {{cache: {}, embedding: {}, "
      "head: {}, queries: {}}}",
      between(random, 1, 6), between(random, 1, 5), between(random, 90, 2000), pick({"host", "accelerator"}),
      pick({"host", "accelerator"}), pick({"serial", "queued"}), pick({"fp16", "int8"}), pick({"fp16", "int8"}),
      pick({"fp16", "int8"}), between(random, 1, 4));
}

/// A model of three blocks, pruned as it likes for an accelerator that need not have the buffers for it.
struct RandomModel {
  RandomModel(std::mt19937& random, const Work& work) {
    const auto seed = static_cast<unsigned>(random());
    const TinyModel model = random() % 2 == 0 ? tiny_llama(seed, false, 3) : tiny_mamba(seed, 3);
    model.write(folder.str());
    std::vector<std::int32_t> tokens(128);
    for (std::int32_t& token : tokens) token = between(random, 0, 49);
    SafetensorsWriter text(folder / "text.safetensors", {{"tokens", Dtype::i32, {tokens.size()}}});
    text.write("tokens", tokens);
    text.finish();
    const char* policies[] = {"element", "window", "window_shared"};
    const char* devices[] = {"lpddr4", "lpddr5", "ddr4", "hbm2"};
    simulated =
        load_scenario(write_file(folder / "q.yaml",
                                 fmt::format("{{name: q, fidelity: tlm, power_window_ns: {}, workload: {{model: ., "
                                             "flow: {{calibration: text.safetensors, policy: {}}}, {}}}}}",
                                             test::kWindowNs, policies[random() % 3], work(random))),
                      {{"architecture.dram.standard", devices[random() % 4]},
                       {"architecture.dram.channels", random() % 2 == 0 ? "1" : "4"}});
    test::random_accelerator(random, simulated);
    estimated = simulated;
    estimated.fidelity = Fidelity::estimate;
  }

  Scratch folder;
  Scenario simulated, estimated;
  std::optional<JobEstimate> estimate;
  ScenarioJobs jobs;  ///< of the simulation
};

/// As many as fit, with their estimates.
std::vector<std::unique_ptr<RandomModel>> random_models(unsigned seed, std::size_t count, const Work& work) {
  std::mt19937 random(seed);
  std::vector<std::unique_ptr<RandomModel>> models;
  while (models.size() < count) {
    auto next = std::make_unique<RandomModel>(random, work);
    try {
      next->estimate.emplace(next->estimated);
    } catch (const InputError&) {
      continue;
    }
    next->jobs = scenario_jobs(next->simulated);
    models.push_back(std::move(next));
  }
  return models;
}

void check_equal_parts(const GenerationResult& estimate, const GenerationResult& tlm) {
  for (std::size_t p = 0; p < 2; ++p) {
    const GenerationPart &a = estimate.parts.at(p), &b = tlm.parts.at(p);
    CHECK(a.tokens == b.tokens);
    CHECK(a.time.gemm_ps == b.time.gemm_ps);
    CHECK(a.time.memory_ps == b.time.memory_ps);
    CHECK(a.time.host_memory_ps == b.time.host_memory_ps);
    CHECK(a.time.driver_ps == b.time.driver_ps);
    CHECK(a.time.hidden_ps == b.time.hidden_ps);
    CHECK(a.driver.by_component() == b.driver.by_component());
    CHECK(a.energy.by_component() == b.energy.by_component());
    for (std::size_t i = 0; i < kOperatorClasses; ++i) {
      CHECK(a.operators[i].cycles == b.operators[i].cycles);
      CHECK(a.operators[i].read_bytes == b.operators[i].read_bytes);
      CHECK(a.operators[i].written_bytes == b.operators[i].written_bytes);
      CHECK(a.operators[i].wait_ps == b.operators[i].wait_ps);
      CHECK(a.operators[i].energy.by_component() == b.operators[i].energy.by_component());
    }
  }
  CHECK(estimate.asked == tlm.asked);
  CHECK(estimate.tokens.empty());
}

void compare(unsigned seed, std::size_t count, const Work& work) {
  const auto models = random_models(seed, count, work);
  std::vector<std::unique_ptr<NativeSimulation>> simulations;
  for (const auto& model : models) {
    simulations.push_back(
        std::make_unique<NativeSimulation>(fmt::format("tlm_{}", simulations.size()), model->simulated, Fidelity::tlm,
                                           scenario_program(model->simulated, model->jobs), std::filesystem::path()));
  }
  test::run(simulations);
  for (std::size_t i = 0; i < models.size(); ++i) {
    CAPTURE(i);
    const RunResult run = models[i]->estimate->run();
    const SimulationResult &estimate = run.simulations.at(0), tlm = simulations[i]->result();
    CHECK(tlm.match());
    test::check_equal(estimate, tlm);
    if (tlm.generation) check_equal_parts(*estimate.generation, *tlm.generation);
  }
}

}  // namespace

TEST_CASE("A block of a model is estimated as it is simulated, whatever the accelerator") { compare(65, 40, block); }

TEST_CASE("A generation is estimated as it is simulated, whatever the accelerator") { compare(66, 40, generation); }

}  // namespace flexcim
