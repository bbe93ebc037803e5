// tlm/timing without a simulation kernel: commands in a plain loop have the cycles, events, outputs and DRAM counts of
// the SystemC modules, and break no rule of the DRAM's standard.
#include "tests/tlm/accelerator_bench.h"
#include "tests/tlm/in_process.h"
#include "tests/tlm/oracle/jedec_checker.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/timing/plain_system.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <random>

using namespace flexcim;
using namespace flexcim::test;

namespace {

/// Begins with the cycle in which the command begins.
std::string text_of(const CommandRecord& record) {
  std::string text = fmt::format("{}..{} {} load {} compute {}:", record.start, record.end, to_string(record.error),
                                 record.gemm.load_cycles, record.gemm.compute_cycles);
  for (const auto& count : StatisticList<AcceleratorEvents>::list)
    text += fmt::format(" {}", count.of(record.gemm.events));
  return text + "\n";
}

/// What the DRAM has counted and holds.
std::string text_of(const DramEvents& events, const std::uint8_t* content) {
  std::string text = "DRAM";
  for (const auto& count : StatisticList<DramEvents>::list) text += fmt::format(" {}", count.of(events));
  std::uint64_t hash = 1469598103934665603u;
  for (std::uint64_t i = 0; i < kDramBytes; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, content + i, 8);
    hash = (hash ^ word) * 1099511628211u;
  }
  return text + fmt::format(" content {:x}\n", hash);
}

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
  for (BufferParameters* buffer : {&p.activation, &p.weight, &p.output}) buffer->banks = pick({1, 2, 4, 4, 8});
  const DmaParameters dma{pick({1, 2, 8, 16, 40}), pick({64, 256, 1024})};
  const char* const types[] = {"lpddr4", "lpddr5", "ddr4", "hbm2"};
  DramParameters type = dram_device(types[random() % 4]);
  type.channels = pick({1, 1, 2, 4});

  AcceleratorBench bench(p, dma, type);
  std::vector<Layer> layers;
  const char* const patterns[] = {"dense", "1:2", "1:4", "2:4", "1:8", "2:8", "4:8"};
  while (layers.size() < 5) {
    const Pattern pattern = parse_pattern(patterns[random() % 7]);
    if (pattern.n > p.macro.sub_macros) continue;
    const int out = 1 + static_cast<int>(random() % 150), in = 8 + static_cast<int>(random() % 400);
    layers.push_back(bench.place(random_linear(random, pattern, out, in),
                                 random_activations(random, 1 + static_cast<int>(random() % 20), in),
                                 random() % 3 == 0 ? Sequencing::scan : Sequencing::grouped));
    Descriptor& command = layers.back().descriptor;
    // An error in the image. By phases it is not said whether bursts of the very cycle in which it ends the command are
    // still issued.
    if (random() % 8 == 0 && type.channels == 1 && dma.outstanding <= static_cast<int>(kDramQueueDepth)) {
      command.weights_bytes /= 2;
    }
    if (random() % 8 == 0) command.activation_stride += 16 * (1 + static_cast<std::uint32_t>(random()) % 4);
    bench.append(command);
  }
  FastEngine engine(p.macro, p.array, AheadParameters{2, 1});
  PlainSystem plain(p, dma, {1000, 32, 4}, type, kDramBase, {bench.at(kDramBase), bench.at(kDramBase) + kDramBytes},
                    engine);
  oracle::TraceChecker rules(oracle::jedec_device(type.name), type.channels);
  plain.dram.timing.set_command_listener(&rules);

  const std::string simulated = in_process([&] {
    bench.run();
    std::string text;
    for (const CommandRecord& record : bench.accelerator.records()) text += text_of(record);
    return text + text_of(bench.dram.timing().events(), bench.at(kDramBase));
  });
  // The first command begins when the doorbell has rung, the others when the one before has ended.
  std::string computed;
  Cycle start = std::stoull(simulated);
  for (const Layer& layer : layers) {
    const std::uint64_t number = static_cast<std::uint64_t>(&layer - layers.data());
    const CommandRecord record = plain.commands.run(kRing + number * kDescriptorBytes, start);
    computed += text_of(record);
    start = record.end;
  }
  plain.memory.end_ahead();
  CHECK(computed + text_of(plain.dram.timing.events(), plain.dram.bytes.data()) == simulated);
  rules.finish();
  CHECK(rules.first() == "");
}

}  // namespace

// A case each: the kernel elaborates once per process.
TEST_CASE("Plain loop: it may end while requests wait behind each other") {
  PlainDram dram(dram_device("lpddr4"), std::vector<std::uint8_t>(4096));
  PlainBus bus({1000, 32, 4}, dram, 0);
  auto memory = std::make_unique<PlainMemory>(DmaParameters(), 1000, bus);
  std::uint8_t bytes[64];
  for (int i = 0; i < 5; ++i) {
    DmaRequest request;
    request.data = bytes;
    request.row_bytes = sizeof bytes;
    memory->post(std::move(request));
  }
  memory.reset();  // glibc ends the process where something is freed twice
  CHECK(memory == nullptr);
}

TEST_CASE("Plain loop: commands as in simulated time, seed 1") { compare(1); }
TEST_CASE("Plain loop: commands as in simulated time, seed 2") { compare(2); }
TEST_CASE("Plain loop: commands as in simulated time, seed 3") { compare(3); }
TEST_CASE("Plain loop: commands as in simulated time, seed 4") { compare(4); }
TEST_CASE("Plain loop: commands as in simulated time, seed 5") { compare(5); }
TEST_CASE("Plain loop: commands as in simulated time, seed 6") { compare(6); }
TEST_CASE("Plain loop: commands as in simulated time, seed 7") { compare(7); }
TEST_CASE("Plain loop: commands as in simulated time, seed 8") { compare(8); }
TEST_CASE("Plain loop: commands as in simulated time, seed 9") { compare(9); }
TEST_CASE("Plain loop: commands as in simulated time, seed 10") { compare(10); }
TEST_CASE("Plain loop: commands as in simulated time, seed 11") { compare(11); }
TEST_CASE("Plain loop: commands as in simulated time, seed 12") { compare(12); }
TEST_CASE("Plain loop: commands as in simulated time, seed 13") { compare(13); }
TEST_CASE("Plain loop: commands as in simulated time, seed 14") { compare(14); }
TEST_CASE("Plain loop: commands as in simulated time, seed 15") { compare(15); }
TEST_CASE("Plain loop: commands as in simulated time, seed 16") { compare(16); }
