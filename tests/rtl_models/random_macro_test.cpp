// Random macros, layouts, phases and stimuli against the plain reference, the closed-form schedule and the closed-form
// events.
#include "flow/golden.h"
#include "flow/map/schedule.h"
#include "tests/rtl_models/macro_bench.h"

#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

constexpr int kConfigurations = 300;

struct Case {
  MacroGeometry geometry;
  TileLayout layout;
  int phases = 1;
};

Case random_case(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Case made;
  made.geometry.sub_macros = 1 + below(16);
  made.geometry.rows = 1 << below(5);
  made.geometry.cols = 1 << below(5);
  const int log_pairs = below(5);
  made.geometry.pairs_per_set = 1 << log_pairs;
  made.geometry.window = 1 << below(log_pairs + 1);
  made.geometry.psum_depth = 1 + below(4);
  const std::vector<Pattern> patterns = supported_patterns(made.geometry);
  const Sequencing sequencings[] = {Sequencing::grouped, Sequencing::scan, Sequencing::dense_slot};
  made.layout = make_layout(made.geometry, patterns[below(static_cast<int>(patterns.size()))], sequencings[below(3)],
                            below(2) == 0 ? MergeMode::reduce : MergeMode::concat, "test");
  made.phases = made.layout.scan_phases;
  if (made.layout.compressed && made.layout.sequencing == Sequencing::grouped) {
    made.phases = 1 + below(std::min(made.geometry.cols, 4));
  }
  return made;
}

std::string describe(const Case& c) {
  const MacroGeometry& g = c.geometry;
  return "P " + std::to_string(g.sub_macros) + " R " + std::to_string(g.rows) + " C " + std::to_string(g.cols) + " I " +
         std::to_string(g.pairs_per_set) + " w " + std::to_string(g.window) + " depth " + std::to_string(g.psum_depth) +
         " " + to_string(c.layout.pattern) + " " + std::string(to_string(c.layout.sequencing)) + " " +
         std::string(to_string(c.layout.merge)) + " S " + std::to_string(c.phases);
}

TEST_CASE("random macros: sums, cycles and events, undisturbed") {
  const unsigned seed = 20250414;
  std::mt19937 random(seed);
  std::vector<Case> cases;
  std::vector<std::unique_ptr<MacroBench>> benches;
  for (int i = 0; i < kConfigurations; ++i) {
    cases.push_back(random_case(random));
    benches.push_back(std::make_unique<MacroBench>("macro" + std::to_string(i), cases[i].geometry));
  }
  for (int i = 0; i < kConfigurations; ++i) {
    const auto& [g, layout, phases] = cases[i];
    INFO("seed " << seed << ", configuration " << i << ": " << describe(cases[i]));
    MacroBench& bench = *benches[i];
    bench.macro.observe(i % 2 == 1);  // every other one really adds level by level
    bench.pulse_reset();
    MacroEvents expected;
    for (int tile_number = 0; tile_number < 2; ++tile_number) {
      const Tile tile = random_tile(g, layout, phases, random);
      std::vector<Activations> inputs;
      for (int pass = 0; pass < 3; ++pass) inputs.push_back(random_activations(layout, random));
      const std::uint64_t load_start = bench.cycle;
      const std::uint64_t first_phase = bench.load_tile(tile, layout);
      REQUIRE(first_phase - load_start == load_cycles(g, 0, 1));
      REQUIRE(bench.run_passes(inputs) == first_phase + 3 * phases);
      bench.idle(pipeline_latency(g));
      REQUIRE(bench.outputs.size() == 3);
      for (int pass = 0; pass < 3; ++pass) {
        REQUIRE(bench.outputs[pass].cycle == first_phase + pass * phases + phases - 1 + pipeline_latency(g));
        REQUIRE(bench.outputs[pass].sums == reference_pass(g, layout, tile, inputs[pass]));
      }
      bench.outputs.clear();
      expected += load_events(g);
      expected += pass_events(g, layout, tile) * 3;
    }
    REQUIRE(bench.macro.events() == expected);
  }
}

TEST_CASE("random macros: stalls, back-pressure and waiting inputs lose and double nothing") {
  const unsigned seed = 11331;
  std::mt19937 random(seed);
  std::vector<Case> cases;
  std::vector<std::unique_ptr<MacroBench>> benches;
  constexpr int kDisturbed = 60;
  for (int i = 0; i < kDisturbed; ++i) {
    cases.push_back(random_case(random));
    benches.push_back(std::make_unique<MacroBench>("macro" + std::to_string(i), cases[i].geometry));
  }
  for (int i = 0; i < kDisturbed; ++i) {
    const auto& [g, layout, phases] = cases[i];
    INFO("seed " << seed << ", configuration " << i << ": " << describe(cases[i]));
    MacroBench& bench = *benches[i];
    bench.pulse_reset();
    const Tile tile = random_tile(g, layout, phases, random);
    std::vector<Activations> inputs;
    for (int pass = 0; pass < 12; ++pass) inputs.push_back(random_activations(layout, random));
    bench.load_tile(tile, layout);
    std::size_t taken = 0;
    const unsigned long slow_output = 1 + random() % 6, slow_input = 1 + random() % 3;
    for (int cycle = 0; cycle < 4000 && bench.outputs.size() < inputs.size(); ++cycle) {
      bench.final_ready.write(random() % slow_output == 0);
      bench.enable.write(random() % 5 != 0);
      if (taken < inputs.size() && random() % slow_input == 0) {
        bench.offer_pass(inputs[taken]);
      } else {
        bench.offer_nothing();
      }
      bench.settle();
      if (bench.pass.read().valid && bench.pass_ready.read()) ++taken;
      bench.tick();
    }
    REQUIRE(bench.outputs.size() == inputs.size());
    for (std::size_t pass = 0; pass < inputs.size(); ++pass) {
      REQUIRE(bench.outputs[pass].sums == reference_pass(g, layout, tile, inputs[pass]));
    }
    MacroEvents expected = load_events(g);
    expected += pass_events(g, layout, tile) * inputs.size();
    REQUIRE(bench.macro.events() == expected);
  }
}

}  // namespace
}  // namespace flexcim
