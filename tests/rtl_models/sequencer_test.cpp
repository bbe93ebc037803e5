#include "rtl_models/blocks/sequencer.h"

#include "tests/rtl_models/clocked_bench.h"

#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

struct SequencerBench : ClockedBench {
  MacroGeometry g;
  std::unique_ptr<Sequencer> dut;
  sc_core::sc_signal<LoadBeat> load{"load"};
  sc_core::sc_signal<PassPins> pass{"pass"};
  sc_core::sc_signal<bool> load_ready{"load_ready"}, pass_ready{"pass_ready"}, go{"go"};
  sc_core::sc_vector<sc_core::sc_signal<bool>> sub_ready;
  sc_core::sc_signal<PhaseControl> control{"control"};
  std::vector<Phase> phases;

  SequencerBench() : sub_ready("sub_ready", 4) {
    g.rows = 2;
    g.cols = 4;
    dut = std::make_unique<Sequencer>("sequencer", g);
    connect(*dut);
    dut->load(load);
    dut->load_ready(load_ready);
    dut->pass(pass);
    dut->pass_ready(pass_ready);
    dut->sub_ready(sub_ready);
    dut->control(control);
    dut->go(go);
    for (auto& ready : sub_ready) ready.write(true);
  }
  void beat(int column, const TileLayout& layout) {
    LoadBeat pins;
    pins.valid = true;
    pins.column = static_cast<std::uint16_t>(column);
    pins.last = column == 3;
    pins.phase = column < static_cast<int>(phases.size()) ? &phases[column] : nullptr;
    pins.layout = layout_pins(layout, layout.compares_index ? layout.scan_phases : static_cast<int>(phases.size()));
    pins.version = ++version;
    load.write(pins);
  }
  void no_beat() {
    LoadBeat pins;
    pins.version = ++version;
    load.write(pins);
  }
  void offer(bool valid) {
    PassPins pins;
    pins.valid = valid;
    pins.version = ++version;
    pass.write(pins);
  }
  /// Loads `count` phases with bases all k; returns the cycles until a phase may be on the lines.
  int load_tile(int count, const TileLayout& layout) {
    phases.assign(count, {std::vector<std::uint8_t>(8, 0), {ColumnMask(0xF)}});
    for (int k = 0; k < count; ++k) phases[k].bases.assign(8, static_cast<std::uint8_t>(k));
    int cycles = 0;
    for (int c = 0; c < 4; ++c, ++cycles) {
      beat(c, layout);
      settle();
      CHECK(load_ready.read());
      tick();
    }
    no_beat();
    for (settle(); !control.read().compute; ++cycles) tick();
    return cycles;
  }
};

TEST_CASE("sequencer: C + 1 cycles of load, then phases in order, the pass taken in its last one") {
  SequencerBench bench;
  const TileLayout layout = make_layout(bench.g, {4, 8}, Sequencing::grouped, MergeMode::reduce, "test");
  CHECK(bench.dut->state() == Sequencer::State::empty);
  CHECK(bench.load_tile(3, layout) == 4 + 1);
  for (int pass = 0; pass < 2; ++pass) {
    bench.offer(true);
    for (int k = 0; k < 3; ++k) {
      bench.settle();
      CHECK(bench.control.read().index == k);
      CHECK(bench.control.read().first == (k == 0));
      CHECK(bench.control.read().last == (k == 2));
      CHECK(bench.control.read().phase->bases[0] == k);
      CHECK(bench.pass_ready.read() == (k == 2));
      bench.tick();
    }
  }
  CHECK(bench.dut->events().phases == 6);
  CHECK(bench.dut->events().passes == 2);
  CHECK(bench.dut->events().distributor_pairs == 6 * 4 * 2);  // one pair per sub-macro and row
}

TEST_CASE("sequencer: scan walks the windows whatever selects were loaded") {
  SequencerBench bench;
  const TileLayout layout = make_layout(bench.g, {2, 8}, Sequencing::scan, MergeMode::reduce, "test");
  bench.load_tile(1, layout);
  bench.offer(true);
  for (int k = 0; k < 4; ++k) {  // M/2/w = 8/2/1
    bench.settle();
    CHECK(bench.control.read().plane == k);
    CHECK(bench.control.read().phase->bases[5] == k);
    CHECK(bench.control.read().phase->columns[0] == ColumnMask(0xF));
    bench.tick();
  }
  CHECK(bench.control.read().first);
}

TEST_CASE("sequencer: a phase waits for go, for its pass and for enable, a load waits for the end of a pass") {
  SequencerBench bench;
  const TileLayout layout = make_layout(bench.g, {4, 8}, Sequencing::grouped, MergeMode::reduce, "test");
  bench.load_tile(2, layout);
  bench.tick(2);
  CHECK(bench.control.read().index == 0);  // no pass offered
  bench.offer(true);
  bench.sub_ready[2].write(false);
  bench.tick(2);
  CHECK_FALSE(bench.go.read());
  CHECK(bench.control.read().index == 0);  // a full sub-macro
  bench.sub_ready[2].write(true);
  bench.enable.write(false);
  bench.tick(2);
  CHECK(bench.control.read().index == 0);  // disabled
  bench.enable.write(true);
  bench.tick();
  CHECK(bench.control.read().index == 1);
  bench.beat(0, layout);
  bench.settle();
  CHECK_FALSE(bench.load_ready.read());  // inside a pass
  CHECK(bench.pass_ready.read());
  bench.tick();
  CHECK(bench.load_ready.read());        // between two
  CHECK_FALSE(bench.pass_ready.read());  // and it goes first
  bench.tick();
  CHECK(bench.dut->state() == Sequencer::State::loading);
}

TEST_CASE("sequencer: reset forgets the resident tile") {
  SequencerBench bench;
  bench.load_tile(2, make_layout(bench.g, {4, 8}, Sequencing::grouped, MergeMode::reduce, "test"));
  bench.offer(true);
  bench.tick();
  bench.reset.write(true);
  bench.tick();
  bench.reset.write(false);
  bench.settle();
  CHECK(bench.dut->state() == Sequencer::State::empty);
  CHECK_FALSE(bench.control.read().compute);
  CHECK(bench.control.read().load_open);
}

}  // namespace
}  // namespace flexcim
