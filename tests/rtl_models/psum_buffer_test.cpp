#include "rtl_models/blocks/psum_buffer.h"

#include "tests/rtl_models/clocked_bench.h"

#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

struct PsumBench : ClockedBench {
  MacroGeometry g;
  std::unique_ptr<PsumBuffer> dut;
  sc_core::sc_signal<TreeStage> sum{"sum"};
  sc_core::sc_signal<bool> ready{"ready"}, psum_valid{"psum_valid"}, ack{"ack"};
  sc_core::sc_signal<std::uint8_t> psum_active{"psum_active"};
  sc_core::sc_signal<PsumEntry> psum{"psum"};
  std::vector<std::int32_t> sums = {0, 0};

  explicit PsumBench(int depth) {
    g.cols = 2;
    g.psum_depth = depth;
    dut = std::make_unique<PsumBuffer>("buffer", g);
    connect(*dut);
    dut->sum(sum);
    dut->ready(ready);
    dut->psum_valid(psum_valid);
    dut->psum_active(psum_active);
    dut->psum(psum);
    dut->ack(ack);
  }
  void put(std::int32_t a, std::int32_t b, bool first, bool last, int selected = 2) {
    sums = {a, b};
    TreeStage stage;
    stage.valid = true;
    stage.tag = {first, last, 4, 1, 2};
    stage.selected = static_cast<std::uint16_t>(selected);
    stage.sums = sums.data();
    stage.version = ++version;
    sum.write(stage);
  }
  void nothing() {
    TreeStage stage;
    stage.version = ++version;
    sum.write(stage);
  }
};

TEST_CASE("psum buffer: one cycle from the tree to the merger, phases of a pass add up") {
  PsumBench bench(3);
  bench.put(5, 0, true, false, 1);  // phase 0 selects column 0
  bench.tick();
  CHECK_FALSE(bench.psum_valid.read());  // open
  CHECK(bench.dut->occupancy() == 1);
  bench.put(0, 7, false, false, 1);  // phase 1 selects column 1
  bench.tick();
  bench.put(1, 0, false, true, 1);
  bench.settle();
  CHECK_FALSE(bench.psum_valid.read());
  bench.tick();  // write register 1
  bench.nothing();
  REQUIRE(bench.psum_valid.read());
  CHECK(bench.psum.read().sums[0] == 5 + 1);
  CHECK(bench.psum.read().sums[1] == 7);
  CHECK(bench.psum.read().tag.outputs == 2);
  CHECK(bench.psum_active.read() == 4);
  CHECK(bench.dut->events().psum_writes == 3);
  CHECK(bench.dut->events().psum_accumulates == 2);
  bench.ack.write(true);
  bench.tick();
  CHECK_FALSE(bench.psum_valid.read());
  CHECK(bench.dut->occupancy() == 0);
}

void fill_and_drain(int depth) {
  PsumBench bench(depth);
  for (int i = 0; i < depth; ++i) {
    bench.put(i, 10 * i, true, true);
    bench.settle();
    CHECK(bench.ready.read());
    bench.tick();
  }
  CHECK(bench.dut->occupancy() == depth);
  bench.put(depth, 10 * depth, true, true);
  bench.settle();
  CHECK_FALSE(bench.ready.read());
  bench.tick(4);  // waits outside
  CHECK(bench.dut->occupancy() == depth);
  CHECK(bench.psum.read().sums[1] == 0);
  bench.ack.write(true);
  bench.settle();
  CHECK(bench.ready.read());  // combinational: one leaves in this cycle
  bench.tick();               // one leaves, one enters
  CHECK(bench.dut->occupancy() == depth);
  bench.nothing();
  for (int i = 1; i <= depth; ++i) {
    CHECK(bench.psum_valid.read());
    CHECK(bench.psum.read().sums[1] == 10 * i);  // in order, none lost, none twice
    bench.tick();
  }
  CHECK_FALSE(bench.psum_valid.read());
}

TEST_CASE("psum buffer: all three entries can be filled, when full it is ready only while one leaves") {
  fill_and_drain(3);
}

TEST_CASE("psum buffer: one entry is enough for a psum per cycle") { fill_and_drain(1); }

TEST_CASE("psum buffer: an open entry accepts its phases although the queue is full") {
  PsumBench bench(2);
  bench.put(1, 1, true, true);
  bench.tick();
  bench.put(2, 2, true, false);
  bench.tick();
  CHECK(bench.dut->occupancy() == 2);
  bench.put(3, 3, false, true);
  bench.settle();
  CHECK(bench.ready.read());
  bench.tick();
  bench.put(4, 4, true, true);
  bench.settle();
  CHECK_FALSE(bench.ready.read());
}

TEST_CASE("psum buffer: enable low holds, reset empties") {
  PsumBench bench(3);
  bench.put(1, 1, true, true);
  bench.enable.write(false);
  bench.tick(2);
  CHECK(bench.dut->occupancy() == 0);
  bench.enable.write(true);
  bench.tick();
  CHECK(bench.dut->occupancy() == 1);
  bench.reset.write(true);
  bench.tick();
  CHECK(bench.dut->occupancy() == 0);
  CHECK_FALSE(bench.psum_valid.read());
}

}  // namespace
}  // namespace flexcim
