// Descriptor + image + activations in DRAM -> outputs in DRAM.
#include "tlm/accelerator/accelerator.h"

#include "flow/map/schedule.h"
#include "tests/tlm/accelerator_bench.h"

#include <catch2/catch.hpp>
#include <random>

using namespace flexcim;
using namespace flexcim::test;

namespace {

const char* const kPatterns[] = {"dense", "1:2", "1:4", "2:4", "1:8", "2:8", "4:8"};

/// Sums what a listener is told.
struct Sum : ActivityListener {
  AcceleratorEvents events;
  std::int64_t last_end = 0;
  void on_activity(ActivityKind, std::int64_t start_ps, std::int64_t end_ps, const AcceleratorEvents& e) override {
    CHECK(start_ps <= end_ps);
    last_end = std::max(last_end, end_ps);
    events += e;
  }
};

}  // namespace

TEST_CASE("Accelerator: outputs equal the golden model for the seven patterns and odd shapes") {
  AcceleratorBench bench;
  std::mt19937 random(1);
  std::vector<Layer> layers;
  for (const char* text : kPatterns) {
    const Pattern pattern = parse_pattern(text);
    layers.push_back(bench.place(random_linear(random, pattern, 37, 301), random_activations(random, 5, 301)));
    layers.push_back(bench.place(random_linear(random, pattern, 64, 512, 1), random_activations(random, 3, 512)));
  }
  for (const Layer& layer : layers) bench.append(layer.descriptor);
  bench.run();
  REQUIRE(bench.accelerator.records().size() == layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    CAPTURE(i);
    CHECK(bench.accelerator.records()[i].error == ErrorCode::none);
    CHECK(bench.wrong_rows(layers[i]) == 0);
  }
}

TEST_CASE("Accelerator: every sequencing and merge mode gives the same sums") {
  AcceleratorParameters parameters;
  parameters.macro.window = 2;
  AcceleratorBench bench(parameters);
  std::mt19937 random(2);
  std::vector<Layer> layers;
  for (const char* text : {"2:4", "1:8", "3:8", "4:8"}) {
    const PackedLinear linear = random_linear(random, parse_pattern(text), 70, 130);
    const Matrix<std::int8_t> x = random_activations(random, 4, 130);
    for (Sequencing sequencing : all_sequencings()) {
      layers.push_back(bench.place(linear, x, sequencing, MergeMode::reduce));
      bench.append(layers.back().descriptor);
    }
    layers.push_back(bench.place(linear, x, Sequencing::grouped, MergeMode::concat));
    if (bench.tail < kRingEntries - 1) bench.append(layers.back().descriptor);
  }
  bench.run();
  for (std::size_t i = 0; i < bench.accelerator.records().size(); ++i) {
    CAPTURE(i);
    CHECK(bench.accelerator.records()[i].error == ErrorCode::none);
    CHECK(bench.wrong_rows(layers[i]) == 0);
  }
}

TEST_CASE("Accelerator: arrays of macros, small buffers and several token tiles give the same sums") {
  AcceleratorParameters parameters;
  parameters.macro = {4, 8, 8, 4, 1, 3};
  parameters.array = {3, 2};
  parameters.activation = {300, 16};
  parameters.weight = {8192, 32};
  parameters.output = {2048, 32};
  AcceleratorBench bench(parameters, {3, 64});
  std::mt19937 random(3);
  std::vector<Layer> layers;
  for (const char* text : kPatterns) {
    layers.push_back(
        bench.place(random_linear(random, parse_pattern(text), 53, 99), random_activations(random, 7, 99)));
    bench.append(layers.back().descriptor);
  }
  bench.run();
  REQUIRE(bench.accelerator.records().size() == layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    CAPTURE(i);
    CHECK(bench.accelerator.records()[i].error == ErrorCode::none);
    CHECK(bench.wrong_rows(layers[i]) == 0);
  }
}

