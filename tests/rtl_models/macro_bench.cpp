#include "tests/rtl_models/macro_bench.h"

#include <algorithm>
#include <stdexcept>

namespace flexcim {

Sums reference_pass(const MacroGeometry& g, const TileLayout& layout, const Tile& tile, const Activations& inputs) {
  Sums sums(static_cast<std::size_t>(layout.lanes) * g.cols, 0);
  const int subs_per_lane = layout.slots * layout.blocks_per_row;
  for (std::size_t k = 0; k < tile.phases.size(); ++k) {
    const Phase& phase = tile.phases[k];
    const int window = static_cast<int>(k) / layout.cell_weights, which = static_cast<int>(k) % layout.cell_weights;
    for (int p = 0; p < layout.active_sub_macros(); ++p) {
      const int lane = p / subs_per_lane;
      const int block = p % subs_per_lane / layout.slots;
      for (int c = 0; c < g.cols; ++c) {
        if (!phase.columns[lane].test(c)) continue;
        for (int r = 0; r < g.rows; ++r) {
          CellWord word = tile.cells[tile.cell(g, c, p, r)];
          if (layout.cell_weights == 2) word = int4_of(word, which);
          const int first = which * layout.weight_inputs() + (r * layout.blocks_per_row + block) * layout.block_inputs;
          int input = first;
          if (layout.compares_index) {
            if (word.metadata / (2 * layout.window) != window) continue;
            input = first + word.metadata;
          } else if (layout.compressed) {
            const int base = phase.bases[static_cast<std::size_t>(p) * g.rows + r];
            input = first + 2 * ((base + word.metadata / 2) % layout.block_pairs) + word.metadata % 2;
          }
          sums[static_cast<std::size_t>(lane) * g.cols + c] += word.weight * inputs[input];
        }
      }
    }
  }
  return sums;
}

Tile random_tile(const MacroGeometry& g, const TileLayout& layout, int phases, std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const bool scan = layout.compares_index;
  Tile tile;
  tile.cells.resize(g.cells());
  for (int c = 0; c < g.cols; ++c) {
    for (int p = 0; p < layout.active_sub_macros(); ++p) {
      for (int r = 0; r < g.rows; ++r) {
        const auto word = [&](int limit) {
          const auto weight = static_cast<std::int8_t>(below(2 * limit + 1) - limit);
          return CellWord{weight, static_cast<std::uint8_t>(layout.compressed ? below(1 << layout.metadata_bits) : 0)};
        };
        CellWord first = word(layout.cell_weights == 1 ? 127 : 7);
        if (layout.cell_weights == 2) first = join_int4(first, word(7));
        tile.cells[tile.cell(g, c, p, r)] = first;
      }
    }
  }
  tile.phases.resize(phases);
  for (std::size_t k = 0; k < tile.phases.size(); ++k) {
    Phase& phase = tile.phases[k];
    phase.bases.assign(static_cast<std::size_t>(g.sub_macros) * g.rows, 0);
    if (scan) {
      for (auto& base : phase.bases)
        base = static_cast<std::uint8_t>(static_cast<int>(k) / layout.cell_weights * layout.window);
    } else if (layout.select_bits > 0) {
      for (int i = 0; i < layout.active_sub_macros() * g.rows; ++i) {
        phase.bases[i] = static_cast<std::uint8_t>(below(layout.block_pairs));
      }
    }
    if (layout.cell_weights == 2 && k % 2 == 1) {
      phase.columns = tile.phases[k - 1].columns;
      continue;
    }
    phase.columns.resize(layout.lanes);
    for (int lane = 0; lane < layout.lanes; ++lane) {
      for (int c = 0; c < g.cols; ++c) {
        if (scan ? (k == 0 ? below(8) > 0 : tile.phases[0].columns[lane].test(c))
                 : phases == layout.cell_weights || below(2) == 0) {
          phase.columns[lane].set(c);
        }
      }
    }
  }
  return tile;
}

Activations random_activations(const TileLayout& layout, std::mt19937& random) {
  Activations inputs(layout.tile_inputs);
  for (auto& input : inputs) input = static_cast<std::int8_t>(random());
  return inputs;
}

void MacroSignals::bind(Macro& macro) {
  macro.reset(reset);
  macro.enable(enable);
  macro.load(load);
  macro.load_ready(load_ready);
  macro.pass(pass);
  macro.pass_ready(pass_ready);
  macro.psum_final(psum_final);
  macro.psum_final_ready(final_ready);
  if (macro.weight_update() == WeightUpdate::shadow) {
    macro.swap(swap);
    macro.swap_ready(swap_ready);
  }
  enable.write(true);
  final_ready.write(true);
}

MacroBench::MacroBench(const std::string& name, const MacroGeometry& geometry, WeightUpdate update)
    : macro(name.c_str(), geometry, update) {
  macro.clock(clock);
  bind(macro);
}

void MacroBench::settle() { sc_core::sc_start(1, sc_core::SC_NS); }

void MacroBench::tick() {
  settle();
  const PsumFinal& out = psum_final.read();
  if (out.valid && final_ready.read() && enable.read() && !reset.read()) {
    outputs.push_back({cycle, Sums(out.sums, out.sums + static_cast<std::size_t>(out.lanes) * macro.geometry().cols)});
  }
  clock.write(true);
  sc_core::sc_start(1, sc_core::SC_NS);
  clock.write(false);
  ++cycle;
}

void MacroBench::pulse_reset() {
  reset.write(true);
  tick();
  reset.write(false);
}

void MacroBench::offer_beat(const Tile& tile, const TileLayout& layout, int column) {
  LoadBeat beat;
  beat.valid = true;
  beat.column = static_cast<std::uint16_t>(column);
  beat.last = column + 1 == macro.geometry().cols;
  beat.words = &tile.cells[tile.cell(macro.geometry(), column, 0, 0)];
  const auto phase = static_cast<std::size_t>(column * layout.cell_weights);
  if (phase < tile.phases.size()) beat.phase = &tile.phases[phase];
  beat.layout = layout_pins(layout, static_cast<int>(tile.phases.size()));
  beat.version = ++version_;
  load.write(beat);
}

void MacroBench::offer_pass(const Activations& inputs) {
  PassPins pins;
  pins.valid = true;
  pins.activations = inputs.data();
  pins.version = ++version_;
  pass.write(pins);
}

void MacroBench::offer_nothing() {
  LoadBeat beat;
  beat.version = ++version_;
  load.write(beat);
  PassPins pins;
  pins.version = ++version_;
  pass.write(pins);
}

std::uint64_t MacroBench::load_tile(const Tile& tile, const TileLayout& layout) {
  for (int c = 0; c < macro.geometry().cols;) {
    offer_beat(tile, layout, c);
    settle();
    if (load_ready.read()) ++c;
    tick();
  }
  offer_nothing();
  tick();
  return cycle;
}

std::uint64_t MacroBench::run_passes(const std::vector<Activations>& inputs) {
  for (std::size_t i = 0; i < inputs.size();) {
    offer_pass(inputs[i]);
    for (bool taken = false; !taken;) {
      settle();
      taken = pass_ready.read();
      tick();
    }
    ++i;
  }
  offer_nothing();
  return cycle;
}

void MacroBench::idle(int cycles) {
  for (int i = 0; i < cycles; ++i) tick();
}

namespace {

/// run_tiles, cycle by cycle.
class TileFeeder {
 public:
  TileFeeder(MacroBench& bench, const std::vector<TileRun>& tiles)
      : bench_(bench),
        tiles_(tiles),
        shadow_(bench.macro.weight_update() == WeightUpdate::shadow),
        times_(tiles.size()) {}

