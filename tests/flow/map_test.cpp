// The mapping of packed linears to tiles: a plain evaluation of the tiles, cell by cell, gives the golden sums.
#include "flow/base/error.h"
#include "flow/map/events.h"
#include "flow/map/image.h"
#include "flow/map/schedule.h"
#include "flow/map/tile.h"
#include "flow/model/golden.h"
#include "tests/flow/random_linear.h"
#include "tests/flow/random_patterns.h"

#include <catch2/catch.hpp>
#include <random>

using namespace flexcim;

namespace {

/// What the lines of (sub-macro, row) carry in a phase and what the cell makes of it, straight from architecture.md
/// §2-§5.
int cell_product(const MacroGeometry& g, const TileLayout& layout, const Phase& phase, int number, CellWord word, int p,
                 int row, int first_input, const Matrix<std::int8_t>& x, int token) {
  if (layout.cell_weights == 2) {  // low halves and the first inputs in even phases
    const int shift = number % 2 * 4, nibble = word.weight >> shift & 15;
    word.weight = static_cast<std::int8_t>(nibble < 8 ? nibble : nibble - 16);
    word.metadata = word.metadata >> shift & 15;
    first_input += number % 2 * layout.tile_inputs / 2;
  }
  const int scan_phase = number / layout.cell_weights;
  const int block = p / layout.slots % layout.blocks_per_row;
  const int base_input = first_input + (row * layout.blocks_per_row + block) * layout.block_inputs;
  auto activation = [&](int offset) {
    const int input = base_input + offset;
    return input < static_cast<int>(x.cols()) ? x(token, input) : 0;
  };
  if (!layout.compressed) return word.weight * activation(0);
  if (layout.compares_index) {
    const int pair = word.metadata / 2;
    return pair / layout.window == scan_phase ? word.weight * activation(word.metadata) : 0;
  }
  const int pair = (phase.bases[p * g.rows + row] + word.metadata / 2) % layout.block_pairs;
  return word.weight * activation(2 * pair + word.metadata % 2);
}

Matrix<std::int32_t> evaluate(const MacroGeometry& g, const TileLayout& layout, const PackedLinear& linear,
                              const std::vector<std::vector<Tile>>& tiles, const Matrix<std::int8_t>& x) {
  Matrix<std::int32_t> y(x.rows(), linear.out);
  for (std::size_t o = 0; o < tiles.size(); ++o) {
    for (std::size_t k = 0; k < tiles[o].size(); ++k) {
      const Tile& tile = tiles[o][k];
      for (std::size_t s = 0; s < tile.phases.size(); ++s) {
        for (int p = 0; p < layout.active_sub_macros(); ++p) {
          const int lane = p / (layout.slots * layout.blocks_per_row);
          for (int c = 0; c < g.cols; ++c) {
            if (!tile.phases[s].columns[lane].test(c)) continue;
            const int channel = static_cast<int>(o) * layout.tile_outputs + lane * g.cols + c;
            for (int row = 0; row < g.rows; ++row) {
              for (std::size_t t = 0; t < x.rows(); ++t) {
                y(t, channel) +=
                    cell_product(g, layout, tile.phases[s], static_cast<int>(s), tile.cells[tile.cell(g, c, p, row)], p,
                                 row, static_cast<int>(k) * layout.tile_inputs, x, static_cast<int>(t));
              }
            }
          }
        }
      }
    }
  }
  return y;
}

std::vector<std::vector<Tile>> map_all(const MacroGeometry& g, const TileLayout& layout, const PackedLinear& linear) {
  const TileGrid grid = tile_grid(layout, linear.out, linear.in);
  std::vector<std::vector<Tile>> tiles(grid.outputs);
  for (int o = 0; o < grid.outputs; ++o) {
    for (int k = 0; k < grid.inputs; ++k) tiles[o].push_back(map_tile(g, layout, linear, o, k));
  }
  return tiles;
}

bool same(const Tile& a, const Tile& b) {
  if (a.cells != b.cells || a.phases.size() != b.phases.size()) return false;
  for (std::size_t s = 0; s < a.phases.size(); ++s) {
    if (a.phases[s].bases != b.phases[s].bases || a.phases[s].columns != b.phases[s].columns) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("tiles of any geometry, pattern, sequencing and merge give the golden sums, also through the image") {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 random(seed);
    auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    MacroGeometry g;
    g.sub_macros = pick(1, 9);
    g.rows = 1 << pick(0, 3);
    g.cols = 1 << pick(0, 4);
    g.pairs_per_set = 1 << pick(0, 4);
    while ((g.window = 1 << pick(0, 4)) > g.pairs_per_set) {
    }
    g.patterns = test::random_patterns(random, g.sub_macros, g.pairs_per_set);
    if (g.largest_m() <= MacroGeometry::most_int4_m) g.int4_per_cell = pick(1, 2);
    g.validate();
    const int weight_bits = g.int4_per_cell == 2 && pick(0, 1) == 0 ? 4 : 8;
    const std::vector<Pattern> patterns = supported_patterns(g);
    const Pattern pattern = patterns[pick(0, static_cast<int>(patterns.size()) - 1)];
    const Sequencing sequencing = kSequencings[pick(0, static_cast<int>(kSequencings.size()) - 1)].value;
    const MergeMode merge = static_cast<MergeMode>(pick(0, 1));
    const PackedLinear linear =
        test::random_linear(random, pattern, pick(1, 40), pick(1, 150), pick(0, 1) == 0 ? 0 : g.window, weight_bits);
    const Matrix<std::int8_t> x = test::random_activations(random, 2, linear.in);
    INFO("seed " << seed << " P" << g.sub_macros << " R" << g.rows << " C" << g.cols << " I" << g.pairs_per_set << " w"
                 << g.window << " of " << test::patterns_text(g) << " " << to_string(pattern) << " "
                 << to_string(sequencing) << " " << to_string(merge) << " int" << weight_bits);
    validate(linear, "test");
    const TileLayout layout = make_layout(g, pattern, sequencing, merge, "test", weight_bits);
    const auto tiles = map_all(g, layout, linear);
    REQUIRE(evaluate(g, layout, linear, tiles, x) == golden_gemm(unpack(linear), x));

    const std::vector<std::uint8_t> image = encode_image(g, layout, linear);
    const TileGrid grid = tile_grid(layout, linear.out, linear.in);
    MacroTally all;
    MacroEvents sum;
    for (int i = 0; i < grid.count(); ++i) {
      const DirectoryEntry entry = read_directory_entry(image.data() + i * kDirectoryEntryBytes);
      REQUIRE(entry.offset % kBlobAlignment == 0);
      REQUIRE(entry.offset + entry.bytes <= image.size());
      BlobView view;
      REQUIRE(view_blob(g, layout, linear.out, i / grid.inputs, entry, image.data() + entry.offset, view) ==
              ImageError::none);
      const Tile decoded = unpack_blob(g, layout, linear.out, i / grid.inputs, view);
      REQUIRE(same(decoded, tiles[i / grid.inputs][i % grid.inputs]));
      const MacroEvents pass = pass_events(g, layout, decoded);
      MacroTally tally;
      add_pass(g, layout, linear.out, i / grid.inputs, view, tally);
      REQUIRE(macro_events(g, layout, tally) == pass);
      const std::uint64_t passes = random() % 1000;
      all.add(tally, passes);
      ++all.loads;
      sum += pass * passes;
      sum += load_events(g);
    }
    REQUIRE(macro_events(g, layout, all) == sum);
  }
}

TEST_CASE("phases of a tile") {
  MacroGeometry g;  // 4 x 32 x 32, I = 4, w = 1
  std::mt19937 random(7);
  auto phases = [&](const PackedLinear& linear, Sequencing sequencing) {
    const TileLayout layout = make_layout(g, linear.pattern, sequencing, MergeMode::reduce, "test");
    return map_tile(g, layout, linear, 0, 0).phases.size();
  };
  for (Pattern pattern : {Pattern{1, 2}, Pattern{2, 4}, Pattern{4, 8}, Pattern{}}) {
    CHECK(phases(test::random_linear(random, pattern, 32, 256, 1), Sequencing::grouped) == 1);
  }
  SECTION("a scan shows M/2/w windows") {
    CHECK(phases(test::random_linear(random, {2, 4}, 32, 256), Sequencing::scan) == 2);
    CHECK(phases(test::random_linear(random, {4, 8}, 32, 256), Sequencing::scan) == 4);
    g.window = 2;
    CHECK(phases(test::random_linear(random, {4, 8}, 32, 256), Sequencing::scan) == 2);
  }
  SECTION("random element-wise columns never agree over 32 rows: a phase each; dense_slot always one") {
    const PackedLinear linear = test::random_linear(random, {4, 8}, 32, 256);
    CHECK(phases(linear, Sequencing::grouped) == 32);
    CHECK(phases(linear, Sequencing::dense_slot) == 1);
  }
  SECTION(
      "1:8 with one pair per block, the same for all columns, needs one phase although it is not the default pair") {
    PackedLinear linear = test::random_linear(random, {1, 8}, 32, 256, 1);
    for (std::uint8_t& index : linear.indices)
      index = static_cast<std::uint8_t>(index == PackedLinear::kEmpty ? index : index % 2 + 6);
    const TileLayout layout = make_layout(g, linear.pattern, Sequencing::grouped, MergeMode::reduce, "test");
    const Tile tile = map_tile(g, layout, linear, 0, 0);
    CHECK(tile.phases.size() == 1);
    CHECK(tile.phases[0].bases[0] == 3);
  }
}

TEST_CASE("with window 2 all but 4 of the 70 patterns 4:8 fit the default selects, and all 6 of 2:4") {
  auto fitting = [](int n, int m, int window) {
    int count = 0;
    for (int mask = 0; mask < 1 << m; ++mask) {
      std::uint8_t indices[kMaxM], slot_of[kMaxSlots];
      int kept = 0;
      for (int i = 0; i < m; ++i) {
        if ((mask >> i & 1) != 0) indices[kept++] = static_cast<std::uint8_t>(i);
      }
      if (kept == n && match_slots(default_selects(n, m / 2, window), indices, n, slot_of)) ++count;
    }
    return count;
  };
  CHECK(fitting(4, 8, 2) == 66);
  CHECK(fitting(2, 4, 2) == 6);
  CHECK(fitting(4, 8, 1) == 16);  // one of two in each of four pairs
  CHECK(fitting(4, 8, 4) == 70);
}

TEST_CASE("layouts of the seven patterns at P = 4") {
  const MacroGeometry g;
  auto inputs = [&](Pattern pattern, Sequencing s = Sequencing::grouped) {
    return make_layout(g, pattern, s, MergeMode::reduce, "test").tile_inputs;
  };
  CHECK(inputs({}) == 32 * 4);          // R * P
  CHECK(inputs({1, 2}) == 32 * 4 * 2);  // R * Q * M
  CHECK(inputs({1, 4}) == 32 * 4 * 4);
  CHECK(inputs({2, 4}) == 32 * 2 * 4);
  CHECK(inputs({1, 8}) == 32 * 4 * 8);
  CHECK(inputs({2, 8}) == 32 * 2 * 8);
  CHECK(inputs({4, 8}) == 32 * 1 * 8);
  CHECK(inputs({4, 8}, Sequencing::dense_slot) == 32 * 4);
  const TileLayout concat = make_layout(g, {2, 8}, Sequencing::grouped, MergeMode::concat, "test");
  CHECK(concat.tile_inputs == 32 * 8);
  CHECK(concat.tile_outputs == 2 * 32);
  CHECK(make_layout(g, {3, 8}, Sequencing::grouped, MergeMode::reduce, "test").active_sub_macros() == 3);
  CHECK_THROWS_WITH(make_layout(g, {2, 16}, Sequencing::grouped, MergeMode::reduce, "layer 3"),
                    Catch::Contains("layer 3") && Catch::Contains("2:16") && Catch::Contains("4:8"));
  CHECK(g.merged_psum_bits() == 22);
  CHECK(g.column_psum_bits() == 21);
}

TEST_CASE("two int4 weights in a cell: twice the inputs in twice the phases, from as many bytes") {
  MacroGeometry g;
  g.int4_per_cell = 2;
  std::mt19937 random(6);
  const PackedLinear linear = test::random_linear(random, {2, 4}, 32, 512, 1, 4);
  const TileLayout int8 = make_layout(g, {2, 4}, Sequencing::grouped, MergeMode::reduce, "test", 8);
  const TileLayout int4 = make_layout(g, {2, 4}, Sequencing::grouped, MergeMode::reduce, "test", 4);
  CHECK(int8.tile_inputs == 32 * 2 * 4);
  CHECK(int4.tile_inputs == 2 * 32 * 2 * 4);
  const Tile tile = map_tile(g, int4, linear, 0, 0);
  REQUIRE(tile.phases.size() == 2);
  CHECK(tile.phases[0].columns == tile.phases[1].columns);
  // 4096 cells of 8 bits; a metadata bit for each weight; a bit of select for 128 slots in each phase.
  CHECK(blob_bytes(g, int8, 32, 0, 1) == 4096 + 512 + 16);
  CHECK(blob_bytes(g, int4, 32, 0, 2) == 4096 + 2 * 512 + 2 * 16);
  const MacroEvents e = pass_events(g, int4, tile);
  CHECK(e.phases == 2);
  CHECK(e.products == 2 * 4096);
  CHECK(e.int4_products == 2 * 4096);
  CHECK(e.psum_writes == 2 * 4 * 32);
  CHECK(e.psum_accumulates == 4 * 32);
  CHECK(e.merge_adds == 3 * 32);  // once for both
  CHECK(make_layout(g, {2, 4}, Sequencing::scan, MergeMode::reduce, "test", 4).column_phases() == 2 * 2);

  std::vector<std::uint8_t> image = encode_image(g, int4, linear);
  const DirectoryEntry entry = read_directory_entry(image.data());
  BlobView view;
  const auto check = [&] { return view_blob(g, int4, 32, 0, entry, image.data() + entry.offset, view); };
  REQUIRE(check() == ImageError::none);
  for (const int least : {0x08, 0x80}) {  // -8 as the first or the second weight of a cell
    std::uint8_t& cell = image[entry.offset + 99];
    const std::uint8_t good = cell;
    cell = static_cast<std::uint8_t>(least);
    CHECK(check() == ImageError::least_weight);
    cell = good;
  }
  g.pairs_per_set = 16;
  CHECK_THROWS_WITH(g.validate(), Catch::Contains("M up to 16") && Catch::Contains("is 32"));
  g = MacroGeometry{};
  CHECK_THROWS_WITH(make_layout(g, {2, 4}, Sequencing::grouped, MergeMode::reduce, "layer 3", 4),
                    "layer 3: a cell of the hardware holds an int8 weight, not two int4 ones (int4_per_cell is 1)");
}

TEST_CASE("weights from tables: indices and a table for each column in memory") {
  MacroGeometry g;
  g.weight_table_bits = 3;
  const TileLayout layout = make_layout(g, {1, 2}, Sequencing::grouped, MergeMode::reduce, "test");
  // 32 tables of 8 entries, 4096 indices of 3 bits, 4096 metadata bits.
  CHECK(blob_bytes(g, layout, 32, 0, 1) == 32 * 8 + 4096 * 3 / 8 + 512);
  g.int4_per_cell = 2;
  CHECK_THROWS_WITH(g.validate(), Catch::Contains("int4_per_cell must be 1"));
}

TEST_CASE("cycles of a macro, term by term") {
  MacroGeometry g;
  // product 1 + column tree log2 32 = 5 + psum buffer 1 + merger input 1 + merger tree log2 4 = 2 + psum_final 1
  CHECK(pipeline_latency(g) == 1 + 5 + 1 + 1 + 2 + 1);
  g.sub_macros = 5;
  g.rows = 1;
  CHECK(pipeline_latency(g) == 1 + 0 + 1 + 1 + 3 + 1);
  g.cols = 32;
  CHECK(load_cycles(g, 4096 + 512, 256) == 32 + 1);  // 18 port cycles hide behind 32 columns
  CHECK(load_cycles(g, 4096 + 512, 64) == 72 + 1);   // 4608 / 64
}

TEST_CASE("cycles of a second tile, blocking and shadow, term by term") {
  // The first tile: loaded 100 ... 132, first phase 133, 50 passes 133 ... 183.
  const TileTimes before{100, 132, 133, 183};
  const auto second = [&](WeightUpdate update, std::uint64_t ready, std::uint64_t writes) {
    TileTimes tile;
    tile.load_start = load_start(update, before, ready);
    tile.loaded = tile.load_start + writes;
    tile.first_phase = first_phase(before, tile.loaded);
    return tile;
  };
  const TileTimes blocking = second(WeightUpdate::blocking, 90, 32);
  CHECK(blocking.load_start == 183);       // the run is over
  CHECK(blocking.first_phase == 215 + 1);  // loaded in 215, turnaround
  CHECK(exposed_load_cycles(before, blocking) == 33);
  const TileTimes hidden = second(WeightUpdate::shadow, 90, 32);
  CHECK(hidden.load_start == 133);       // behind the swap
  CHECK(hidden.first_phase == 183 + 1);  // loaded in 165, waits for the run, swap
  CHECK(exposed_load_cycles(before, hidden) == 1);
  const TileTimes late = second(WeightUpdate::shadow, 170, 32);
  CHECK(late.first_phase == 202 + 1);              // 170 + 32
  CHECK(exposed_load_cycles(before, late) == 20);  // 183 ... 203
  const TileTimes after = second(WeightUpdate::shadow, 300, 32);
  CHECK(exposed_load_cycles(before, after) == 33);  // what came before it was waiting for memory
}

TEST_CASE("events of a pass in closed form") {
  MacroGeometry g;
  std::mt19937 random(3);
  SECTION("grouped 4:8, 20 of 32 columns used") {
    const PackedLinear linear = test::random_linear(random, {4, 8}, 20, 256, 1);
    const TileLayout layout = make_layout(g, linear.pattern, Sequencing::grouped, MergeMode::reduce, "test");
    const MacroEvents e = pass_events(g, layout, map_tile(g, layout, linear, 0, 0));
    CHECK(e.products == 32 * 4 * 20);
    CHECK(e.idle_cells == 32 * 4 * 32 - 32 * 4 * 20);
    CHECK(e.column_adds == 31 * 4 * 20);
    CHECK(e.psum_writes == 4 * 20);
    CHECK(e.merge_adds == 3 * 20);
    CHECK(e.outputs == 20);
    CHECK(e.distributor_pairs == 4 * 32);
    CHECK((e * 7).products == 7 * e.products);
  }
  SECTION("scan 2:4: each cell multiplies once in two phases") {
    const PackedLinear linear = test::random_linear(random, {2, 4}, 32, 256);
    const TileLayout layout = make_layout(g, linear.pattern, Sequencing::scan, MergeMode::reduce, "test");
    const MacroEvents e = pass_events(g, layout, map_tile(g, layout, linear, 0, 0));
    CHECK(e.products == 32 * 4 * 32);
    CHECK(e.index_compares == 2 * 32 * 4 * 32);
    CHECK(e.psum_writes == 2 * 4 * 32);
    CHECK(e.psum_accumulates == 4 * 32);
    CHECK(e.outputs == 32);
  }
  CHECK(load_events(g).cell_writes == 4 * 32 * 32);
}

TEST_CASE("a corrupted blob is refused with its reason") {
  MacroGeometry g;
  g.window = 2;
  std::mt19937 random(5);
  const PackedLinear linear = test::random_linear(random, {4, 8}, 32, 256);
  const TileLayout layout = make_layout(g, linear.pattern, Sequencing::grouped, MergeMode::reduce, "test");
  std::vector<std::uint8_t> image = encode_image(g, layout, linear);
  DirectoryEntry entry = read_directory_entry(image.data());
  auto decode = [&] {
    BlobView view;
    return view_blob(g, layout, 32, 0, entry, image.data() + entry.offset, view);
  };
  REQUIRE(decode() == ImageError::none);
  SECTION("weight -128") {
    image[entry.offset + 17] = 0x80;
    CHECK(decode() == ImageError::least_weight);
  }
  SECTION("size") {
    entry.bytes += 16;
    CHECK(decode() == ImageError::size);
  }
  SECTION("phases") {
    entry.phases = 0;
    CHECK(decode() == ImageError::size);
  }
  SECTION("columns in all phases") {
    REQUIRE(entry.phases > 1);
    BlobView view;
    view_blob(g, layout, 32, 0, entry, image.data() + entry.offset, view);
    std::fill_n(image.begin() + (view.columns - image.data()), 4 * entry.phases, std::uint8_t{0xFF});
    CHECK(decode() == ImageError::column_mask);
  }
  SECTION("a column in no phase") {
    REQUIRE(entry.phases > 1);
    std::fill(image.begin() + entry.offset + entry.bytes - 4 * entry.phases - 16,
              image.begin() + entry.offset + entry.bytes, std::uint8_t{0});
    CHECK(decode() == ImageError::column_mask);
  }
}
