// Programs on a SoC of arithmetic alone against the same on a simulated one, at tlm: equal in all figures, to the
// picosecond and the femtojoule.
#include "platform/estimate/plain_run.h"

#include "flow/base/error.h"
#include "tests/platform/estimate/estimate_and_tlm.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/temp_folder.h"

namespace flexcim {
namespace {

/// A scenario of its own and three layers that fit its buffers.
struct RandomJobs {
  Scenario scenario;
  std::vector<GemmJob> jobs;

  RandomJobs(std::mt19937& random, const Scenario& base) : scenario(base) {
    while (jobs.size() < 3) {
      const test::RandomGemm gemm =
          jobs.empty() ? test::random_accelerator(random, scenario) : test::random_gemm(random);
      if (jobs.empty()) scenario.architecture.macro.int4_per_cell = random() % 2 == 0 ? 2 : 1;
      if (gemm.shape.pattern.n > scenario.architecture.macro.sub_macros) continue;
      const int window = random() % 2 == 0 ? scenario.architecture.macro.window : 0;
      const int weight_bits = scenario.architecture.macro.int4_per_cell == 2 && random() % 2 == 0 ? 4 : 8;
      jobs.push_back(
          {test::random_linear(random, gemm.shape.pattern, gemm.shape.out, gemm.shape.in, window, weight_bits),
           test::random_activations(random, gemm.shape.tokens, gemm.shape.in)});
      jobs.back().weights.name = fmt::format("layer_{}", jobs.size());
    }
  }
  std::vector<const GemmJob*> all() const { return {&jobs[0], &jobs[1], &jobs[2]}; }
  bool fits() const {
    try {
      GemmProgram program(scenario, all());
      Findings findings;
      PlainRun(scenario, program).check(findings);
      findings.finish();
    } catch (const InputError&) {
      return false;
    }
    return true;
  }
};

Scenario base(const std::string& standard) {
  const TempFolder folder;
  const auto file = folder.write(
      "base.yaml", fmt::format("{{name: base, fidelity: tlm, workload: {{kind: gemm, weights: w, activations: x}}, "
                               "power_window_ns: {}}}",
                               test::kWindowNs));
  return load_scenario(file, {{"architecture.dram.standard", standard}});
}

/// What of a memory decides whether its answers overtake each other.
struct Memory {
  int channels = 1;
  int outstanding = 0;  ///< bursts of the DMA; 0: that of the random accelerator
};

/// As many as fit, with one memory after the other.
std::vector<std::unique_ptr<RandomJobs>> random_jobs(unsigned seed, std::size_t count,
                                                     const std::vector<Memory>& memories) {
  std::mt19937 random(seed);
  const Scenario bases[] = {base("lpddr4"), base("lpddr5"), base("ddr4"), base("hbm2")};
  std::vector<std::unique_ptr<RandomJobs>> cases;
  while (cases.size() < count) {
    auto next = std::make_unique<RandomJobs>(random, bases[random() % 4]);
    Architecture& architecture = next->scenario.architecture;
    const Memory memory = memories[cases.size() % memories.size()];
    architecture.dram.channels = memory.channels;
    if (memory.outstanding != 0) architecture.dma.outstanding = memory.outstanding;
    if (next->fits()) cases.push_back(std::move(next));
  }
  return cases;
}

/// Calls visit(estimate, tlm) for every case.
template <class Visit>
void compare(const std::vector<std::unique_ptr<RandomJobs>>& cases, const Visit& visit) {
  std::vector<std::unique_ptr<NativeSimulation>> simulations;
  for (const auto& each : cases) {
    simulations.push_back(std::make_unique<GemmSimulation>(fmt::format("tlm_{}", simulations.size()), each->scenario,
                                                           Fidelity::tlm, each->all()));
  }
  test::run(simulations);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    GemmProgram program(cases[i]->scenario, cases[i]->all());
    PlainRun plain(cases[i]->scenario, program);
    visit(plain.run(), simulations[i]->result());
  }
}

}  // namespace

TEST_CASE("Layers one after the other are estimated as they are simulated, whatever the accelerator") {
  compare(random_jobs(61, 60, {{}}), test::check_equal);
}

TEST_CASE("So they are with several DRAM channels, whose bursts overtake each other") {
  compare(random_jobs(62, 60, {{2}, {4}, {8}, {32}}), test::check_equal);
}

TEST_CASE("So they are with more bursts outstanding than the DRAM's queue holds") {
  compare(random_jobs(63, 60, {{1, 32}, {2, 17}, {4, 32}, {2, 64}, {8, 64}}), test::check_equal);
}

}  // namespace flexcim
