#include "rtl_models/blocks/macro.h"

#include "flow/map/schedule.h"
#include "tests/rtl_models/macro_bench.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

constexpr int kCols = 32;

std::vector<Activations> some_passes(const TileLayout& layout, int count, std::mt19937& random) {
  std::vector<Activations> inputs;
  for (int i = 0; i < count; ++i) inputs.push_back(random_activations(layout, random));
  return inputs;
}

TEST_CASE("macro: the published parameters, cycle by cycle") {
  const MacroGeometry g;  // P 4, R 32, C 32, I 4, w 1
  MacroBench bench("macro", g);
  std::mt19937 random(1);
  const TileLayout layout = make_layout(g, {2, 4}, Sequencing::grouped, MergeMode::reduce, "test");
  const Tile tile = random_tile(g, layout, 1, random);
  const std::vector<Activations> inputs = some_passes(layout, 6, random);
  bench.pulse_reset();
  const std::uint64_t load_start = bench.cycle;
  const std::uint64_t first_phase = bench.load_tile(tile, layout);
  // 32 columns, one per cycle, then one cycle before the first phase.
  CHECK(first_phase - load_start == kCols + 1);
  CHECK(first_phase - load_start == load_cycles(g, 0, 1));

  const std::uint64_t end = bench.run_passes(inputs);
  CHECK(end - first_phase == 6);  // 6 passes of one phase without a bubble
  bench.idle(20);
  REQUIRE(bench.outputs.size() == 6);
  const int product = 1, tree = 5, psum_buffer = 1, merger_input = 1, merger_tree = 2, psum_final = 1;
  const int latency = product + tree + psum_buffer + merger_input + merger_tree + psum_final;
  CHECK(latency == 11);
  CHECK(latency == pipeline_latency(g));
  for (int i = 0; i < 6; ++i) {
    CHECK(bench.outputs[i].cycle == first_phase + i + latency);
    CHECK(bench.outputs[i].sums == reference_pass(g, layout, tile, inputs[i]));
  }
  MacroEvents expected = pass_events(g, layout, tile) * 6;
  expected += load_events(g);
  CHECK(bench.macro.events() == expected);
}

TEST_CASE("macro: passes of three phases accumulate and follow each other without a bubble") {
  const MacroGeometry g;
  MacroBench bench("macro", g);
  std::mt19937 random(2);
  const TileLayout layout = make_layout(g, {4, 8}, Sequencing::grouped, MergeMode::reduce, "test");
  const Tile tile = random_tile(g, layout, 3, random);
  const std::vector<Activations> inputs = some_passes(layout, 5, random);
  bench.pulse_reset();
  const std::uint64_t first_phase = bench.load_tile(tile, layout);
  CHECK(bench.run_passes(inputs) - first_phase == 5 * 3);
  bench.idle(20);
  REQUIRE(bench.outputs.size() == 5);
  for (int i = 0; i < 5; ++i) {
    // The last of the three phases of pass i is on the lines two cycles after the first.
    CHECK(bench.outputs[i].cycle == first_phase + 3 * i + 2 + 11);
    CHECK(bench.outputs[i].sums == reference_pass(g, layout, tile, inputs[i]));
  }
  MacroEvents expected = pass_events(g, layout, tile) * 5;
  expected += load_events(g);
  CHECK(bench.macro.events() == expected);
}

TEST_CASE("macro: a second tile loads behind the last phase while the first one drains") {
  const MacroGeometry g;
  MacroBench bench("macro", g);
  std::mt19937 random(3);
  const TileLayout first = make_layout(g, {1, 2}, Sequencing::grouped, MergeMode::reduce, "test");
  const TileLayout second = make_layout(g, Pattern{}, Sequencing::grouped, MergeMode::reduce, "test");
  const Tile first_tile = random_tile(g, first, 1, random);
  const Tile second_tile = random_tile(g, second, 1, random);
  const auto first_inputs = some_passes(first, 2, random);
  const auto second_inputs = some_passes(second, 2, random);
  bench.pulse_reset();
  const std::uint64_t start = bench.load_tile(first_tile, first);
  bench.run_passes(first_inputs);
  const std::uint64_t second_start = bench.load_tile(second_tile, second);
  CHECK(second_start == start + 2 + 33);  // two phases, then 32 columns + 1
  bench.run_passes(second_inputs);
  bench.idle(20);
  REQUIRE(bench.outputs.size() == 4);
  for (int i = 0; i < 2; ++i) {
    CHECK(bench.outputs[i].sums == reference_pass(g, first, first_tile, first_inputs[i]));
    CHECK(bench.outputs[2 + i].cycle == second_start + i + 11);
    CHECK(bench.outputs[2 + i].sums == reference_pass(g, second, second_tile, second_inputs[i]));
  }
}