  std::vector<TileTimes> run() {
    while (runs_ < tiles_.size()) cycle();
    bench_.offer_nothing();
    return times_;
  }

 private:
  bool computing() const { return used_ > runs_; }

  void cycle() {
    bench_.offer_nothing();
    bench_.swap.write(shadow_ && !computing());
    bench_.settle();
    const bool loaded = !computing() && written_ > used_;
    if (!shadow_ && loaded && bench_.macro.control.read().compute) begin_tile();
    if (computing()) run_pass();
    const bool beat = write_column();
    bench_.settle();
    const bool taken = bench_.load_ready.read(), passed = bench_.pass_ready.read(), swaps = bench_.swap_ready.read();
    bench_.tick();
    if (beat && !taken) throw std::logic_error("a load beat was not taken");
    if (pass_due_ && !passed) throw std::logic_error("a pass was not taken");
    if (shadow_ && !computing() && swaps) begin_tile();
    if (pass_due_) end_pass();
  }

  /// This is the first cycle in which the lines may carry a phase of the tile.
  void begin_tile() {
    const TileRun& tile = tiles_[used_];
    times_[used_].first_phase = bench_.cycle;
    run_start_ = std::max(bench_.cycle, tile.operands);
    times_[used_].run_end = run_start_ + tile.inputs.size() * tile.pass_cycles;
    ++used_;
    pass_ = 0;
    if (tile.inputs.empty()) ++runs_;
  }

  void run_pass() {
    const TileRun& tile = tiles_[runs_];
    if (bench_.cycle < run_start_) return;
    const std::uint64_t in_pass = (bench_.cycle - run_start_) % tile.pass_cycles;
    if (in_pass + tile.tile.phases.size() < tile.pass_cycles) return;
    bench_.offer_pass(tile.inputs[pass_]);
    pass_due_ = in_pass + 1 == tile.pass_cycles;
  }

  void end_pass() {
    pass_due_ = false;
    if (++pass_ == tiles_[runs_].inputs.size()) ++runs_;
  }

  bool write_column() {
    if (written_ == tiles_.size()) return false;
    const TileRun& tile = tiles_[written_];
    TileTimes& times = times_[written_];
    if (!loading_) {
      const bool free = shadow_ ? bench_.load_ready.read() : !computing() && written_ == used_;
      if (!free || bench_.cycle < tile.ready) return false;
      loading_ = true;
      column_ = 0;
      times.load_start = bench_.cycle;
    }
    const auto cols = static_cast<std::uint64_t>(bench_.macro.geometry().cols);
    if (bench_.cycle - times.load_start != (column_ + 1) * tile.writes / cols - 1) return false;
    bench_.offer_beat(tile.tile, tile.layout, static_cast<int>(column_));
    if (++column_ < cols) return true;
    times.loaded = bench_.cycle + 1;
    loading_ = false;
    ++written_;
    return true;
  }

  MacroBench& bench_;
  const std::vector<TileRun>& tiles_;
  const bool shadow_;
  std::vector<TileTimes> times_;
  std::size_t written_ = 0, used_ = 0,
              runs_ = 0;  ///< tiles that are loaded, that are or were on compute, that are done
  bool loading_ = false, pass_due_ = false;
  std::uint64_t column_ = 0, run_start_ = 0;
  std::size_t pass_ = 0;
};

}  // namespace

std::vector<TileTimes> run_tiles(MacroBench& bench, const std::vector<TileRun>& tiles) {
  return TileFeeder(bench, tiles).run();
}

}  // namespace flexcim
