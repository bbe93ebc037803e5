#include "rtl_models/blocks/merger.h"

#include "tests/rtl_models/clocked_bench.h"

#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

struct MergerBench : ClockedBench {
  MacroGeometry g;
  std::unique_ptr<Merger> dut;
  sc_core::sc_vector<sc_core::sc_signal<bool>> psum_valid, ack;
  sc_core::sc_vector<sc_core::sc_signal<PsumEntry>> psum;
  sc_core::sc_signal<std::uint8_t> psum_active{"psum_active"};
  sc_core::sc_signal<PsumFinal> psum_final{"psum_final"};
  sc_core::sc_signal<bool> final_ready{"final_ready"};
  std::vector<std::vector<std::int32_t>> sums;

  explicit MergerBench(int sub_macros)
      : psum_valid("psum_valid", sub_macros), ack("ack", sub_macros), psum("psum", sub_macros), sums(sub_macros) {
    g.sub_macros = sub_macros;
    g.cols = 2;
    dut = std::make_unique<Merger>("merger", g);
    connect(*dut);
    dut->psum_valid(psum_valid);
    dut->psum(psum);
    dut->ack(ack);
    dut->psum_active(psum_active);
    dut->psum_final(psum_final);
    dut->final_ready(final_ready);
    final_ready.write(true);
  }
  void put(int p, std::int32_t a, std::int32_t b, int active, int lanes) {
    sums[p] = {a, b};
    PsumEntry entry;
    entry.sums = sums[p].data();
    entry.tag = {true, true, static_cast<std::uint8_t>(active), static_cast<std::uint8_t>(lanes), 2};
    entry.version = ++version;
    psum[p].write(entry);
    psum_valid[p].write(true);
    if (p == 0) psum_active.write(static_cast<std::uint8_t>(active));
  }
};

TEST_CASE("merger: waits for every active sub-macro, then input 1 + tree ceil(log2 P) + psum_final 1") {
  MergerBench bench(4);
  bench.put(0, 1, 10, 4, 1);
  bench.put(1, 2, 20, 4, 1);
  bench.put(3, 4, 40, 4, 1);
  bench.settle();
  CHECK_FALSE(bench.ack[0].read());  // sub-macro 2 has none yet
  bench.tick(3);
  CHECK_FALSE(bench.psum_final.read().valid);
  bench.put(2, 3, 30, 4, 1);
  bench.settle();
  for (int p = 0; p < 4; ++p) CHECK(bench.ack[p].read());
  bench.tick();  // cycle 0 ends
  for (int p = 0; p < 4; ++p) bench.psum_valid[p].write(false);
  const int input = 1, tree = 2, psum_final = 1;
  for (int cycle = 1; cycle < input + tree + psum_final; ++cycle) {
    INFO("cycle " << cycle);
    CHECK_FALSE(bench.psum_final.read().valid);
    bench.tick();
  }
  REQUIRE(bench.psum_final.read().valid);  // cycle 4
  CHECK(bench.psum_final.read().sums[0] == 10);
  CHECK(bench.psum_final.read().sums[1] == 100);
  bench.tick();
  CHECK_FALSE(bench.psum_final.read().valid);
  CHECK(bench.dut->events().merge_adds == 2 * 3);  // P - 1 per column
  CHECK(bench.dut->events().outputs == 2);
}

TEST_CASE("merger: P = 5 pads the tree to three levels, an idle sub-macro is not waited for") {
  MergerBench bench(5);
  CHECK(bench.dut->stages() == 1 + 3 + 1);
  bench.dut->observe(true);
  for (int p = 0; p < 4; ++p) bench.put(p, p + 1, -p, 4, 1);  // sub-macro 4 idles
  bench.settle();
  CHECK(bench.ack[3].read());
  CHECK_FALSE(bench.ack[4].read());
  bench.tick();
  for (int p = 0; p < 4; ++p) bench.psum_valid[p].write(false);
  bench.tick(4);
  REQUIRE(bench.psum_final.read().valid);
  CHECK(bench.psum_final.read().sums[0] == 1 + 2 + 3 + 4);
  CHECK(bench.psum_final.read().sums[1] == -6);
}

TEST_CASE("merger: concat adds inside a lane only") {
  MergerBench bench(4);
  for (int p = 0; p < 4; ++p) bench.put(p, p + 1, 10 * (p + 1), 4, 2);
  bench.settle();
  bench.tick();
  for (int p = 0; p < 4; ++p) bench.psum_valid[p].write(false);
  bench.tick(3);
  const PsumFinal& out = bench.psum_final.read();
  REQUIRE(out.valid);
  CHECK(out.lanes == 2);
  CHECK(out.sums[0] == 1 + 2);
  CHECK(out.sums[1] == 10 + 20);
  CHECK(out.sums[2] == 3 + 4);
  CHECK(out.sums[3] == 30 + 40);
  CHECK(bench.dut->events().merge_adds == 4 * 1);
}

TEST_CASE("merger: final_ready low holds psum_final and withholds the acknowledge, enable low holds everything") {
  MergerBench bench(2);
  bench.final_ready.write(false);
  int taken = 0;
  for (int i = 0; i < 12; ++i) {
    bench.put(0, i, 0, 2, 1);
    bench.put(1, 100, 0, 2, 1);
    bench.settle();
    if (!bench.ack[0].read()) break;
    ++taken;
    bench.tick();
  }
  CHECK(taken == 1 + 1 + 1);  // input register, one tree level, psum_final
  CHECK(bench.psum_final.read().sums[0] == 100);
  bench.tick(5);
  CHECK(bench.psum_final.read().sums[0] == 100);
  for (auto& valid : bench.psum_valid) valid.write(false);
  bench.final_ready.write(true);
  bench.tick();
  CHECK(bench.psum_final.read().sums[0] == 101);
  bench.enable.write(false);
  bench.tick(3);
  CHECK(bench.psum_final.read().sums[0] == 101);
  bench.enable.write(true);
  bench.tick();
  CHECK(bench.psum_final.read().sums[0] == 102);
  bench.tick();
  CHECK_FALSE(bench.psum_final.read().valid);
}

}  // namespace
}  // namespace flexcim
