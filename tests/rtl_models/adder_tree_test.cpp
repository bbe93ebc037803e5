#include "rtl_models/blocks/adder_tree.h"

#include "tests/rtl_models/clocked_bench.h"

#include <catch2/catch.hpp>
#include <deque>
#include <memory>

namespace flexcim {
namespace {

struct TreeBench : ClockedBench {
  MacroGeometry g;
  std::unique_ptr<AdderTree> dut;
  sc_core::sc_signal<bool> advance{"advance"};
  sc_core::sc_signal<TreeStage> product{"product"}, sum{"sum"};
  std::vector<std::int32_t> values;
  std::deque<std::vector<std::int32_t>> buffers;  ///< of the products put so far: they move through the tree by handle

  explicit TreeBench(int rows) {
    g.rows = rows;
    g.cols = 2;
    dut = std::make_unique<AdderTree>("tree", g);
    connect(*dut);
    dut->advance(advance);
    dut->product(product);
    dut->sum(sum);
    advance.write(true);
  }
  /// Column 0 gets products first, first+1, ..., column 1 their negatives.
  void put(int first, bool observed) {
    values.clear();
    std::vector<std::int32_t>& sums = buffers.emplace_back(2, 0);
    for (int r = 0; r < g.rows; ++r) {
      values.push_back(first + r);
      values.push_back(-(first + r));
      sums[0] += first + r;
      sums[1] -= first + r;
    }
    TreeStage stage;
    stage.valid = true;
    stage.tag.first = stage.tag.last = true;
    stage.selected = 2;
    stage.sums = sums.data();
    stage.values = observed ? values.data() : nullptr;
    stage.terms = static_cast<std::uint16_t>(g.rows);
    stage.version = ++version;
    product.write(stage);
  }
  void nothing() {
    TreeStage stage;
    stage.version = ++version;
    product.write(stage);
  }
};

TEST_CASE("adder tree: log2 R cycles, level by level") {
  TreeBench bench(8);
  REQUIRE(bench.dut->levels() == 3);  // log2 8
  bench.put(10, true);                // 10 .. 17
  bench.tick();
  bench.nothing();
  const TreeStage& level1 = bench.dut->stage(1);
  REQUIRE(level1.valid);
  CHECK(level1.terms == 4);
  CHECK(level1.values[0] == 10 + 11);
  CHECK(level1.values[6] == 16 + 17);
  CHECK(level1.values[7] == -(16 + 17));
  CHECK_FALSE(bench.sum.read().valid);
  bench.tick();
  CHECK(bench.dut->stage(2).values[0] == 10 + 11 + 12 + 13);
  CHECK_FALSE(bench.sum.read().valid);
  bench.tick();  // the third edge
  REQUIRE(bench.sum.read().valid);
  CHECK(bench.sum.read().sums[0] == 108);  // 8 * 10 + 28
  CHECK(bench.sum.read().sums[1] == -108);
  bench.tick();
  CHECK_FALSE(bench.sum.read().valid);
  CHECK(bench.dut->events().column_adds == 2 * 7);  // R - 1 per column
}

void stream_three(bool observed) {
  TreeBench bench(4);
  for (int i = 0; i < 2; ++i) {
    bench.put(100 * i, observed);
    bench.tick();
  }
  CHECK(bench.sum.read().sums[0] == 0 + 1 + 2 + 3);
  bench.put(200, observed);
  bench.advance.write(false);
  bench.tick(5);
  CHECK(bench.sum.read().sums[0] == 6);
  bench.advance.write(true);
  bench.tick();
  CHECK(bench.sum.read().sums[0] == 4 * 100 + 6);
  bench.enable.write(false);
  bench.tick(5);
  CHECK(bench.sum.read().sums[0] == 406);
  bench.enable.write(true);
  bench.nothing();
  bench.tick();
  CHECK(bench.sum.read().sums[0] == 4 * 200 + 6);
  bench.tick();
  CHECK_FALSE(bench.sum.read().valid);
}

TEST_CASE("adder tree: a sum per cycle, in order, and advance low holds all stages") { stream_three(false); }

TEST_CASE("adder tree: the same where every level is really added") { stream_three(true); }

TEST_CASE("adder tree: one row is a wire") {
  TreeBench bench(1);
  bench.put(5, true);
  bench.settle();
  REQUIRE(bench.sum.read().valid);  // 0 cycles: log2 1
  CHECK(bench.sum.read().sums[0] == 5);
}

TEST_CASE("adder tree: reset empties every stage") {
  TreeBench bench(8);
  bench.put(1, false);
  bench.tick(3);
  CHECK(bench.sum.read().valid);
  bench.reset.write(true);
  bench.nothing();
  bench.tick();
  bench.reset.write(false);
  for (int i = 0; i < 4; ++i) {
    CHECK_FALSE(bench.sum.read().valid);
    bench.tick();
  }
}

}  // namespace
}  // namespace flexcim
