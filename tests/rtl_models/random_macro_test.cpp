// Random macros, layouts, phases and stimuli against the plain reference, the closed-form schedule and the closed-form
// events.
#include "flow/golden.h"
#include "flow/map/schedule.h"
#include "tests/flow/random_linear.h"
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
  WeightUpdate update = WeightUpdate::blocking;
};

Case random_case(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Case made;
  made.geometry.sub_macros = 1 + below(16);
  made.geometry.rows = 1 << below(below(16) == 0 ? 9 : 5);
  made.geometry.cols = 1 << below(below(16) == 0 ? 9 : 5);
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
  made.update = below(2) == 0 ? WeightUpdate::blocking : WeightUpdate::shadow;
  return made;
}

std::string describe(const Case& c) {
  const MacroGeometry& g = c.geometry;
  return "P " + std::to_string(g.sub_macros) + " R " + std::to_string(g.rows) + " C " + std::to_string(g.cols) + " I " +
         std::to_string(g.pairs_per_set) + " w " + std::to_string(g.window) + " depth " + std::to_string(g.psum_depth) +
         " " + to_string(c.layout.pattern) + " " + std::string(to_string(c.layout.sequencing)) + " " +
         std::string(to_string(c.layout.merge)) + " S " + std::to_string(c.phases) + " " +
         std::string(to_string(c.update));
}

/// A tile and what each of its passes must give.
struct ExpectedRun {
  TileRun run;
  std::vector<Sums> sums;
};

/// Cells and phases as no mapper would make them.
void add_random_tile(const Case& c, std::uint64_t passes, ExpectedRun& made, std::mt19937& random) {
  made.run.tile = random_tile(c.geometry, c.layout, c.phases, random);
  for (std::uint64_t i = 0; i < passes; ++i) {
    made.run.inputs.push_back(random_activations(c.layout, random));
    made.sums.push_back(reference_pass(c.geometry, c.layout, made.run.tile, made.run.inputs.back()));
  }
}

