// Random macros under random stalls, back-pressure, waiting inputs and resets: whatever is taken comes out, once and in
// order.
#include "flow/map/schedule.h"
#include "tests/rtl_models/random_case.h"

#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

/// Tiles without end; each cycle by chance a beat, a pass, a swap, an enable, a consumer. Whatever is taken must come
/// out, once and in order.
class Disturbed {
 public:
  Disturbed(MacroBench& bench, const MacroCase& c, std::mt19937& random)
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
  const MacroCase& case_;
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

TEST_CASE("random macros: stalls, back-pressure and waiting inputs lose and double nothing") {
  const unsigned seed = 11331;
  std::mt19937 random(seed);
  std::vector<MacroCase> cases;
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
  std::vector<MacroCase> cases;
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
