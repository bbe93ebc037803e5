// Random stimuli for a macro's pins that keep its protocol: tiles, passes, stalls, resets, back-pressure.
#pragma once

#include "rtl_models/verilated/macro_interface.h"
#include "rtl_models/verilated/pin_values.h"

#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

namespace flexcim {

/// Random words and phases in the range of a layout that the macro runs; `phases` for grouped only. In every pass a
/// cell multiplies at most once, as in tiles that a mapper makes, so that psums keep within their width even for
/// extreme operands.
TestTile random_test_tile(const MacroInterface& interface, std::mt19937& random);

/// One run: next() gives the pins of a cycle, taken() hears what the macro answered before the edge that ends it.
class RandomDriver {
 public:
  /// What a run must have seen to be worth anything.
  struct Coverage {
    std::uint64_t tiles = 0, passes = 0, multi_phase_passes = 0, results = 0, resets = 0, resets_in_pass = 0,
                  resets_in_load = 0, stalled_cycles = 0, held_results = 0, refused_phases = 0, scans = 0, concats = 0,
                  beats_before_pass = 0;
    // Shadow only.
    std::uint64_t swaps = 0, early_swaps = 0, held_passes = 0, beats_behind_pass = 0, refused_beats = 0,
                  resets_of_complete = 0;
  };

  RandomDriver(const MacroInterface& interface, unsigned seed);

  const MacroInputs& next();
  void taken(const MacroOutputs& outputs);
  const Coverage& coverage() const { return coverage_; }

 private:
  bool chance(double probability);
  void choose_mood();
  void start_tile();
  void count_shadow(const MacroOutputs& outputs);

  const MacroInterface interface_;
  const MacroGeometry& geometry_ = interface_.geometry;
  const bool shadow_;
  std::mt19937 random_;
  /// Probabilities that hold for some hundred cycles: long full, long starved and mixed stretches all occur.
  struct Mood {
    int cycles = 0;
    double enable = 1, final_ready = 1, beat = 1, pass = 1, new_tile = 0.01, reset = 0, swap = 0;
    bool extreme = false;  ///< operands at the ends of their range
  } mood_;
  std::deque<TestTile> tiles_;  ///< the last few: pointers to them may still be on the pins
  std::deque<std::vector<std::int8_t>> activations_;
  std::vector<int> column_order_;
  std::size_t next_column_ = 0;           ///< beats taken of the newest tile
  bool loading_ = false;                  ///< the newest tile is not resident yet
  bool beat_taken_ = false;               ///< of the newest tile
  bool turnaround_ = false;               ///< blocking: its last beat was taken, the cycle behind it is not over
  const TestTile* swapped_in_ = nullptr;  ///< shadow: on compute; the newest tile is in the second cells, if another
  bool pass_waits_ = false;               ///< the newest activations have not been taken
  MacroInputs inputs_;
  Coverage coverage_;
};

}  // namespace flexcim