/// A random matrix, pruned for the window or element by element, as the mapper lays it out; the golden model says what
/// it gives.
void add_mapped_tile(const Case& c, std::uint64_t passes, ExpectedRun& made, std::mt19937& random) {
  const TileLayout& layout = c.layout;
  const int out = 1 + static_cast<int>(random() % static_cast<unsigned>(layout.tile_outputs));
  const int in = 1 + static_cast<int>(random() % static_cast<unsigned>(layout.tile_inputs));
  const int window = random() % 2 == 0 ? layout.window : 0;
  const PackedLinear linear = test::random_linear(random, layout.pattern, out, in, window);
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
ExpectedRun random_run(const Case& c, bool mapped, std::uint64_t now, std::mt19937& random) {
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

std::unique_ptr<MacroBench> make_bench(const Case& c, int number) {
  return std::make_unique<MacroBench>("macro" + std::to_string(number), c.geometry, c.update);
}

/// Tiles without end; each cycle by chance a beat, a pass, a swap, an enable, a consumer. Whatever is taken must come
/// out, once and in order.
class Disturbed {
 public:
  Disturbed(MacroBench& bench, const Case& c, std::mt19937& random)
      : bench_(bench), case_(c), random_(random), shadow_(c.update == WeightUpdate::shadow) {
    slow_output_ = 1 + random() % 6;
    slow_input_ = 1 + random() % 3;
    slow_beats_ = 1 + random() % 2;
    patience_ = 1 + static_cast<int>(random() % 14);
  }
  int reset_every = 0;  ///< cycles on average, 0 for never

  void run(int cycles) {
    restart();
    bench_.pulse_reset();
    for (int i = 0; i < cycles; ++i) cycle();
    bench_.reset.write(false);
    bench_.enable.write(true);
    bench_.final_ready.write(true);
    bench_.swap.write(false);
    while (in_pass_ > 0) {
      bench_.offer_nothing();
      bench_.offer_pass(*pass_);
      bench_.settle();
      step(bench_.pass_ready.read());
    }
    bench_.offer_nothing();
    bench_.idle(pipeline_latency(case_.geometry) + case_.geometry.psum_depth + 1);
    REQUIRE(bench_.outputs.size() == expected_.size());
    compare();
    if (reset_every == 0) REQUIRE(bench_.macro.events() == events_);
  }

 private:
  struct Loaded {
    std::unique_ptr<Tile> tile;
    int passes = 0;
  };

  Loaded fresh_tile() {
    return {std::make_unique<Tile>(random_tile(case_.geometry, case_.layout, case_.phases, random_)), 0};
  }
  void restart() {
    on_compute_.tile.reset();
    waiting_.tile.reset();
    column_ = 0;
    in_pass_ = 0;
  }
  bool chance(unsigned long one_in) { return random_() % one_in == 0; }

  void cycle() {
    const bool resets = reset_every > 0 && chance(static_cast<unsigned long>(reset_every));
    bench_.reset.write(resets);
    bench_.enable.write(!chance(5));
    bench_.final_ready.write(chance(slow_output_));
    const bool tired = on_compute_.tile == nullptr || on_compute_.passes >= patience_;
    // Blocking loads over the tile on compute, so only when that is done with; shadow loads whenever it can.
    const bool wants_beat = shadow_ ? waiting_.tile == nullptr || column_ < cols() : tired && in_pass_ == 0;
    if (wants_beat && waiting_.tile == nullptr) {
      waiting_ = fresh_tile();
      column_ = 0;
    }
    const bool beat = wants_beat && column_ < cols() && chance(slow_beats_);
    const bool swap = shadow_ && tired && in_pass_ == 0 && chance(2);
    const bool loading = !shadow_ && waiting_.tile != nullptr && column_ > 0;
    // With swap high a pass may wait at the door: it is for the tile to come.
    const bool passes = on_compute_.tile != nullptr && !loading && !(tired && in_pass_ == 0 && !swap);
    bench_.offer_nothing();
    if (beat) bench_.offer_beat(*waiting_.tile, case_.layout, column_);
    bench_.swap.write(swap);
    bool offered = false;
    if (passes && chance(slow_input_)) {
      if (pass_ == nullptr) pass_ = std::make_unique<Activations>(random_activations(case_.layout, random_));
      bench_.offer_pass(*pass_);
      offered = true;
    }
    bench_.settle();
    const bool beat_taken = beat && bench_.load_ready.read(), swapped = swap && bench_.swap_ready.read();
    if (swap && in_pass_ == 0) REQUIRE(bench_.macro.lines[0].read().use != LineUse::phase);
    step(offered && bench_.pass_ready.read() && !resets);
    if (resets) {
      compare();
      bench_.outputs.clear();
      expected_.clear();
      kept_.clear();
      return restart();
    }
    if (beat_taken) {
      ++column_;
      events_.cell_writes += static_cast<std::uint64_t>(case_.geometry.sub_macros) * case_.geometry.rows;
    }
    if (swapped) REQUIRE(column_ == cols());
    if (shadow_ ? swapped : beat_taken && column_ == cols()) {
      on_compute_ = std::move(waiting_);
      waiting_.tile = nullptr;
    }
  }

  /// Ends a cycle.
  void step(bool passed) {
    const bool phase = bench_.macro.lines[0].read().use == LineUse::phase;
    bench_.tick();
    if (phase) in_pass_ = passed ? 0 : in_pass_ + 1;
    if (!passed) return;
    expected_.push_back(reference_pass(case_.geometry, case_.layout, *on_compute_.tile, *pass_));
    events_ += pass_events(case_.geometry, case_.layout, *on_compute_.tile);
    ++on_compute_.passes;
    kept_.push_back(std::move(pass_));  // pins may still point to it
    pass_ = nullptr;
  }

  void compare() {
    REQUIRE(bench_.outputs.size() <= expected_.size());  // the rest is still under way
    for (std::size_t i = 0; i < bench_.outputs.size(); ++i) REQUIRE(bench_.outputs[i].sums == expected_[i]);
  }

  int cols() const { return case_.geometry.cols; }

  MacroBench& bench_;
  const Case& case_;
  std::mt19937& random_;
  const bool shadow_;
  unsigned long slow_output_, slow_input_, slow_beats_;
  int patience_;
  Loaded on_compute_, waiting_;
  int column_ = 0;
  int in_pass_ = 0;  ///< phases of the pass under way that have been on the lines
  std::unique_ptr<Activations> pass_;
  std::vector<std::unique_ptr<Activations>> kept_;
  std::vector<Sums> expected_;
  MacroEvents events_;
};

TEST_CASE("random macros: sums, cycles and events, undisturbed") {
  const unsigned seed = 20250414;
  std::mt19937 random(seed);
  std::vector<Case> cases;
  std::vector<std::unique_ptr<MacroBench>> benches;
  for (int i = 0; i < kConfigurations; ++i) {
    cases.push_back(random_case(random));
    benches.push_back(make_bench(cases[i], i));
  }
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

TEST_CASE("random macros: stalls, back-pressure and waiting inputs lose and double nothing") {
  const unsigned seed = 11331;
  std::mt19937 random(seed);
  std::vector<Case> cases;
  std::vector<std::unique_ptr<MacroBench>> benches;
  constexpr int kDisturbed = 60;
  std::size_t results = 0;
  for (int i = 0; i < kDisturbed; ++i) {
    cases.push_back(random_case(random));
    benches.push_back(make_bench(cases[i], i));
  }
  for (int i = 0; i < kDisturbed; ++i) {
    INFO("seed " << seed << ", configuration " << i << ": " << describe(cases[i]));
    Disturbed(*benches[i], cases[i], random).run(800);
    results += benches[i]->outputs.size();
  }
  CHECK(results > 2000);
}

TEST_CASE("random macros: resets in the middle of loads, swaps and passes") {
  const unsigned seed = 990;
  std::mt19937 random(seed);
  std::vector<Case> cases;
  std::vector<std::unique_ptr<MacroBench>> benches;
  for (int i = 0; i < 40; ++i) {
    cases.push_back(random_case(random));
    benches.push_back(make_bench(cases[i], i));
  }
  std::size_t results = 0;
  for (int i = 0; i < 40; ++i) {
    INFO("seed " << seed << ", configuration " << i << ": " << describe(cases[i]));
    Disturbed disturbed(*benches[i], cases[i], random);
    disturbed.reset_every = 60 + static_cast<int>(random() % 300);
    disturbed.run(1500);
    results += benches[i]->outputs.size();
  }
  CHECK(results > 1000);
}

}  // namespace
}  // namespace flexcim
