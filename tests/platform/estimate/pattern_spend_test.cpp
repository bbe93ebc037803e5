// What linears spend as each pattern, against runs of the same linears by their shapes.
#include "platform/estimate/pattern_spend.h"

#include "platform/config/data_files.h"
#include "platform/estimate/budget_limit.h"
#include "platform/estimate/shapes_estimate.h"
#include "platform/estimate/step_plan.h"
#include "tests/platform/scenario_text.h"
#include "tests/platform/small_llama.h"

#include <algorithm>
#include <catch2/catch.hpp>

using Catch::Matchers::Contains;

namespace flexcim {
namespace {

class Model {
 public:
  Model() { folder_.write("config.json", test::kSmallLlama); }

  Scenario scenario(const std::vector<std::string>& settings = {}) const {
    return load(folder_, "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: ./config.json, tokens: 16}\n",
                settings);
  }
  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
};

Hardware hardware_of(const Scenario& scenario) {
  return {scenario.architecture, scenario.technology, scenario.sequencing};
}

std::vector<LinearInfo> linears_of(const std::vector<ShapedLinear>& shaped) {
  std::vector<LinearInfo> linears;
  for (const ShapedLinear& each : shaped) {
    linears.push_back({each.shape.name, each.shape.block, 0, each.shape.out, each.shape.in});
  }
  return linears;
}

SpendSettings settings_of(const Scenario& scenario) {
  const auto& work = std::get<ShapesWorkload>(scenario.workload);
  return {*work.tokens, work.patterns.policy, work.weight_bits, work.outputs == OutputType::int8};
}

/// The sum over a model's linears, each as the pattern that the scenario's own plan gives it, is what the run reports.
void check_sum(const std::vector<std::string>& settings) {
  INFO(fmt::format("{}", fmt::join(settings, " ")));
  const Model model;
  const Scenario scenario = model.scenario(settings);
  const SimulationResult run = estimate_shapes(scenario).simulations.at(0);
  const std::vector<ShapedLinear> plan = plan_steps(scenario).passes.at(0).linears;
  REQUIRE(plan.size() == run.layers.size());
  std::vector<Pattern> patterns;
  for (const ShapedLinear& linear : plan) {
    if (std::find(patterns.begin(), patterns.end(), linear.pattern) == patterns.end())
      patterns.push_back(linear.pattern);
  }
  const auto spends = pattern_spends(hardware_of(scenario), linears_of(plan), patterns, settings_of(scenario));
  GemmSpend sum;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    REQUIRE(spends[i].size() == patterns.size());
    const auto at = std::find(patterns.begin(), patterns.end(), plan[i].pattern) - patterns.begin();
    const GemmSpend& own = spends[i][static_cast<std::size_t>(at)];
    CHECK(own.cycles == run.layers[i].cycles);
    CHECK(own.of(Budget::cycles) == static_cast<std::int64_t>(own.cycles));
    CHECK(own.of(Budget::energy) == run.layers[i].energy.total());
    CHECK(own.of(Budget::bytes) == static_cast<std::int64_t>(run.layers[i].dram_bytes));
    sum.cycles += own.cycles;
    sum.energy += own.energy;
    bytes += run.layers[i].dram_bytes;
    sum.dram_bytes += own.dram_bytes;
  }
  CHECK(sum.cycles == run.cycles);
  CHECK(sum.energy == run.energy.total());
  CHECK(sum.dram_bytes == bytes);
  CHECK(sum.energy > 0);
}

TEST_CASE("Spends of a model's linears add up to what a run of its shapes reports") {
  check_sum({"workload.patterns.sparsity=0.5"});
  check_sum({"workload.patterns.sparsity=0.6", "workload.patterns.keep_dense=none"});
  check_sum({"workload.patterns.uniform='2:4'", "workload.tokens=1"});
  check_sum({"workload.patterns.uniform='4:8'", "workload.patterns.policy=element"});
  check_sum({"workload.patterns.uniform='4:8'", "sequencing=scan"});
  check_sum({"workload.patterns.uniform='2:8'", "architecture=fixed_2_4"});  // runs as 2:4
  check_sum({"workload.outputs=int8", "architecture.weights_resident=true", "workload.tokens=100"});
  check_sum({"workload.weight_bits=4", "architecture={base: flexcim_published, int4_per_cell: 2}"});
  check_sum({"architecture.dram={standard: lpddr4, channels: 2}", "workload.patterns.policy=window"});
}

TEST_CASE("A budget's items: linears, or blocks with the sums of theirs") {
  const Model model;
  const Scenario scenario = model.scenario();
  const std::vector<LinearInfo> linears = linears_of(plan_steps(scenario).passes.at(0).linears);
  const std::vector<Candidate> candidates{{4, 8}, {8, 8}, {2, 8}};
  const SpendSettings settings{16};
  const auto table = pattern_spends(hardware_of(scenario), linears, {{4, 8}, {}, {2, 8}}, settings);
  for (const Budget budget : {Budget::cycles, Budget::energy, Budget::bytes}) {
    INFO(to_string(budget));
    CHECK(parse_budget(to_string(budget)) == budget);
    const auto items = [&](Granularity granularity) {
      return item_spends(hardware_of(scenario), linears, 4, granularity, candidates, budget, settings);
    };
    const std::vector<ItemSpend> by_linear = items(Granularity::linear), by_block = items(Granularity::block);
    REQUIRE(by_linear.size() == 4 * 7);
    REQUIRE(by_block.size() == 4);
    for (std::size_t l = 0; l < linears.size(); ++l) {
      for (std::size_t c = 0; c < candidates.size(); ++c) {
        CHECK(by_linear[l].candidates[c] == table[l][c].of(budget));
      }
      CHECK(by_linear[l].dense == by_linear[l].candidates[1]);
      CHECK(by_linear[l].candidates[0] < by_linear[l].dense);
      // A tile of 2:8 holds 512 inputs: with 256 of them it is half empty, and as large as one of 4:8.
      if (linears[l].in == 512) {
        CHECK(by_linear[l].candidates[2] < by_linear[l].candidates[0]);
      } else if (budget == Budget::bytes) {
        CHECK(by_linear[l].candidates[2] == by_linear[l].candidates[0]);
      }
    }
    for (std::size_t b = 0; b < 4; ++b) {
      std::int64_t sum = 0;
      for (std::size_t l = 7 * b; l < 7 * (b + 1); ++l) sum += by_linear[l].candidates[2];
      CHECK(by_block[b].candidates[2] == sum);
    }
    CHECK(dense_spend(by_block) == dense_spend(by_linear));
  }
}

TEST_CASE("A selection within a budget of cycles takes what a run of its patterns takes") {
  const Model model;
  const Scenario scenario = model.scenario({"workload.patterns.keep_dense=none"});
  const std::vector<LinearInfo> linears = linears_of(plan_steps(scenario).passes.at(0).linears);
  SelectionOptions options;
  options.candidates = {{8, 8}, {4, 8}, {2, 8}};
  const std::vector<ItemSpend> spends = item_spends(hardware_of(scenario), linears, 4, Granularity::block,
                                                    options.candidates, Budget::cycles, settings_of(scenario));
  const std::int64_t limit = dense_spend(spends) * 3 / 4;
  // All blocks alike: the cheapest choice is one of as many dense, half and quarter blocks.
  const BudgetSelection found = select_within(std::vector<SelectionItem>(4), {4, {0, 1, 3}}, spends, limit, options);
  CHECK(found.spend <= limit);
  std::int64_t cycles = 0;
  for (const Candidate chosen : found.selection.chosen) {
    const Scenario uniform = model.scenario(
        {"workload.patterns.keep_dense=none", "workload.patterns.uniform='" + to_string(chosen.pattern()) + "'"});
    cycles += static_cast<std::int64_t>(estimate_shapes(uniform).simulations.at(0).cycles) / 4;
  }
  CHECK(found.spend == cycles);
}

TEST_CASE("What spends nothing that can be said is refused with its name") {
  const Hardware hardware = load_hardware("flexcim_published");
  const std::vector<LinearInfo> linears{{"good", 0, 0, 64, 64}, {"wide", 0, 1, 64, 100'000}};
  CHECK_THROWS_WITH(pattern_spends(hardware, linears, {{2, 4}}, {}), Contains("wide: gemm 64 x 100000, 2:4, 1 tokens"));
  CHECK_THROWS_WITH(pattern_spends(hardware, {linears[0]}, {{3, 16}}, {}), Contains("good: gemm 64 x 64, 3:16"));
  CHECK_THROWS_WITH(pattern_spends(hardware, {linears[0]}, {{2, 4}}, {0}), Contains("tokens must be 1 to"));
  CHECK_THROWS_WITH(parse_budget("time"), Contains("budget \"time\" is none of cycles, energy, bytes"));
}

TEST_CASE("A limit is a number of a budget's unit, or a share of the dense model's spend") {
  const auto limit = [](const char* text) { return parse_budget_limit(text); };
  CHECK(limit("cycles=120000").budget == Budget::cycles);
  CHECK(limit("cycles=120000").of(7) == 120'000);
  CHECK(limit("cycles=0").of(7) == 0);
  CHECK(limit("energy=1.5 uJ").budget == Budget::energy);
  CHECK(limit("energy=1.5 uJ").of(7) == 1'500'000'000);
  CHECK(limit("energy=12").of(7) == 12);
  CHECK(limit("bytes=64KiB").budget == Budget::bytes);
  CHECK(limit("bytes=64KiB").of(7) == 65'536);
  CHECK(limit("cycles=60%").of(1001) == 600);  // 600.6
  CHECK(limit("bytes=12.5%").of(80) == 10);
  CHECK(limit("cycles=100%").of(1001) == 1001);
  CHECK(limit("cycles=50%").of(kMostSpend) == kMostSpend / 2);
  const auto refused = [&](const char* text, const std::string& why) {
    const std::string error = input_error([&] { limit(text); });
    CHECK_THAT(error, Contains("budget \"" + std::string(text) + "\"") && Contains(why));
  };
  refused("cycles", "has no limit: expected BUDGET=LIMIT, as cycles=60%");
  refused("cycles=", "expected");
  refused("cycles=-1", "-1 is outside 0");
  refused("cycles=1.5", "expected");
  refused("cycles=0%", "expected more than 0 %");
  refused("cycles=101%", "101 is outside 0");
  refused("cycles=x%", "expected");
  refused("cycles=12 KiB", "KiB");
  refused("energy=0.5 fJ", "expected");
  refused("bytes=3 fJ", "fJ");
  CHECK_THAT(input_error([&] { limit("time=60%"); }), Contains("budget \"time\" is none of cycles, energy, bytes"));
}

TEST_CASE("Hardware is an architecture by name or path, or that of a scenario") {
  const Model model;
  const std::string text =
      "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: ./config.json, tokens: 16}\nsequencing: scan\n"
      "architecture: {base: flexcim_published, rows: 64}\ntechnology: 7nm\n";
  const std::string scenario = model.folder().write("s.yaml", text).string();
  const Hardware of_scenario = load_hardware(scenario);
  CHECK(of_scenario.architecture.macro.rows == 64);
  CHECK(of_scenario.sequencing == Sequencing::scan);
  CHECK(of_scenario.technology.name == "7nm");
  const Hardware named = load_hardware("fixed_2_4");
  const Scenario same = model.scenario({"architecture=fixed_2_4"});
  CHECK(architecture_text(named.architecture) == architecture_text(same.architecture));
  CHECK(named.technology.name == same.technology.name);
  CHECK(named.sequencing == same.sequencing);
  const std::string file = model.folder().write("a.yaml", "base: flexcim_published\ncols: 16\n").string();
  CHECK(load_hardware(file).architecture.macro.cols == 16);
  const auto refused = [&](const std::string& name, const std::string& why) {
    CHECK_THAT(input_error([&] { load_hardware(name); }), Contains(why));
  };
  refused("", "command line: architecture: is empty");
  refused("flexcim_publishd", "there is no architecture \"flexcim_publishd\"; did you mean \"flexcim_published\"?");
  refused((model.folder().path() / "none.yaml").string(), "none.yaml");
  refused(model.folder().write("b.yaml", "base: flexcim_published\ncolz: 16\n").string(), "b.yaml:2:1: colz");
  refused(model.folder().write("t.yaml", text + "colz: 1\n").string(), "t.yaml:7:1: colz");
}

}  // namespace
}  // namespace flexcim