TEST_CASE("Accelerator: cycles of one tile, term by term, with resident weights") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  AcceleratorBench bench(parameters);
  std::mt19937 random(4);
  const Layer layer =
      bench.place(random_linear(random, parse_pattern("1:2"), 32, 256), random_activations(random, 16, 256));
  bench.append(layer.descriptor);
  bench.run();
  const CommandRecord& record = bench.accelerator.records().at(0);
  REQUIRE(record.error == ErrorCode::none);
  // Kt = 32 rows * 4 blocks * 2 = 256, C = 32: one tile. A pass is one phase; 16 tokens.
  CHECK(record.gemm.tiles == 1);
  CHECK(record.gemm.phases == 1);
  CHECK(record.gemm.compute_cycles == 16);
  // 32 * 32 * 4 weights + as many metadata bits = 4608 bytes through 256 per cycle: 18 < C; C + 1.
  CHECK(record.gemm.load_cycles == 33);
  // Times in ns; the accelerator's cycle is 2 ns, the bus's 1 ns, the DRAM's 0.625 ns. The driver's five register
  // writes take no time: descriptor asked for in cycle 0, issued in cycle 1 (2 ns), granted at 3, at the DRAM at 7 =
  // clock 12 (7.5): one burst of 128 bytes: RD at 12 + 29 = 41, 4 bursts: 41 + 24 = 65, end 65 + 36 = 101 clocks
  // = 63.125; 64 + 4 = 68 ns: cycle 34.
  CHECK(record.start == 0);
  // Load in 34..66, first phase could be in 67. Activations: 4096 bytes as 16 bursts of 256, asked for in 34, issued in
  // 35 (70 ns), 36, ... 42 (8 outstanding): the last of them arrives much later than 67, which the next case takes
  // apart.
  CHECK(record.stall_cycles() == record.cycles() - 16 - 33);
  CHECK(bench.wrong_rows(layer) == 0);
}

TEST_CASE("Accelerator: the end of every command is told when it comes, of failed ones, too") {
  AcceleratorBench bench;
  std::mt19937 random(6);
  const Layer layer =
      bench.place(random_linear(random, parse_pattern("2:4"), 32, 64), random_activations(random, 2, 64));
  Descriptor bad = layer.descriptor;
  bad.opcode = 7;
  for (const Descriptor& command : {layer.descriptor, bad, layer.descriptor}) bench.append(command);
  std::vector<std::pair<Cycle, ErrorCode>> told;
  bench.accelerator.on_command_end([&](const CommandRecord& record) {
    CHECK(sc_core::sc_time_stamp() == sc_core::sc_time(2.0 * static_cast<double>(record.end), sc_core::SC_NS));
    told.emplace_back(record.end, record.error);
  });
  bench.run();
  REQUIRE(told.size() == 3);
  for (std::size_t i = 0; i < told.size(); ++i) {
    CHECK(told[i].first == bench.accelerator.records().at(i).end);
    CHECK(told[i].second == (i == 1 ? ErrorCode::bad_opcode : ErrorCode::none));
  }
}

TEST_CASE("Accelerator: what the listener hears adds up to what the counters say") {
  AcceleratorBench bench;
  Sum sum;
  bench.accelerator.add_listener(sum);
  std::mt19937 random(5);
  const Layer layer =
      bench.place(random_linear(random, parse_pattern("2:4"), 96, 300), random_activations(random, 9, 300));
  bench.append(layer.descriptor);
  bench.run([&] {
    const CommandRecord& record = bench.accelerator.records().at(0);
    CHECK(sum.events == record.gemm.events);
    CHECK(sum.last_end <= static_cast<std::int64_t>(record.end) * 2000);
    std::size_t index = static_cast<std::size_t>(reg::Counter::count);
    for (const auto& counter : StatisticList<AcceleratorEvents>::list) {
      INFO(std::string(counter.name));
      CHECK(bench.counter(index++) == counter.of(record.gemm.events));
    }
    CHECK(bench.counter(static_cast<std::size_t>(reg::Counter::busy)) == record.cycles());
    CHECK(bench.counter(static_cast<std::size_t>(reg::Counter::compute)) == record.gemm.compute_cycles);
    CHECK(bench.counter(static_cast<std::size_t>(reg::Counter::load)) == record.gemm.load_cycles);
    CHECK(bench.counter(static_cast<std::size_t>(reg::Counter::stall)) == record.stall_cycles());
    // Kt = 32 * 2 * 4 = 256: 2 tiles along in, 3 along out.
    CHECK(record.gemm.tiles == 6);
    const AcceleratorEvents& e = record.gemm.events;
    CHECK(e.macro.cell_writes == 6 * 32 * 32 * 4);
    CHECK(e.macro.passes == 6 * 9);
    CHECK(e.macro.outputs == 2 * 9 * 96);
    CHECK(e.activation_buffer_writes == 9 * 300);
    CHECK(e.activation_buffer_reads == 3 * 9 * 300);
    CHECK(e.weight_buffer_writes == layer.descriptor.weights_bytes - 6 * 16);
    CHECK(e.weight_buffer_reads == e.weight_buffer_writes);
    CHECK(e.output_buffer_writes == 2 * 9 * 96 * 4);  // both k tiles
    CHECK(e.output_buffer_reads == 2 * 9 * 96 * 4);   // the second k tile, the write-back
    CHECK(e.accumulates == 9 * 96);
    CHECK(e.dma_writes == 9 * 96 * 4);
    CHECK(e.dma_reads == 128 + layer.descriptor.weights_bytes + 9 * 300);
  });
}

