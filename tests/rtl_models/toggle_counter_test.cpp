#include "rtl_models/observe/toggle_counter.h"

#include "flow/base/simd.h"
#include "rtl_models/signals/clock.h"
#include "tests/rtl_models/macro_bench.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace flexcim {
namespace {

struct LoadAndPasses {
  Tile tile;
  std::vector<Activations> inputs;
};

/// Loads tiles and runs their passes one after the other, under a clock that falls; waits and stalls by chance.
struct ClockedMacro : sc_core::sc_module, MacroSignals {
  Clock clk{"clk", sc_core::sc_time(2, sc_core::SC_NS)};
  Macro macro;
  ToggleCounter counter;
  TileLayout layout;
  std::vector<LoadAndPasses> work;
  std::mt19937 random{1};
  bool stalls = false;
  std::uint32_t version = 0;
  std::size_t tile = 0, taken = 0;
  int column = 0;
  bool swapped = false;

  ClockedMacro(const MacroGeometry& g, const TileLayout& tile_layout, WeightUpdate update = WeightUpdate::blocking)
      : sc_module(sc_core::sc_module_name("clocked")),
        macro("macro", g, update),
        counter("counter", macro),
        layout(tile_layout) {
    counter.clock(clk);
    macro.clock(clk);
    bind(macro);
    SC_HAS_PROCESS(ClockedMacro);
    SC_METHOD(drive);
    sensitive << clk.posedge_event();
    dont_initialize();
  }

  /// Everything, until the pipeline is empty.
  const MacroToggles& run() {
    while (tile < work.size()) sc_core::sc_start(2, sc_core::SC_NS);
    stalls = false;
    sc_core::sc_start(200, sc_core::SC_NS);
    return counter.toggles();
  }

  void drive() {
    const int cols = macro.geometry().cols;
    const bool shadow = macro.weight_update() == WeightUpdate::shadow;
    if (load.read().valid && load_ready.read()) ++column;
    if (shadow && swap.read() && swap_ready.read()) swapped = true;
    if (pass.read().valid && pass_ready.read()) ++taken;
    if (tile < work.size() && taken == work[tile].inputs.size()) {
      ++tile;
      taken = 0;
      column = 0;
      swapped = false;
    }
    LoadBeat beat;
    PassPins next;
    const bool loaded = column == cols;
    if (tile < work.size() && !loaded && (load.read().valid ? !load_ready.read() : !wait())) {
      const Tile& now = work[tile].tile;
      beat.valid = true;
      beat.column = static_cast<std::uint16_t>(column);
      beat.last = column + 1 == cols;
      beat.words = &now.cells[now.cell(macro.geometry(), column, 0, 0)];
      const int phases = static_cast<int>(now.phases.size());
      if (column < phases) beat.phase = &now.phases[column];
      beat.layout = layout_pins(layout, phases);
    }
    if (tile < work.size() && loaded && (!shadow || swapped) && (pass.read().valid || !wait())) {
      next.valid = true;
      next.activations = work[tile].inputs[taken].data();
    }
    beat.version = ++version;
    next.version = ++version;
    load.write(beat);
    pass.write(next);
    swap.write(shadow && tile < work.size() && loaded && !swapped);
    enable.write(!wait());
    final_ready.write(!wait());
  }
  bool wait() { return stalls && random() % 3 == 0; }
};

int ones(std::int64_t before, std::int64_t after, int bits) {
  int count = 0;
  for (int bit = 0; bit < bits; ++bit) count += static_cast<int>(((before ^ after) >> bit) & 1);
  return count;
}

/// The same, tile by tile and phase by phase from architecture.md §2-§4, without pipeline and without modules.
class Reference {
 public:
  Reference(const MacroGeometry& g, const TileLayout& layout) : g_(g), layout_(layout) {
    const auto cells = static_cast<std::size_t>(g.sub_macros) * g.rows * g.cols;
    lines_.resize(static_cast<std::size_t>(g.sub_macros) * g.rows * g.lines());
    bases_.resize(static_cast<std::size_t>(g.sub_macros) * g.rows);
    columns_.resize(g.sub_macros);
    tree_.assign(log2_ceil(g.rows) + 1, std::vector<std::int64_t>(cells));
    psums_.resize(static_cast<std::size_t>(g.psum_depth) * g.sub_macros * g.cols);
    merger_.assign(log2_ceil(g.sub_macros) + 2, std::vector<std::int64_t>(cells));
    cells_.resize(cells);
  }
  MacroToggles toggles;