TEST_CASE("macro: back-pressure fills every psum entry, drops nothing and counts nothing twice") {
  const MacroGeometry g;
  MacroBench bench("macro", g);
  std::mt19937 random(4);
  const TileLayout layout = make_layout(g, {2, 8}, Sequencing::grouped, MergeMode::reduce, "test");
  const Tile tile = random_tile(g, layout, 1, random);
  const auto inputs = some_passes(layout, 40, random);
  bench.pulse_reset();
  bench.load_tile(tile, layout);
  bench.final_ready.write(false);
  std::size_t taken = 0;
  for (int i = 0; i < 60; ++i) {
    bench.offer_pass(inputs[taken]);
    bench.settle();
    if (bench.pass_ready.read()) ++taken;
    bench.tick();
  }
  // Nobody takes psum_final: what fits is psum_final 1 + merger tree 2 + merger input 1 + psum buffer 3 + tree 5 +
  // product 1.
  CHECK(taken == 1 + 2 + 1 + 3 + 5 + 1);
  for (int p = 0; p < 4; ++p) CHECK(bench.macro.sub[p].buffer.occupancy() == 3);
  CHECK(bench.outputs.empty());
  for (int i = 0; i < 2000 && bench.outputs.size() < inputs.size(); ++i) {
    bench.final_ready.write(random() % 3 == 0);
    bench.enable.write(random() % 4 != 0);
    if (taken < inputs.size() && random() % 5 != 0) {
      bench.offer_pass(inputs[taken]);
    } else {
      bench.offer_nothing();
    }
    bench.settle();
    if (bench.pass.read().valid && bench.pass_ready.read()) ++taken;
    bench.tick();
  }
  REQUIRE(bench.outputs.size() == inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    CHECK(bench.outputs[i].sums == reference_pass(g, layout, tile, inputs[i]));
  }
  MacroEvents expected = pass_events(g, layout, tile) * inputs.size();
  expected += load_events(g);
  CHECK(bench.macro.events() == expected);
}

TEST_CASE("macro: enable low freezes, each frozen cycle costs one") {
  const MacroGeometry g;
  MacroBench bench("macro", g);
  std::mt19937 random(5);
  const TileLayout layout = make_layout(g, {2, 4}, Sequencing::grouped, MergeMode::reduce, "test");
  const Tile tile = random_tile(g, layout, 1, random);
  const auto inputs = some_passes(layout, 1, random);
  bench.pulse_reset();
  const std::uint64_t first_phase = bench.load_tile(tile, layout);
  bench.run_passes(inputs);
  bench.idle(4);
  bench.enable.write(false);
  bench.idle(7);
  bench.enable.write(true);
  bench.idle(20);
  REQUIRE(bench.outputs.size() == 1);
  CHECK(bench.outputs[0].cycle == first_phase + 11 + 7);
  CHECK(bench.outputs[0].sums == reference_pass(g, layout, tile, inputs[0]));
}

TEST_CASE("macro: reset in mid-operation empties the pipeline, and a new load runs as if nothing had been") {
  const MacroGeometry g;
  MacroBench bench("macro", g);
  std::mt19937 random(6);
  const TileLayout layout = make_layout(g, {4, 8}, Sequencing::grouped, MergeMode::reduce, "test");
  const Tile tile = random_tile(g, layout, 4, random);
  const auto inputs = some_passes(layout, 3, random);
  bench.pulse_reset();
  bench.load_tile(tile, layout);
  bench.offer_pass(inputs[0]);
  bench.idle(6);  // in the second phase of the second pass
  bench.pulse_reset();
  bench.settle();
  CHECK_FALSE(bench.pass_ready.read());  // the resident tile is forgotten
  bench.offer_nothing();
  bench.idle(20);
  CHECK(bench.outputs.empty());
  const std::uint64_t first_phase = bench.load_tile(tile, layout);
  bench.run_passes(inputs);
  bench.idle(20);
  REQUIRE(bench.outputs.size() == 3);
  for (int i = 0; i < 3; ++i) {
    CHECK(bench.outputs[i].cycle == first_phase + 4 * i + 3 + 11);
    CHECK(bench.outputs[i].sums == reference_pass(g, layout, tile, inputs[i]));
  }
}

TEST_CASE("macro: operands at the end of their range are exact in the largest macro") {
  MacroGeometry g;
  g.sub_macros = 16;
  g.rows = 256;
  g.cols = 2;
  MacroBench bench("macro", g);
  const TileLayout layout = make_layout(g, Pattern{}, Sequencing::grouped, MergeMode::reduce, "test");
  Tile tile;
  tile.cells.assign(static_cast<std::size_t>(g.cells()), {});
  for (int p = 0; p < 16; ++p) {
    for (int r = 0; r < 256; ++r) {
      tile.cells[tile.cell(g, 0, p, r)].weight = -127;
      tile.cells[tile.cell(g, 1, p, r)].weight = 127;
    }
  }
  tile.phases.push_back({std::vector<std::uint8_t>(16 * 256, 0), {ColumnMask(3)}});
  bench.macro.observe(true);  // level by level
  bench.pulse_reset();
  bench.load_tile(tile, layout);
  bench.run_passes({Activations(16 * 256, -128)});
  bench.idle(pipeline_latency(g));
  REQUIRE(bench.outputs.size() == 1);
  const std::int32_t most = 16 * 256 * 127 * 128;
  CHECK(bench.outputs[0].sums == Sums{most, -most});
  CHECK(most < 1 << (g.merged_psum_bits() - 1));
  CHECK(most >= 1 << (g.merged_psum_bits() - 2));  // not one bit too many
}

TEST_CASE("macro: a geometry out of range is refused") {
  MacroGeometry g;
  g.rows = 24;
  CHECK_THROWS_WITH(Macro("macro", g), Catch::Contains("rows"));
}

}  // namespace
}  // namespace flexcim
