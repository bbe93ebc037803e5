#include "rtl_models/blocks/distributor.h"

#include "tests/rtl_models/clocked_bench.h"

#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

struct DistributorBench {
  MacroGeometry g;
  std::unique_ptr<Distributor> dut;
  sc_core::sc_signal<PhaseControl> control{"control"};
  sc_core::sc_signal<LoadBeat> load{"load"};
  sc_core::sc_signal<PassPins> pass{"pass"};
  sc_core::sc_signal<bool> go{"go"};
  sc_core::sc_vector<sc_core::sc_signal<LinePins>> lines;
  std::vector<std::int8_t> inputs;
  Phase phase;
  std::vector<std::uint16_t> outputs = std::vector<std::uint16_t>(4, 8);
  std::uint32_t version = 0, tile = 0;

  DistributorBench(int rows, int pairs, int window) : lines("lines", 4) {
    g.rows = rows;
    g.cols = 8;
    g.pairs_per_set = pairs;
    g.window = window;
    dut = std::make_unique<Distributor>("distributor", g);
    dut->control(control);
    dut->load(load);
    dut->pass(pass);
    dut->go(go);
    dut->lines(lines);
    go.write(true);
  }
  /// Shows one phase; input i of the tile is i + 1.
  void show(Pattern pattern, Sequencing sequencing, MergeMode merge, std::vector<std::uint8_t> bases) {
    const TileLayout layout = make_layout(g, pattern, sequencing, merge, "test");
    inputs.resize(layout.tile_inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = static_cast<std::int8_t>(i + 1);
    phase.bases = std::move(bases);
    phase.columns.assign(layout.lanes, ColumnMask(0xFF));
    PhaseControl pins;
    pins.compute = pins.first = pins.last = true;
    pins.phase = &phase;
    pins.outputs = outputs.data();
    pins.tile = ++tile;
    pins.layout = layout_pins(layout, 1);
    pins.version = ++version;
    control.write(pins);
    PassPins offered;
    offered.valid = true;
    offered.activations = inputs.data();
    offered.version = version;
    pass.write(offered);
    sc_core::sc_start(1, sc_core::SC_NS);
  }
  std::vector<int> row(int p, int r) const {
    const std::int8_t* first = lines[p].read().lines + r * g.lines();
    return std::vector<int>(first, first + g.lines());
  }
};

using Row = std::vector<int>;

TEST_CASE("distributor: 2:4, each slot picks one of the two pairs of its block") {
  DistributorBench bench(2, 2, 1);
  // Row r, block q: inputs (2r + q) * 4 .. +3. Bases [P][R]: slots 0, 1 serve block 0; 2, 3 block 1.
  bench.show({2, 4}, Sequencing::grouped, MergeMode::reduce, {0, 1, 1, 1, 0, 0, 1, 0});
  CHECK(bench.row(0, 0) == Row{1, 2});    // row 0, block 0, pair 0
  CHECK(bench.row(0, 1) == Row{11, 12});  // row 1, block 0, pair 1
  CHECK(bench.row(1, 0) == Row{3, 4});
  CHECK(bench.row(1, 1) == Row{11, 12});  // two slots may pick the same pair
  CHECK(bench.row(2, 0) == Row{5, 6});    // row 0, block 1, pair 0
  CHECK(bench.row(3, 0) == Row{7, 8});
  CHECK(bench.row(3, 1) == Row{13, 14});
  for (int p = 0; p < 4; ++p) {
    CHECK(bench.lines[p].read().use == LineUse::phase);
    CHECK(bench.lines[p].read().active);
    CHECK(bench.lines[p].read().selected == 8);
  }
}

TEST_CASE("distributor: a window wraps inside its block") {
  DistributorBench bench(1, 4, 2);
  bench.show({4, 8}, Sequencing::grouped, MergeMode::reduce, {0, 1, 2, 3});
  CHECK(bench.row(0, 0) == Row{1, 2, 3, 4});
  CHECK(bench.row(2, 0) == Row{5, 6, 7, 8});
  CHECK(bench.row(3, 0) == Row{7, 8, 1, 2});  // pair 3, then pair 0
}

TEST_CASE("distributor: a window wider than the block carries the block once, the other lines are grounded") {
  DistributorBench bench(1, 4, 4);
  bench.show({2, 4}, Sequencing::grouped, MergeMode::reduce, {0, 1, 0, 0});
  CHECK(bench.row(0, 0) == Row{1, 2, 3, 4, 0, 0, 0, 0});
  CHECK(bench.row(1, 0) == Row{3, 4, 1, 2, 0, 0, 0, 0});
}

TEST_CASE("distributor: dense puts one activation per slot on line 0") {
  DistributorBench bench(2, 4, 1);
  bench.show(Pattern{}, Sequencing::grouped, MergeMode::reduce, std::vector<std::uint8_t>(8, 0));
  CHECK(bench.row(0, 0) == Row{1, 0});  // row r, slot p: input r * P + p
  CHECK(bench.row(3, 0) == Row{4, 0});
  CHECK(bench.row(2, 1) == Row{7, 0});
}

TEST_CASE("distributor: concat dense, the second-stage multiplexers of all sub-macros pick the first one's result") {
  DistributorBench bench(1, 2, 1);
  bench.show(Pattern{}, Sequencing::grouped, MergeMode::concat, std::vector<std::uint8_t>(4, 0));
  for (int p = 0; p < 4; ++p) CHECK(bench.row(p, 0) == Row{1, 0});
  CHECK(Distributor::route(bench.control.read().layout, 3) == 0);
}

TEST_CASE("distributor: concat 2:4, two lanes select on their own from copies of the same block") {
  DistributorBench bench(1, 2, 1);
  bench.show({2, 4}, Sequencing::grouped, MergeMode::concat, {0, 1, 1, 0});
  CHECK(bench.row(0, 0) == Row{1, 2});
  CHECK(bench.row(1, 0) == Row{3, 4});
  CHECK(bench.row(2, 0) == Row{3, 4});
  CHECK(bench.row(3, 0) == Row{1, 2});
  CHECK(Distributor::route(bench.control.read().layout, 3) == 3);
}

TEST_CASE("distributor: 3:8 leaves one sub-macro idle, without go no phase is on the lines, a beat goes first") {
  DistributorBench bench(1, 4, 1);
  bench.show({3, 8}, Sequencing::grouped, MergeMode::reduce, {0, 1, 2, 0});
  CHECK(bench.lines[2].read().active);
  CHECK_FALSE(bench.lines[3].read().active);
  bench.go.write(false);
  sc_core::sc_start(1, sc_core::SC_NS);
  CHECK(bench.lines[0].read().use == LineUse::none);
  bench.go.write(true);
  std::vector<CellWord> words = {{1, 0}, {2, 1}, {3, 0}, {-4, 1}};  // [P][R]
  LoadBeat beat;
  beat.valid = true;
  beat.column = 5;
  beat.words = words.data();
  beat.version = 1;
  bench.load.write(beat);
  PhaseControl open = bench.control.read();
  open.load_open = true;
  open.version = ++bench.version;
  bench.control.write(open);
  sc_core::sc_start(1, sc_core::SC_NS);
  CHECK(bench.lines[3].read().use == LineUse::write);
  CHECK(bench.lines[3].read().column == 5);
  CHECK(bench.row(3, 0) == Row{-4, 1});  // weight and metadata through the lines
}

}  // namespace
}  // namespace flexcim