  void load(const Tile& tile) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      toggles.weight_load += ones(cells_[i].weight, tile.cells[i].weight, 8);
      toggles.weight_load += ones(cells_[i].metadata, tile.cells[i].metadata, 8);
    }
    cells_ = tile.cells;
  }

  void pass(const Tile& tile, const Activations& inputs) {
    std::vector<std::int64_t> sums(static_cast<std::size_t>(g_.sub_macros) * g_.cols);
    for (int k = 0; k < static_cast<int>(tile.phases.size()); ++k) {
      for (int p = 0; p < layout_.active_sub_macros(); ++p) phase(tile.phases[k], k, p, inputs, &sums[p * g_.cols]);
    }
    entry_ = (entry_ + 1) % g_.psum_depth;
    merge(sums);
  }

 private:
  int per_lane() const { return layout_.slots * layout_.blocks_per_row; }

  void phase(const Phase& phase, int k, int p, const Activations& inputs, std::int64_t* sums) {
    const ColumnMask& columns = phase.columns[p / per_lane()];
    toggles.selects += (columns ^ columns_[p]).count();
    columns_[p] = columns;
    toggles.select_bits += g_.cols;
    if (layout_.compressed) toggles.select_bits += g_.rows * log2_ceil(g_.first_stage_inputs());
    const bool scan = layout_.compares_index;
    for (int r = 0; r < g_.rows; ++r) {
      const int base = layout_.compressed ? phase.bases[p * g_.rows + r] : 0;
      toggles.selects += ones(bases_[p * g_.rows + r], base, 8);
      bases_[p * g_.rows + r] = base;
      const int block = (r * layout_.blocks_per_row + p % per_lane() / layout_.slots) * layout_.block_inputs;
      for (int line = 0; line < g_.lines(); ++line) {
        std::int8_t value = 0;
        if (!layout_.compressed) {
          if (line == 0) value = inputs[block];
        } else if (line < 2 * layout_.window) {
          value = inputs[block + 2 * ((base + line / 2) % layout_.block_pairs) + line % 2];
        }
        std::int64_t& last = lines_[(p * g_.rows + r) * g_.lines() + line];
        toggles.lines += ones(last, value, 8);
        last = value;
      }
    }
    for (int c = 0; c < g_.cols; ++c) {
      if (columns.test(c)) sums[c] = column(scan ? k : 0, p, c, sums[c]);
    }
  }

  /// Products, tree and psum of one selected column.
  std::int64_t column(int plane, int p, int c, std::int64_t sum) {
    std::vector<std::int64_t> values;
    for (int r = 0; r < g_.rows; ++r) {
      const CellWord word = cells_[(static_cast<std::size_t>(c) * g_.sub_macros + p) * g_.rows + r];
      const std::int64_t line = lines_[(p * g_.rows + r) * g_.lines() + word.metadata % g_.lines()];
      values.push_back(word.metadata / g_.lines() == plane ? word.weight * line : 0);
    }
    for (std::size_t level = 0; level < tree_.size(); ++level) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        std::int64_t& last = tree_[level][(i * g_.sub_macros + p) * g_.cols + c];
        (level == 0 ? toggles.products : toggles.column_trees) += ones(last, values[i], 16 + static_cast<int>(level));
        last = values[i];
      }
      for (std::size_t i = 0; 2 * i + 1 < values.size(); ++i) values[i] = values[2 * i] + values[2 * i + 1];
      if (values.size() > 1) values.resize(values.size() / 2);
    }
    std::int64_t& last = psums_[(entry_ * g_.sub_macros + p) * g_.cols + c];
    toggles.psum_buffers += ones(last, sum + values[0], g_.column_psum_bits());
    return last = sum + values[0];
  }

  void merge(const std::vector<std::int64_t>& sums) {
    for (int c = 0; c < g_.cols; ++c) {
      std::vector<std::vector<std::int64_t>> lanes(layout_.lanes);
      for (int p = 0; p < layout_.active_sub_macros(); ++p) lanes[p / per_lane()].push_back(sums[p * g_.cols + c]);
      for (std::size_t level = 0; level < merger_.size(); ++level) {
        const bool final = level + 1 == merger_.size();
        const int bits = std::min(g_.column_psum_bits() + static_cast<int>(level), g_.merged_psum_bits());
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
          std::vector<std::int64_t>& terms = lanes[lane];
          for (std::size_t i = 0; i < terms.size(); ++i) {
            std::int64_t& last = merger_[level][(lane * terms.size() + i) * g_.cols + c];
            toggles.merger += ones(last, terms[i], bits);
            last = terms[i];
          }
          if (final) continue;
          for (std::size_t i = 0; 2 * i < terms.size(); ++i) {
            terms[i] = terms[2 * i] + (2 * i + 1 < terms.size() ? terms[2 * i + 1] : 0);
          }
          terms.resize((terms.size() + 1) / 2);
        }
      }
    }
  }

  MacroGeometry g_;
  TileLayout layout_;
  std::vector<std::int64_t> lines_, bases_;
  std::vector<ColumnMask> columns_;
  std::vector<std::vector<std::int64_t>> tree_, merger_;
  std::vector<std::int64_t> psums_;
  std::vector<CellWord> cells_;
  int entry_ = 0;
};

