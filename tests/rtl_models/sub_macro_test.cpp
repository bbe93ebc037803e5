#include "rtl_models/blocks/sub_macro.h"

#include "tests/rtl_models/clocked_bench.h"

#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

struct SubMacroBench : ClockedBench {
  MacroGeometry g;
  std::unique_ptr<SubMacro> dut;
  sc_core::sc_signal<LinePins> lines{"lines"};
  sc_core::sc_signal<bool> ready{"ready"}, psum_valid{"psum_valid"}, ack{"ack"};
  sc_core::sc_signal<std::uint8_t> psum_active{"psum_active"};
  sc_core::sc_signal<PsumEntry> psum{"psum"};
  std::vector<std::int8_t> data;

  SubMacroBench() {  // R 32, C 32, w 1, psum_depth 3
    dut = std::make_unique<SubMacro>("sub", g);
    connect(*dut);
    dut->lines(lines);
    dut->ready(ready);
    dut->psum_valid(psum_valid);
    dut->psum_active(psum_active);
    dut->psum(psum);
    dut->ack(ack);
    data.resize(64);
    for (int c = 0; c < 32; ++c) {  // cell (r, c): weight c - 16 on line r % 2
      LinePins pins;
      pins.use = LineUse::write;
      pins.column = static_cast<std::uint16_t>(c);
      for (int r = 0; r < 32; ++r) {
        data[2 * r] = static_cast<std::int8_t>(c - 16);
        data[2 * r + 1] = static_cast<std::int8_t>(r % 2);
      }
      put(pins);
      tick();
    }
  }
  void put(LinePins pins) {
    pins.lines = data.data();
    pins.version = ++version;
    lines.write(pins);
  }
  /// Even rows see `value` on line 0, odd rows -1 on line 1; nothing but zeros elsewhere.
  void phase(int value) {
    for (int r = 0; r < 32; ++r) {
      data[2 * r] = static_cast<std::int8_t>(r % 2 == 0 ? value : 0);
      data[2 * r + 1] = static_cast<std::int8_t>(r % 2 == 0 ? 0 : -1);
    }
    LinePins pins;
    pins.use = LineUse::phase;
    pins.active = true;
    pins.tag = {true, true, 1, 1, 32};
    for (int c = 0; c < 32; ++c) pins.columns.set(c);
    pins.selected = 32;
    put(pins);
  }
  static std::int32_t expected(int value, int c) { return (c - 16) * (16 * value - 16); }
};

TEST_CASE("sub-macro: product 1 + tree 5 + psum buffer 1 cycles from the lines to the psum") {
  SubMacroBench bench;
  bench.phase(3);
  bench.tick();
  bench.put({});
  const int product = 1, tree = 5, psum_buffer = 1;
  for (int cycle = 1; cycle < product + tree + psum_buffer; ++cycle) {
    INFO("cycle " << cycle);
    CHECK_FALSE(bench.psum_valid.read());
    bench.tick();
  }
  REQUIRE(bench.psum_valid.read());  // cycle 7
  for (int c = 0; c < 32; ++c) CHECK(bench.psum.read().sums[c] == SubMacroBench::expected(3, c));
}

TEST_CASE("sub-macro: with nobody to acknowledge it takes 3 + 5 + 1 phases and gives all of them back") {
  SubMacroBench bench;
  int taken = 0;
  for (int i = 0; i < 30; ++i) {
    bench.settle();
    if (bench.ready.read()) {
      bench.phase(taken);
      ++taken;
    } else {
      bench.put({});
    }
    bench.tick();
  }
  CHECK(taken == 3 + 5 + 1);  // psum entries, tree stages, product register
  CHECK(bench.dut->buffer.occupancy() == 3);
  bench.put({});
  bench.ack.write(true);
  bench.settle();
  for (int i = 0; i < taken; ++i) {
    REQUIRE(bench.psum_valid.read());  // one per cycle
    CHECK(bench.psum.read().sums[0] == SubMacroBench::expected(i, 0));
    bench.tick();
  }
  CHECK_FALSE(bench.psum_valid.read());
}

}  // namespace
}  // namespace flexcim