TEST_CASE("Accelerator: requantized outputs are int8") {
  AcceleratorBench bench;
  std::mt19937 random(6);
  Layer layer = bench.place(random_linear(random, parse_pattern("4:8"), 70, 260), random_activations(random, 6, 260));
  Descriptor& d = layer.descriptor;
  d.flags |= kFlagRequantize;
  d.output_stride = 80;
  d.scales = bench.allocate(8 * 70);
  std::vector<Requantization> scales;
  for (int o = 0; o < 70; ++o) scales.push_back(make_requantization(1e-4 * (o + 1)));
  for (std::size_t o = 0; o < 70; ++o) std::memcpy(bench.at(d.scales) + 8 * o, &scales[o], 8);
  bench.append(d);
  bench.run();
  REQUIRE(bench.accelerator.records().at(0).error == ErrorCode::none);
  for (std::size_t t = 0; t < 6; ++t) {
    for (std::size_t o = 0; o < 70; ++o) {
      REQUIRE(static_cast<std::int8_t>(bench.at(d.outputs)[t * 80 + o]) == requantize(layer.expected(t, o), scales[o]));
    }
    for (std::size_t o = 70; o < 80; ++o) REQUIRE(bench.at(d.outputs)[t * 80 + o] == 0);
  }
  CHECK(bench.accelerator.records()[0].gemm.events.requantizations == 6 * 70);
}

TEST_CASE("Accelerator: one interrupt per command that asks for it, cleared by writing 1") {
  AcceleratorBench bench;
  std::mt19937 random(7);
  Layer layer = bench.place(random_linear(random, parse_pattern("1:2"), 32, 256), random_activations(random, 1, 256));
  layer.descriptor.tag = 41;
  layer.descriptor.flags = 0;
  bench.append(layer.descriptor);
  layer.descriptor.tag = 42;
  layer.descriptor.flags = kFlagInterrupt;
  bench.append(layer.descriptor);
  bench.run([&] {
    CHECK(bench.bus.read(reg::completed) == 2);
    CHECK(bench.bus.read(reg::last_tag) == 42);
    CHECK(bench.bus.read(reg::irq_status) == reg::kIrqDone);
    CHECK(bench.bus.read(reg::error_code) == 0);
    bench.bus.write(reg::irq_status, reg::kIrqError);
    settle();
    CHECK(bench.irq.line.read());
    bench.bus.write(reg::irq_status, reg::kIrqDone);
    settle();
    CHECK_FALSE(bench.irq.line.read());
  });
  const CommandRecord& second = bench.accelerator.records().at(1);
  CHECK(second.start == bench.accelerator.records()[0].end);
  REQUIRE(bench.irq.changes.size() == 2);
  CHECK(bench.irq.changes[0].first == ns(2.0 * static_cast<double>(second.end)));
}

TEST_CASE("Accelerator: the ring wraps, a nop only costs its fetch") {
  AcceleratorBench bench;
  simulate([&] {
    bench.enable();
    for (int i = 0; i < 40; ++i) {
      Descriptor nop;
      nop.tag = static_cast<std::uint32_t>(i);
      bench.append(nop);
      bench.ring_doorbell();
      bench.ring_doorbell();  // twice is as good as once
      while (bench.bus.read(reg::ring_head) != bench.tail) sc_core::wait(sc_core::sc_time(1, sc_core::SC_US));
    }
    CHECK(bench.bus.read(reg::completed) == 40);
    CHECK(bench.bus.read(reg::last_tag) == 39);
    CHECK(bench.irq.changes.empty());
  });
  CHECK(bench.accelerator.records().at(0).cycles() == 34);  // see the arithmetic of the fetch above
}

TEST_CASE("Accelerator: parameters out of range are named") {
  FastEngine engine({}, {});
  const struct {
    void (*spoil)(AcceleratorParameters&);
    const char* what;
  } cases[] = {
      {[](AcceleratorParameters& p) { p.macro.rows = 33; }, "rows"},
      {[](AcceleratorParameters& p) { p.array.outputs = 0; }, "macros_o"},
      {[](AcceleratorParameters& p) { p.clock_ps = 0; }, "clock"},
      {[](AcceleratorParameters& p) { p.activation.bytes = 0; }, "activation"},
      {[](AcceleratorParameters& p) { p.weight.port_bytes = 0; }, "weight"},
      {[](AcceleratorParameters& p) { p.output.bytes = 8; }, "output"},
  };
  for (const auto& test : cases) {
    AcceleratorParameters parameters;
    test.spoil(parameters);
    CHECK_THROWS_WITH(parameters.validate(), Catch::Contains(test.what));
  }
}