void check_equal(const MacroToggles& a, const MacroToggles& b) {
  for (const auto& each : StatisticList<MacroToggles>::list) {
    INFO(std::string(each.name));
    CHECK(each.of(a) == each.of(b));
  }
}

void compare_with_reference(MacroGeometry g, Pattern pattern, Sequencing sequencing, MergeMode merge, int phases,
                            WeightUpdate update) {
  const TileLayout layout = make_layout(g, pattern, sequencing, merge, "test");
  if (layout.compares_index) phases = layout.scan_phases;
  ClockedMacro clocked(g, layout, update);
  clocked.stalls = true;
  std::vector<Reference> stores(update == WeightUpdate::shadow ? 2 : 1, Reference(g, layout));
  for (int i = 0; i < 3; ++i) {
    LoadAndPasses work{random_tile(g, layout, phases, clocked.random), {}};
    for (int pass = 0; pass < 5; ++pass) work.inputs.push_back(random_activations(layout, clocked.random));
    clocked.work.push_back(std::move(work));
  }
  Reference reference(g, layout);
  std::uint64_t weight_load = 0;
  for (std::size_t i = 0; i < clocked.work.size(); ++i) {
    // With two stores every second tile goes into the same one.
    Reference& store = stores[i % stores.size()];
    store.load(clocked.work[i].tile);
    reference.load(clocked.work[i].tile);
    for (const Activations& inputs : clocked.work[i].inputs) reference.pass(clocked.work[i].tile, inputs);
  }
  for (const Reference& store : stores) weight_load += store.toggles.weight_load;
  reference.toggles.weight_load = weight_load;
  check_equal(clocked.run(), reference.toggles);
  CHECK(clocked.macro.events().passes == 15);
}

MacroGeometry small(int sub_macros, int rows, int cols, int window = 1) {
  MacroGeometry g;
  g.sub_macros = sub_macros;
  g.rows = rows;
  g.cols = cols;
  g.window = window;
  return g;
}

TEST_CASE("toggles: as the plain reference counts them, 2:4 in three phases, with stalls") {
  compare_with_reference(small(4, 8, 16), {2, 4}, Sequencing::grouped, MergeMode::reduce, 3, WeightUpdate::blocking);
}

