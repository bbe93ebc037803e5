// Random macros, layouts, tiles and timing against the golden model, the plain reference, the closed-form schedule and
// the closed-form events.
#include "flow/map/schedule.h"
#include "flow/model/golden.h"
#include "tests/flow/random_linear.h"
#include "tests/rtl_models/random_case.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

constexpr int kConfigurations = 300;

/// A tile and what each of its passes must give.
struct ExpectedRun {
  TileRun run;
  std::vector<Sums> sums;
};

/// Cells and phases as no mapper would make them.
void add_random_tile(const MacroCase& c, std::uint64_t passes, ExpectedRun& made, std::mt19937& random) {
  made.run.tile = random_tile(c.geometry, c.layout, c.phases, random);
  for (std::uint64_t i = 0; i < passes; ++i) {
    made.run.inputs.push_back(random_activations(c.layout, random));
    made.sums.push_back(reference_pass(c.geometry, c.layout, made.run.tile, made.run.inputs.back()));
  }
}

/// A random matrix, pruned for the window or element by element, as the mapper lays it out; the golden model says what
/// it gives.
void add_mapped_tile(const MacroCase& c, std::uint64_t passes, ExpectedRun& made, std::mt19937& random) {
  const TileLayout& layout = c.layout;
  const int out = 1 + static_cast<int>(random() % static_cast<unsigned>(layout.tile_outputs));
  const int in = 1 + static_cast<int>(random() % static_cast<unsigned>(layout.tile_inputs));
  const int window = random() % 2 == 0 ? layout.window : 0;
  const PackedLinear linear =
      test::random_linear(random, layout.pattern, out, in, window, layout.cell_weights == 2 ? 4 : 8);
  made.run.tile = map_tile(c.geometry, layout, linear, 0, 0);
  const Matrix<std::int8_t> x = test::random_activations(random, static_cast<int>(passes), in);
  const Matrix<std::int32_t> golden = golden_gemm(unpack(linear), x);
  for (std::size_t pass = 0; pass < passes; ++pass) {
    made.run.inputs.emplace_back(layout.tile_inputs);
    std::copy_n(x.row(pass), in, made.run.inputs.back().begin());
    made.sums.emplace_back(layout.tile_outputs);
    std::copy_n(golden.row(pass), out, made.sums.back().begin());
  }
}

/// A tile that fits what the test's layout fixes; loads and runs wait for each other in every way.
ExpectedRun random_run(const MacroCase& c, bool mapped, std::uint64_t now, std::mt19937& random) {
  const auto below = [&](std::uint64_t n) { return random() % n; };
  ExpectedRun made;
  TileRun& run = made.run;
  run.layout = c.layout;
  const std::uint64_t passes = below(5);
  (mapped ? add_mapped_tile : add_random_tile)(c, passes, made, random);
  run.ready = now + below(3) * below(80);
  run.writes = static_cast<std::uint64_t>(c.geometry.cols) + below(2) * below(50);
  run.operands = passes == 0 ? 0 : now + below(3) * below(120);
  run.pass_cycles = run.tile.phases.size() + below(2) * below(6);
  return made;
}

/// What the configurations must cover between them.
void check_coverage(const std::vector<MacroCase>& cases) {
  const auto count = [&](auto holds) { return std::count_if(cases.begin(), cases.end(), holds); };
  CHECK(count([](const MacroCase& c) { return c.update == WeightUpdate::shadow; }) > 100);
  CHECK(count([](const MacroCase& c) { return c.update == WeightUpdate::blocking; }) > 100);
  CHECK(count([](const MacroCase& c) { return c.layout.scan_phases > 1; }) > 20);
  CHECK(count([](const MacroCase& c) { return c.layout.sequencing == Sequencing::dense_slot; }) > 30);
  CHECK(count([](const MacroCase& c) { return c.layout.compressed && c.phases > 1 && c.layout.scan_phases == 1; }) >
        20);
  CHECK(count([](const MacroCase& c) { return c.layout.cell_weights == 2; }) > 50);
  CHECK(count([](const MacroCase& c) { return c.layout.lanes > 1; }) > 30);
  CHECK(count([](const MacroCase& c) { return c.geometry.lines() == 1; }) > 10);
  CHECK(count([](const MacroCase& c) { return !c.geometry.patterns.empty() && c.layout.compressed; }) > 20);
  CHECK(count([](const MacroCase& c) { return c.layout.active_sub_macros() < c.geometry.sub_macros; }) > 30);
  CHECK(count([](const MacroCase& c) { return c.layout.window > 1; }) > 30);
  CHECK(count([](const MacroCase& c) { return c.geometry.window == 16; }) > 0);
  CHECK(count([](const MacroCase& c) { return c.layout.pattern.m == 32; }) > 5);
  CHECK(count([](const MacroCase& c) { return c.geometry.rows == 256; }) > 0);
  CHECK(count([](const MacroCase& c) { return c.geometry.cols == 256; }) > 0);
  for (int p = 1; p <= 16; ++p) CHECK(count([p](const MacroCase& c) { return c.geometry.sub_macros == p; }) > 0);
}

TEST_CASE("random macros: sums, cycles and events, undisturbed") {
  const unsigned seed = 20250414;
  std::mt19937 random(seed);
  std::vector<MacroCase> cases;
  std::vector<std::unique_ptr<MacroBench>> benches;
  for (int i = 0; i < kConfigurations; ++i) {
    cases.push_back(random_case(random));
    benches.push_back(make_bench(cases[i], i));
  }
  check_coverage(cases);
  for (int i = 0; i < kConfigurations; ++i) {
    const auto& [g, layout, phases, update] = cases[i];
    INFO("seed " << seed << ", configuration " << i << ": " << describe(cases[i]));
    MacroBench& bench = *benches[i];
    bench.macro.observe(i % 2 == 1);  // every other one really adds level by level
    bench.pulse_reset();
    std::vector<TileRun> tiles;
    std::vector<Sums> sums;  // of all passes
    for (int tile = 0; tile < 4; ++tile) {
      ExpectedRun made = random_run(cases[i], tile % 2 == 1, bench.cycle, random);
      tiles.push_back(std::move(made.run));
      sums.insert(sums.end(), made.sums.begin(), made.sums.end());
    }
    const std::vector<TileTimes> times = run_tiles(bench, tiles);
    bench.idle(pipeline_latency(g));

    MacroEvents expected;
    TileTimes before;
    std::size_t output = 0;
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      const TileRun& tile = tiles[t];
      CAPTURE(t);
      // flow/map/schedule.h, term by term.
      REQUIRE(times[t].load_start == load_start(update, before, tile.ready));
      REQUIRE(times[t].loaded == times[t].load_start + tile.writes);
      REQUIRE(times[t].first_phase == first_phase(before, times[t].loaded));
      const std::uint64_t run_start = std::max(times[t].first_phase, tile.operands);
      REQUIRE(times[t].run_end == run_start + tile.inputs.size() * tile.pass_cycles);
      for (std::size_t pass = 0; pass < tile.inputs.size(); ++pass, ++output) {
        REQUIRE(output < bench.outputs.size());
        REQUIRE(bench.outputs[output].cycle == run_start + (pass + 1) * tile.pass_cycles - 1 + pipeline_latency(g));
        REQUIRE(bench.outputs[output].sums == sums[output]);
      }
      expected += load_events(g);
      expected += pass_events(g, layout, tile.tile) * tile.inputs.size();
      before = times[t];
    }
    REQUIRE(output == bench.outputs.size());
    REQUIRE(bench.macro.events() == expected);
  }
}

}  // namespace
}  // namespace flexcim
