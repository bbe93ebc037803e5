// WeightUpdate::shadow: loads behind compute, the swap, and what disturbs them (architecture.md §6).
#include "rtl_models/blocks/macro.h"
#include "tests/rtl_models/macro_bench.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

using Shadow = Sequencer::Shadow;

constexpr int kCols = 4;

/// P 4, R 4, C 4: latency log2 4 + log2 4 + 4 = 8.
struct ShadowBench {
  MacroGeometry g;
  std::mt19937 random{7};
  std::unique_ptr<MacroBench> bench;
  TileLayout layout;

  ShadowBench() {
    g.rows = 4;
    g.cols = kCols;
    layout = make_layout(g, {4, 8}, Sequencing::grouped, MergeMode::reduce, "test");
    bench = std::make_unique<MacroBench>("macro", g, WeightUpdate::shadow);
    bench->pulse_reset();
    bench->cycle = 0;
  }
  Tile tile(int phases = 1) { return random_tile(g, layout, phases, random); }
  std::vector<Activations> passes(int count) {
    std::vector<Activations> inputs;
    for (int i = 0; i < count; ++i) inputs.push_back(random_activations(layout, random));
    return inputs;
  }
  Shadow shadow() const { return bench->macro.sequencer.shadow(); }
  /// All beats of `tile`, and the swap.
  void bring(const Tile& tile) {
    for (int c = 0; c < kCols; ++c) {
      bench->offer_beat(tile, layout, c);
      bench->tick();
    }
    bench->offer_nothing();
    swap();
  }
  void swap() {
    bench->swap.write(true);
    bench->settle();
    REQUIRE(bench->swap_ready.read());
    bench->tick();
    bench->swap.write(false);
  }
  void check(const Tile& tile, const std::vector<Activations>& inputs, std::size_t first, std::uint64_t run_start,
             std::uint64_t phases = 1) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      REQUIRE(bench->outputs.size() > first + i);
      CHECK(bench->outputs[first + i].cycle == run_start + (i + 1) * phases - 1 + 8);
      CHECK(bench->outputs[first + i].sums == reference_pass(g, layout, tile, inputs[i]));
    }
  }
};

}  // namespace

TEST_CASE("shadow: a load hides behind a longer run, the swap costs one cycle") {
  ShadowBench s;
  std::vector<TileRun> tiles(2);
  for (TileRun& run : tiles) {
    run.layout = s.layout;
    run.tile = s.tile();
    run.inputs = s.passes(10);
    run.writes = kCols;
  }
  const std::vector<TileTimes> times = run_tiles(*s.bench, tiles);
  // First tile: columns in cycles 0..3, swap in 4, passes in 5..14.
  CHECK(times[0].load_start == 0);
  CHECK(times[0].loaded == 4);
  CHECK(times[0].first_phase == 5);
  CHECK(times[0].run_end == 15);
  // Second tile: columns in 5..8 while passes run, swap in 15, passes in 16..25.
  CHECK(times[1].load_start == 5);
  CHECK(times[1].loaded == 9);
  CHECK(times[1].first_phase == 16);
  CHECK(times[1].run_end == 26);
  CHECK(exposed_load_cycles(times[0], times[1]) == 1);
  s.bench->idle(8);
  s.check(tiles[0].tile, tiles[0].inputs, 0, 5);
  s.check(tiles[1].tile, tiles[1].inputs, 10, 16);
  CHECK(s.bench->macro.events().cell_writes == 2u * 4 * 4 * 4);
}

TEST_CASE("shadow: a run that is shorter than the next load waits for it") {
  ShadowBench s;
  std::vector<TileRun> tiles(2);
  for (TileRun& run : tiles) {
    run.layout = s.layout;
    run.tile = s.tile();
    run.inputs = s.passes(2);
    run.writes = 9;  // a narrow port: columns in cycles 1, 3, 5, 8 of the load
  }
  const std::vector<TileTimes> times = run_tiles(*s.bench, tiles);
  // First: 0..8, swap 9, passes 10, 11. Second: load 10..18, swap 19, passes 20, 21. Blocking: load 12..20, passes 22,
  // 23.
  CHECK(times[0].first_phase == 10);
  CHECK(times[0].run_end == 12);
  CHECK(times[1].load_start == 10);
  CHECK(times[1].first_phase == 20);
  CHECK(times[1].run_end == 22);
  CHECK(exposed_load_cycles(times[0], times[1]) == 8);
}