TEST_CASE("toggles: as the plain reference counts them, 4:8 as a scan, with stalls") {
  compare_with_reference(small(4, 4, 8), {4, 8}, Sequencing::scan, MergeMode::reduce, 0, WeightUpdate::blocking);
}

TEST_CASE("toggles: as the plain reference counts them, lanes and shadow cells, with stalls") {
  compare_with_reference(small(4, 4, 8, 2), {1, 4}, Sequencing::grouped, MergeMode::concat, 2, WeightUpdate::shadow);
}

TEST_CASE("toggles: as the plain reference counts them, dense, three sub-macros of one row, with stalls") {
  compare_with_reference(small(3, 1, 4), {}, Sequencing::grouped, MergeMode::reduce, 1, WeightUpdate::blocking);
}

/// The kernels have a portable way, one for AVX2 and one for what lies above; the cases before took the last.
void compare_at_most(Simd limit) {
  const SimdOverride use(std::min(limit, machine_simd().back()));
  compare_with_reference(small(4, 8, 16), {2, 4}, Sequencing::grouped, MergeMode::reduce, 2, WeightUpdate::blocking);
}

TEST_CASE("toggles: as the plain reference counts them, without SIMD") { compare_at_most(Simd::portable); }

TEST_CASE("toggles: as the plain reference counts them, with AVX2 at most") { compare_at_most(Simd::avx2); }

/// One sub-macro of 2 rows and 1 column with the weights 3 and -1, dense: passes of two activations.
MacroToggles tiny_toggles(const std::vector<Activations>& passes) {
  const MacroGeometry g = small(1, 2, 1);
  ClockedMacro clocked(g, make_layout(g, {}, Sequencing::grouped, MergeMode::reduce, "test"));
  LoadAndPasses work;
  work.tile.cells = {{3, 0}, {-1, 0}};
  work.tile.phases.resize(1);
  work.tile.phases[0].bases = {0, 0};
  work.tile.phases[0].columns = {ColumnMask(1)};
  work.inputs = passes;
  clocked.work = {work};
  return clocked.run();
}

TEST_CASE("toggles: counted by hand, term by term") {
  const MacroToggles toggles = tiny_toggles({{1, 0}, {2, 1}, {2, 1}});
  // Lines, 8 bits: row 0 has 0 -> 1 (1) -> 2 (2) -> 2; row 1 has 0 -> 0 -> 1 (1) -> 1.
  CHECK(toggles.lines == 1 + 2 + 0 + 0 + 1 + 0);
  // The one column is selected once.
  CHECK(toggles.selects == 1);
  CHECK(toggles.select_bits == 3);
  // Products, 16 bits: 3 * 1, 3 * 2, 3 * 2: 0 -> 3 (2) -> 6: 011 ^ 110 (2) -> 6; -1 * 0, -1 * 1: 0 -> 0 -> -1 (16).
  CHECK(toggles.products == 2 + 2 + 0 + 0 + 16 + 0);
  // Their sum, 17 bits: 0 -> 3 (2) -> 5: 011 ^ 101 (2) -> 5.
  CHECK(toggles.column_trees == 2 + 2 + 0);
  // Three passes into three entries, each 0 before: 3 (2), 5 (2), 5 (2).
  CHECK(toggles.psum_buffers == 2 + 2 + 2);
  // Input register and psum_final: as the sum.
  CHECK(toggles.merger == 2 * (2 + 2 + 0));
  // Cells from 0: 3 (2), -1 (8).
  CHECK(toggles.weight_load == 2 + 8);
}

TEST_CASE("toggles: none in the data path of operands that are all zero") {
  const MacroToggles toggles = tiny_toggles({{0, 0}, {0, 0}, {0, 0}});
  CHECK(toggles.lines == 0);
  CHECK(toggles.products == 0);
  CHECK(toggles.column_trees == 0);
  CHECK(toggles.psum_buffers == 0);
  CHECK(toggles.merger == 0);
}

}  // namespace
}  // namespace flexcim
