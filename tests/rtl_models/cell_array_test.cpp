#include "rtl_models/blocks/cell_array.h"

#include "tests/rtl_models/clocked_bench.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

/// R 2, C 4, I 2, w 1: two lines per row, metadata of log2(2I) = 2 bits.
struct CellBench : ClockedBench {
  MacroGeometry g;
  std::unique_ptr<CellArray> dut;
  sc_core::sc_signal<bool> advance{"advance"};
  sc_core::sc_signal<LinePins> lines{"lines"};
  sc_core::sc_signal<TreeStage> product{"product"};
  std::vector<std::int8_t> data = std::vector<std::int8_t>(4);

  CellBench() {
    g.rows = 2;
    g.cols = 4;
    g.pairs_per_set = 2;
    dut = std::make_unique<CellArray>("cells", g);
    connect(*dut);
    dut->advance(advance);
    dut->lines(lines);
    dut->product(product);
    advance.write(true);
    dut->observe(true);
  }

  void put(LinePins pins) {
    pins.lines = data.data();
    pins.selected = static_cast<std::uint16_t>(pins.columns.count());
    pins.version = ++version;
    lines.write(pins);
  }
  /// Row r: weight on line 0, metadata on line 1.
  void write_column(int column, CellWord row0, CellWord row1) {
    data = {row0.weight, static_cast<std::int8_t>(row0.metadata), row1.weight, static_cast<std::int8_t>(row1.metadata)};
    LinePins pins;
    pins.use = LineUse::write;
    pins.column = static_cast<std::uint16_t>(column);
    put(pins);
    tick();
  }
  void phase(std::vector<std::int8_t> values, unsigned long columns, bool scan = false, int plane = 0) {
    data = std::move(values);
    LinePins pins;
    pins.use = LineUse::phase;
    pins.active = true;
    pins.compressed = true;
    pins.scan = scan;
    pins.plane = static_cast<std::uint8_t>(plane);
    pins.columns = ColumnMask(columns);
    put(pins);
  }
  void nothing() { put({}); }
  std::int32_t sum(int c) const { return product.read().sums[c]; }
  std::int32_t value(int r, int c) const { return product.read().values[r * 4 + c]; }
};

TEST_CASE("cell array: a column per cycle is written through the lines, a product stands one cycle after its phase") {
  CellBench bench;
  bench.write_column(0, {10, 0}, {20, 1});
  bench.write_column(1, {-128, 1}, {127, 0});
  bench.nothing();
  bench.tick();
  CHECK(bench.dut->cell(0, 0) == CellWord{10, 0});
  CHECK(bench.dut->cell(1, 0) == CellWord{-128, 1});
  CHECK_FALSE(bench.product.read().valid);
  bench.phase({1, 2, 3, 4}, 0b0011);
  bench.settle();
  CHECK_FALSE(bench.product.read().valid);  // still cycle 0: on the lines
  bench.tick();
  REQUIRE(bench.product.read().valid);  // cycle 1: in the product register
  CHECK(bench.value(0, 0) == 10 * 1);   // metadata 0: line 0 of row 0
  CHECK(bench.value(1, 0) == 20 * 4);   // metadata 1: line 1 of row 1
  CHECK(bench.value(0, 1) == -128 * 2);
  CHECK(bench.value(1, 1) == 127 * 3);
  CHECK(bench.sum(0) == 90);
  CHECK(bench.sum(1) == -256 + 381);
  bench.nothing();
  bench.tick();
  CHECK_FALSE(bench.product.read().valid);
  CHECK(bench.dut->events().cell_writes == 2 * 2);
}

TEST_CASE("cell array: an unselected column contributes nothing and is counted as idle") {
  CellBench bench;
  for (int c = 0; c < 4; ++c) bench.write_column(c, {1, 0}, {1, 0});
  bench.phase({5, 0, 6, 0}, 0b0100);
  bench.tick();
  CHECK(bench.sum(0) == 0);
  CHECK(bench.sum(2) == 11);
  CHECK(bench.dut->events().products == 2);            // R of one column
  CHECK(bench.dut->events().idle_cells == 2 * 4 - 2);  // R * C less products
  CHECK(bench.dut->events().metadata_selects == 2);
}

TEST_CASE("cell array: scan multiplies only the cells whose stored index lies in the window on the lines") {
  CellBench bench;
  bench.write_column(0, {3, 2}, {5, 1});  // indices 2 and 1: windows 1 and 0
  bench.phase({10, 20, 30, 40}, 0b0001, true, 0);
  bench.tick();
  CHECK(bench.sum(0) == 5 * 40);
  bench.phase({10, 20, 30, 40}, 0b0001, true, 1);
  bench.tick();
  CHECK(bench.sum(0) == 3 * 10);
  CHECK(bench.dut->events().products == 2);
  CHECK(bench.dut->events().index_compares == 4);
}

TEST_CASE("cell array: advance low and enable low hold the product register, a write goes on under advance low") {
  CellBench bench;
  bench.write_column(0, {7, 0}, {0, 0});
  bench.phase({2, 0, 0, 0}, 1);
  bench.tick();
  CHECK(bench.sum(0) == 14);
  bench.advance.write(false);
  bench.phase({3, 0, 0, 0}, 1);
  bench.tick(3);
  CHECK(bench.sum(0) == 14);
  bench.write_column(0, {8, 0}, {0, 0});
  CHECK(bench.dut->cell(0, 0) == CellWord{8, 0});
  CHECK(bench.sum(0) == 14);
  bench.advance.write(true);
  bench.enable.write(false);
  bench.write_column(0, {9, 0}, {0, 0});
  CHECK(bench.dut->cell(0, 0) == CellWord{8, 0});
  CHECK(bench.product.read().valid);
  bench.enable.write(true);
  bench.phase({3, 0, 0, 0}, 1);
  bench.tick();
  CHECK(bench.sum(0) == 24);
}

TEST_CASE("cell array: reset empties the register and leaves the cells, an idle sub-macro makes no products") {
  CellBench bench;
  bench.write_column(0, {7, 0}, {0, 0});
  bench.phase({2, 0, 0, 0}, 1);
  bench.tick();
  bench.reset.write(true);
  bench.tick();
  CHECK_FALSE(bench.product.read().valid);
  bench.reset.write(false);
  bench.tick();
  CHECK(bench.sum(0) == 14);
  LinePins idle;
  idle.use = LineUse::phase;
  idle.active = false;
  bench.put(idle);
  const std::uint64_t before = bench.dut->events().idle_cells;
  bench.tick();
  CHECK_FALSE(bench.product.read().valid);
  CHECK(bench.dut->events().idle_cells == before + 2 * 4);
}

}  // namespace
}  // namespace flexcim