TEST_CASE("shadow: no pass begins while swap is high, and a complete tile takes no beat") {
  ShadowBench s;
  MacroBench& b = *s.bench;
  const Tile first = s.tile(), second = s.tile(), third = s.tile();
  const auto inputs = s.passes(2);
  s.bring(first);
  b.swap.write(true);  // nothing to swap in yet
  b.offer_pass(inputs[0]);
  b.tick();
  for (int c = 0; c < kCols; ++c) {
    b.offer_beat(second, s.layout, c);
    b.settle();
    CHECK_FALSE(b.swap_ready.read());
    CHECK_FALSE(b.pass_ready.read());
    CHECK_FALSE(b.macro.go.read());
    CHECK(b.load_ready.read());
    b.tick();
  }
  CHECK(s.shadow() == Shadow::full);
  b.swap.write(false);
  b.enable.write(false);
  b.offer_beat(third, s.layout, 0);
  b.tick();
  b.enable.write(true);
  b.settle();
  CHECK_FALSE(b.load_ready.read());
  b.offer_pass(inputs[0]);  // of the first tile after all
  b.tick();
  s.swap();
  b.offer_beat(third, s.layout, 0);
  b.settle();
  CHECK(b.load_ready.read());  // free since the swap
  b.tick();
  b.offer_nothing();
  b.run_passes({inputs[1]});
  b.idle(20);
  REQUIRE(b.outputs.size() == 3);  // the first pass stood on the pins for the cycle of the swap and the beat, too
  CHECK(b.outputs[0].sums == reference_pass(s.g, s.layout, first, inputs[0]));
  CHECK(b.outputs[1].sums == reference_pass(s.g, s.layout, second, inputs[0]));
  CHECK(b.outputs[2].sums == reference_pass(s.g, s.layout, second, inputs[1]));
}

TEST_CASE("shadow: a swap asked for inside a pass waits for its last phase") {
  ShadowBench s;
  MacroBench& b = *s.bench;
  const Tile first = s.tile(3), second = s.tile(2);
  const auto inputs = s.passes(2);
  s.bring(first);  // cycles 0..4
  for (int c = 0; c < kCols; ++c) {
    b.offer_beat(second, s.layout, c);
    b.tick();
  }
  b.offer_nothing();
  b.offer_pass(inputs[0]);
  b.tick();  // phase 0 in cycle 9
  b.swap.write(true);
  for (int phase = 1; phase < 3; ++phase) {
    b.settle();
    CHECK_FALSE(b.swap_ready.read());
    CHECK(b.pass_ready.read() == (phase == 2));
    b.tick();
  }
  b.offer_pass(inputs[1]);
  b.settle();
  CHECK(b.swap_ready.read());  // cycle 12
  CHECK_FALSE(b.pass_ready.read());
  b.tick();
  b.swap.write(false);
  b.run_passes({inputs[1]});  // 13, 14
  b.idle(20);
  s.check(first, {inputs[0]}, 0, 9, 3);
  s.check(second, {inputs[1]}, 1, 13, 2);
}

