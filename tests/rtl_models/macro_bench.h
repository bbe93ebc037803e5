// Drives a macro's pins cycle by cycle and keeps what comes out; plain references to compare with.
#pragma once

#include "flow/map/schedule.h"
#include "rtl_models/blocks/macro.h"

#include <systemc>

#include <deque>
#include <random>
#include <string>
#include <vector>

namespace flexcim {

using Activations = std::vector<std::int8_t>;  ///< [Kt]
using Sums = std::vector<std::int32_t>;        ///< [lanes][C]

/// What the cells and phases of a tile must give for one pass, written from architecture.md §2-§5 without regard to the
/// modules.
Sums reference_pass(const MacroGeometry& geometry, const TileLayout& layout, const Tile& tile,
                    const Activations& inputs);

/// A tile of random words and random phases: not what a mapper would make, but what the hardware must run all the same.
Tile random_tile(const MacroGeometry& geometry, const TileLayout& layout, int phases, std::mt19937& random);
Activations random_activations(const TileLayout& layout, std::mt19937& random);

/// A signal for every pin of a macro.
struct MacroSignals {
  sc_core::sc_signal<bool> reset, enable, load_ready, pass_ready, final_ready, swap, swap_ready;
  sc_core::sc_signal<LoadBeat> load;
  sc_core::sc_signal<PassPins> pass;
  sc_core::sc_signal<PsumFinal> psum_final;

  /// All but the clock; enabled, with a consumer that is ready.
  void bind(Macro& macro);
};

/// A macro with a signal on every pin. The bench is in the middle of a cycle: pins may be written, outputs have settled
/// after settle(), and tick() ends the cycle with the rising edge.
class MacroBench : public MacroSignals {
 public:
  struct Output {
    std::uint64_t cycle;  ///< in which psum_final was taken
    Sums sums;
  };

  MacroBench(const std::string& name, const MacroGeometry& geometry, WeightUpdate update = WeightUpdate::blocking);

  Macro macro;
  sc_core::sc_signal<bool> clock;
  std::uint64_t cycle = 0;
  std::deque<Output> outputs;

  void settle();
  void tick();
  void pulse_reset();

  void offer_beat(const Tile& tile, const TileLayout& layout, int column);
  void offer_pass(const Activations& inputs);
  void offer_nothing();

  /// All beats of a tile, one per cycle; returns the first cycle that may carry a phase.
  std::uint64_t load_tile(const Tile& tile, const TileLayout& layout);
  /// Offers the passes one after the other; returns the cycle after the last phase. `inputs` must outlive the ticks.
  std::uint64_t run_passes(const std::vector<Activations>& inputs);
  void idle(int cycles);

 private:
  std::uint32_t version_ = 0;
};

/// A tile and what it is to do, in cycles of the bench.
struct TileRun {
  TileLayout layout;
  Tile tile;
  std::vector<Activations> inputs;  ///< its passes
  std::uint64_t ready = 0;          ///< its load may begin
  std::uint64_t writes = 0;       ///< cycles of the load, at least C: column c comes in cycle (c + 1) * writes / C - 1
  std::uint64_t operands = 0;     ///< its first pass may begin
  std::uint64_t pass_cycles = 1;  ///< of one pass; its phases are the last of them
};

/// Runs the tiles one after the other, as early as the macro takes them; what of it came when.
std::vector<TileTimes> run_tiles(MacroBench& bench, const std::vector<TileRun>& tiles);

}  // namespace flexcim
