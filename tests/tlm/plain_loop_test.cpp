// tlm/timing without a simulation kernel: commands in a plain loop have the cycles, events, outputs and DRAM counts of
// the SystemC modules.
#include "tests/tlm/accelerator_bench.h"
#include "tests/tlm/plain_system.h"

#include <catch2/catch.hpp>
#include <random>
#include <thread>

using namespace flexcim;
using namespace flexcim::test;

namespace {

void compare(unsigned seed) {
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto pick = [&](std::initializer_list<int> values) {
    return values.begin()[random() % static_cast<unsigned>(values.size())];
  };
  AcceleratorParameters p;
  p.macro.sub_macros = pick({1, 4});
  p.macro.cols = pick({4, 32});
  p.macro.rows = pick({8, 32});
  p.macro.window = pick({1, 2});
  p.array.outputs = pick({1, 2});
  p.array.inputs = pick({1, 3});
  p.clock_ps = pick({1000, 2000, 1700});
  if (random() % 3 == 0) p.weight_update = WeightUpdate::shadow;
  p.weights_resident = random() % 5 == 0;
  p.activation.bytes = static_cast<std::uint64_t>(pick({2048, 65536}));
  p.weight.bytes = static_cast<std::uint64_t>(pick({2048, 8192, 65536}));
  p.output.bytes = static_cast<std::uint64_t>(pick({2048, 8192, 65536}));
  const DmaParameters dma{pick({1, 2, 8, 16}), pick({64, 256, 1024})};
  const char* const types[] = {"lpddr4", "lpddr5", "ddr4", "hbm2"};
  const DramParameters type = dram_device(types[random() % 4]);

  AcceleratorBench bench(p, dma, type);
  std::vector<Layer> layers;
  const char* const patterns[] = {"dense", "1:2", "1:4", "2:4", "1:8", "2:8", "4:8"};
  for (int i = 0; i < 5; ++i) {
    const Pattern pattern = parse_pattern(patterns[random() % 7]);
    if (pattern.n > p.macro.sub_macros) continue;
    const int out = 1 + static_cast<int>(random() % 150), in = 8 + static_cast<int>(random() % 400);
    layers.push_back(bench.place(random_linear(random, pattern, out, in),
                                 random_activations(random, 1 + static_cast<int>(random() % 20), in),
                                 random() % 3 == 0 ? Sequencing::scan : Sequencing::grouped));
    Descriptor& command = layers.back().descriptor;
    if (random() % 8 == 0) command.weights_bytes /= 2;  // an error in the image
    if (random() % 8 == 0) command.activation_stride += 16 * (1 + static_cast<std::uint32_t>(random()) % 4);
    bench.append(command);
  }
  const std::vector<std::uint8_t> content(bench.at(kDramBase), bench.at(kDramBase) + kDramBytes);
  bench.run();

  PlainSystem plain(p, dma, {1000, 32, 4}, type, kDramBase, content);
  const std::vector<CommandRecord>& records = bench.accelerator.records();
  REQUIRE(records.size() == layers.size());
  std::vector<CommandRecord> plain_records;
  // On a stack of its own: AddressSanitizer cannot tell where the main one ends once the kernel has switched stacks.
  std::thread([&] {
    // The first begins when the doorbell rings, the others when the one before has ended.
    for (const CommandRecord& each : records) {
      plain_records.push_back(plain.commands.run(each.descriptor_address, each.start));
    }
    plain.memory.settle();
  }).join();
  for (std::size_t i = 0; i < records.size(); ++i) {
    CAPTURE(i);
    const CommandRecord &expected = records[i], &record = plain_records[i];
    CHECK(to_string(record.error) == to_string(expected.error));
    CHECK(record.end == expected.end);
    CHECK(record.gemm.load_cycles == expected.gemm.load_cycles);
    CHECK(record.gemm.compute_cycles == expected.gemm.compute_cycles);
    CHECK(record.gemm.events == expected.gemm.events);
  }
  CHECK(std::memcmp(plain.dram.bytes.data(), bench.at(kDramBase), kDramBytes) == 0);
  const DramEvents &a = plain.dram.timing.events(), &b = bench.dram.timing().events();
  CHECK(a.activates == b.activates);
  CHECK(a.row_hits == b.row_hits);
  CHECK(a.read_bursts == b.read_bursts);
  CHECK(a.write_bursts == b.write_bursts);
  CHECK(a.refreshes == b.refreshes);
}

}  // namespace

// A case each: the kernel elaborates once per process.
TEST_CASE("Plain loop: commands as in simulated time, seed 1") { compare(1); }
TEST_CASE("Plain loop: commands as in simulated time, seed 2") { compare(2); }
TEST_CASE("Plain loop: commands as in simulated time, seed 3") { compare(3); }
TEST_CASE("Plain loop: commands as in simulated time, seed 4") { compare(4); }
TEST_CASE("Plain loop: commands as in simulated time, seed 5") { compare(5); }
TEST_CASE("Plain loop: commands as in simulated time, seed 6") { compare(6); }
TEST_CASE("Plain loop: commands as in simulated time, seed 7") { compare(7); }
TEST_CASE("Plain loop: commands as in simulated time, seed 8") { compare(8); }