TEST_CASE("shadow: enable low holds a half-loaded tile") {
  ShadowBench s;
  MacroBench& b = *s.bench;
  const Tile first = s.tile(), second = s.tile(), wrong = s.tile();
  const auto inputs = s.passes(1);
  s.bring(first);
  for (int c = 0; c < 2; ++c) {
    b.offer_beat(second, s.layout, c);
    b.tick();
  }
  b.enable.write(false);
  b.swap.write(true);
  for (int c = 0; c < kCols; ++c) {
    b.offer_beat(wrong, s.layout, c);
    b.settle();
    CHECK_FALSE(b.load_ready.read());
    CHECK_FALSE(b.swap_ready.read());
    b.tick();
  }
  CHECK(s.shadow() == Shadow::loading);
  b.swap.write(false);
  b.enable.write(true);
  for (int c = 2; c < kCols; ++c) {
    b.offer_beat(second, s.layout, c);
    b.tick();
  }
  b.offer_nothing();
  s.swap();
  const std::uint64_t start = b.cycle;
  CHECK(start == 5 + 2 + 4 + 2 + 1);  // first tile, two columns, held, two columns, swap
  b.run_passes(inputs);
  b.idle(8);
  s.check(second, inputs, 0, start);
  CHECK(b.macro.events().cell_writes == 2u * 4 * 4 * 4);
}

TEST_CASE("shadow: reset forgets the tile on compute and the half-loaded one") {
  ShadowBench s;
  MacroBench& b = *s.bench;
  const Tile first = s.tile(), second = s.tile(2);
  const auto inputs = s.passes(2);
  s.bring(first);
  b.offer_pass(inputs[0]);
  b.offer_beat(first, s.layout, 1);
  b.tick();
  b.offer_beat(first, s.layout, 2);
  b.pulse_reset();
  CHECK(s.shadow() == Shadow::free);
  b.swap.write(true);
  b.settle();
  CHECK_FALSE(b.swap_ready.read());
  CHECK_FALSE(b.pass_ready.read());
  CHECK(b.load_ready.read());
  b.swap.write(false);
  b.offer_nothing();
  b.idle(20);
  CHECK(b.outputs.empty());
  s.bring(second);
  const std::uint64_t start = b.cycle;
  b.run_passes(inputs);
  b.idle(8);
  s.check(second, inputs, 0, start, 2);
}

TEST_CASE("shadow: reset forgets a complete tile that has not been swapped in") {
  ShadowBench s;
  MacroBench& b = *s.bench;
  const Tile tile = s.tile();
  for (int c = 0; c < kCols; ++c) {
    b.offer_beat(tile, s.layout, c);
    b.tick();
  }
  b.offer_nothing();
  b.settle();
  CHECK(b.swap_ready.read());
  b.reset.write(true);
  b.swap.write(true);
  b.tick();  // reset goes before the swap
  b.reset.write(false);
  b.settle();
  CHECK_FALSE(b.swap_ready.read());
  CHECK(b.macro.sequencer.state() == Sequencer::State::empty);
  CHECK(s.shadow() == Shadow::free);
}

TEST_CASE("shadow: with a stuck consumer the load goes on and the swap comes, only the passes wait") {
  ShadowBench s;
  MacroBench& b = *s.bench;
  const Tile first = s.tile(), second = s.tile();
  const auto inputs = s.passes(30);
  s.bring(first);
  b.final_ready.write(false);
  std::size_t taken = 0;
  for (int i = 0; i < 20; ++i) {
    b.offer_pass(inputs[taken]);
    b.settle();
    taken += b.pass_ready.read();
    b.tick();
  }
  // psum_final 1, merger tree 2, merger input 1, psum buffer 3, column tree 2, product 1
  REQUIRE(taken == 10);
  for (int c = 0; c < kCols; ++c) {
    b.offer_beat(second, s.layout, c);
    b.settle();
    CHECK(b.load_ready.read());
    CHECK_FALSE(b.pass_ready.read());
    b.tick();
  }
  b.offer_nothing();
  s.swap();
  b.offer_pass(inputs[taken]);
  b.settle();
  CHECK_FALSE(b.pass_ready.read());
  CHECK(b.outputs.empty());
  b.final_ready.write(true);
  b.run_passes({inputs.begin() + 10, inputs.end()});
  b.idle(20);
  REQUIRE(b.outputs.size() == inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    CHECK(b.outputs[i].sums == reference_pass(s.g, s.layout, i < 10 ? first : second, inputs[i]));
  }
}

}  // namespace flexcim
