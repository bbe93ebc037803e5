// Cycles of whole commands, term by term. The memory answers every burst of up to 256 bytes 50 cycles after its issue;
// 64 bursts may be outstanding; one macro with the published parameters.
#include "flow/map/image.h"
#include "flow/model/golden.h"
#include "tests/flow/random_linear.h"
#include "tests/tlm/device_bench.h"
#include "tests/tlm/fixed_latency_memory.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"

#include <catch2/catch.hpp>
#include <cstring>

using namespace flexcim;
using namespace flexcim::test;
namespace reg = accelerator_registers;

namespace {

constexpr Cycle kLatency = 50;
constexpr std::uint64_t kWeights = 0x10000, kActivations = 0x80000, kOutputs = 0xC0000;

/// Runs one layer and returns its record.
CommandRecord run(const AcceleratorParameters& parameters, const char* pattern, int out, int in, int tokens) {
  FastEngine engine(parameters.macro, parameters.array);
  Accelerator accelerator("accelerator", parameters, {64, 256}, engine);
  FixedLatencyMemory memory("memory", 1 << 20, from_picoseconds(kLatency * parameters.clock_ps));
  DeviceBus bus;
  LineLog irq("irq");
  accelerator.memory_socket().bind(memory.socket);
  bus.connect(accelerator.registers_socket);
  accelerator.irq(irq.line);

  std::mt19937 random(1);
  const PackedLinear linear = random_linear(random, parse_pattern(pattern), out, in, 1);
  const Matrix<std::int8_t> x = random_activations(random, tokens, in);
  const auto image =
      encode_image(parameters.macro,
                   make_layout(parameters.macro, linear.pattern, Sequencing::grouped, MergeMode::reduce, ""), linear);
  Descriptor d;
  d.opcode = 1;
  d.flags = kFlagInterrupt;
  d.pattern_n = static_cast<std::uint8_t>(linear.pattern.n);
  d.pattern_m = static_cast<std::uint8_t>(linear.pattern.m);
  d.window = 1;
  d.out = static_cast<std::uint32_t>(out);
  d.in = d.activation_stride = static_cast<std::uint32_t>(in);
  d.tokens = static_cast<std::uint32_t>(tokens);
  d.weights = kWeights;
  d.weights_bytes = static_cast<std::uint32_t>(image.size());
  d.activations = kActivations;
  d.outputs = kOutputs;
  d.output_stride = 4 * d.out;
  const DescriptorImage command = encode(d);
  std::memcpy(memory.store.data(), command.data(), command.size());
  std::memcpy(memory.store.data() + kWeights, image.data(), image.size());
  std::memcpy(memory.store.data() + kActivations, x.data(), x.size());
  simulate([&] {
    bus.write(reg::ring_size, 2);
    bus.write(reg::irq_enable, reg::kIrqDone);
    bus.write(reg::control, reg::kControlEnable);
    bus.write(reg::doorbell, 1);
  });
  const Matrix<std::int32_t> expected = golden_gemm(unpack(linear), x);
  CHECK(std::memcmp(memory.store.data() + kOutputs, expected.data(), expected.size() * 4) == 0);
  const CommandRecord record = accelerator.records().at(0);
  CHECK(record.error == ErrorCode::none);
  REQUIRE(irq.changes.size() == 1);
  CHECK(irq.changes[0].first == ns(2.0 * static_cast<double>(record.end)));
  return record;
}

}  // namespace

TEST_CASE("Accelerator cycles: one tile, resident weights") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  const CommandRecord record = run(parameters, "1:2", 32, 256, 16);
  // Descriptor: asked for in 0, one burst issued in 1, there in 1 + 50 = 51.
  // Load: 51 ... 51 + 33 = 84.
  // Activations: 16 * 256 bytes = 16 bursts issued in 52 ... 67, there in 67 + 50 = 117.
  // 16 passes of one phase: 117 ... 133; drained after 11: 144.
  // Write-back: 16 rows of 128 bytes without gaps = 8 bursts issued in 145 ... 152; the last one ends in 152 + 50 =
  // 202.
  CHECK(record.gemm.load_cycles == 33);
  CHECK(record.gemm.compute_cycles == 16);
  CHECK(record.end == 202);
  CHECK(record.stall_cycles() == 202 - 33 - 16);
}

TEST_CASE("Accelerator cycles: one tile, weights from memory") {
  const CommandRecord record = run({}, "1:2", 32, 256, 16);
  // Descriptor there in 51; activations first: issued in 52 ... 67.
  // Directory: one burst of 16 bytes issued in 68, there in 118.
  // Blob: 4096 weights + 4096 metadata bits + 32 * 4 selects of 0 bits = 4608 bytes from address 16 of the image:
  // bursts of 240, 17 * 256 and 16 bytes = 19, issued in 119 ... 137, there in 187. Load 187 ... 220, 16 passes ...
  // 236, drained 247, write-back issued in 248 ... 255, ended in 305.
  CHECK(record.gemm.events.weight_buffer_writes == 4608);
  CHECK(record.end == 305);
}

TEST_CASE("Accelerator cycles: the weights of the next tile arrive while the present one computes") {
  AcceleratorParameters parameters;
  parameters.weight.bytes = 2 * 4608;  // a half holds one tile
  const CommandRecord record = run(parameters, "1:2", 32, 512, 100);
  // Token tile: 65536 / 512 = 128 tokens fit the activation buffer, 32768 / 128 = 256 the output half: one token tile.
  // Descriptor 51. Activations: 100 * 512 bytes = 200 bursts. With 64 outstanding and each place seen free a cycle
  // after its response, 64 bursts start every 51 cycles: 52 ... 115, 103 + 51 * ... : burst n is issued in 52 + n % 64
  // + (n / 64) * 64, since 64 issues take longer than the latency of 50 + 1: without a gap in 52 ... 251, all there in
  // 301. Directory: issued in 252, there in 302. First tile: address 32 of the image, bursts of 224, 17 * 256, 32 = 19,
  // issued in 303 ... 321, there in 371; the second tile's 19 behind them in 322 ... 340, there in 390. Load 371 ...
  // 404, 100 passes ... 504; load 504 ... 537, 100 passes ... 637; drained 648. Write-back: 100 rows of 128 bytes = 50
  // bursts in 649 ... 698, ended in 748; the output buffer gives a word of 128 bytes per cycle, the last pass's is
  // added in 648, so the half is read in 649 ... 748.
  CHECK(record.gemm.load_cycles == 2 * 33);
  CHECK(record.gemm.compute_cycles == 200);
  CHECK(record.end == 749);
}

TEST_CASE("Accelerator cycles: shadow, the next tile is loaded while the present one computes") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.weight_update = WeightUpdate::shadow;
  const CommandRecord record = run(parameters, "1:2", 32, 512, 100);
  // Descriptor 51. Load 0: 51 ... 83, swap in 83. Load 1: 84 ... 116. Activations: 200 bursts in 52 ... 251, all there
  // in 301. 100 passes 301 ... 401, swap in 401, 100 passes 402 ... 502, drained 513. Write-back: 50 bursts in 514 ...
  // 563, ended 613; the half is read in 514 ... 613. With blocking the second load begins in 401 and costs 33 cycles in
  // place of 1: 646.
  CHECK(record.gemm.load_cycles == 33 + 1);
  CHECK(record.gemm.compute_cycles == 200);
  CHECK(record.stall_cycles() == 614 - 200 - 34);
  CHECK(record.end == 614);
}

TEST_CASE("Accelerator cycles: shadow, weights from memory in halves that are free when their load is done") {
  AcceleratorParameters parameters;
  parameters.weight.bytes = 2 * 4608;
  parameters.weight_update = WeightUpdate::shadow;
  const CommandRecord record = run(parameters, "1:2", 32, 768, 60);
  // Descriptor 51. Activations: 60 * 768 bytes = 180 bursts in 52 ... 231, there in 281. Directory: issued in 232,
  // there in 282. Tile 0: 19 bursts in 283 ... 301, there in 351; tile 1 behind them in 302 ... 320, there in 370. Load
  // 0: 351 ... 383; its half is free: tile 2's 19 bursts in 384 ... 402, there in 452. Swap 383, 60 passes 384 ... 444.
  // Load 1: 384 ... 416, swap 444, 60 passes 445 ... 505. Load 2: 452 ... 484, swap 505, 60 passes 506 ... 566, drained
  // 577. Write-back: 60 rows of 128 bytes = 30 bursts in 578 ... 607, ended 657.
  CHECK(record.gemm.load_cycles == 33 + 1 + 1);
  CHECK(record.end == 657);
}

TEST_CASE("Accelerator cycles: a third tile waits for a half of the weight buffer") {
  AcceleratorParameters parameters;
  parameters.weight.bytes = 2 * 4608;
  const CommandRecord record = run(parameters, "1:2", 32, 768, 1);
  // Descriptor 51. Activations: 768 bytes = 3 bursts in 52 ... 54. Directory: 48 bytes in 55, there in 105.
  // Tile 0: address 48: 208, 17 * 256, 48 = 19 bursts in 106 ... 124, there in 174. Tile 1: address 4656 = 18 * 256 +
  // 48: 19 bursts in 125 ... 143, there in 193. Load 0: 174 ... 207. Its half is free in 207: tile 2's 19 bursts in 208
  // ... 226, there in 276. Pass 0: 207. Load 1: 208 ... 241, pass 1: 241. Load 2: 276 ... 309, pass 2: 309; drained 310
  // + 11 = 321. Write-back: 128 bytes, one burst in 322, ended in 372.
  CHECK(record.end == 372);
}

TEST_CASE("Accelerator cycles: output tiles share the accumulators in two halves") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  const CommandRecord record = run(parameters, "1:2", 96, 256, 2);
  // Descriptor 51. Activations: 512 bytes = 2 bursts in 52, 53, there in 103. Load 0: 51 ... 84.
  // Pass 0: 103 ... 105, drained 116, write-back of half 0: two rows of 128 bytes, 384 apart: 2 bursts in 117, 118,
  // ended 168. Load 1: 105 ... 138, passes ... 140, drained 151, write-back of half 1 in 152, 153, ended 203. Load 2:
  // 140 ... 173, half 0 is free since 168; passes ... 175, drained 186, bursts in 187, 188, ended 238.
  CHECK(record.end == 238);
}

TEST_CASE("Accelerator cycles: the third output tile waits for the first one's write-back") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.macro = {4, 32, 4, 4, 1, 3};  // C = 4: a load takes 18 cycles (4608 / 8 = 576 bytes need 3, C 4: 5)
  const CommandRecord record = run(parameters, "1:2", 12, 256, 2);
  // Descriptor 51. Activations there in 103. Load 0: 51 ... 56. Passes 103 ... 105, drained 116; two rows of 16 bytes,
  // 48 apart: bursts in 117, 118, ended 168. Load 1: 105 ... 110, passes ... 112, drained 123, bursts in 124, 125,
  // ended 175. Load 2: 112 ... 117, passes wait for 168: ... 170, drained 181, bursts in 182, 183, ended 233.
  CHECK(record.gemm.load_cycles == 15);
  CHECK(record.end == 233);
}

TEST_CASE("Accelerator cycles: a narrow activation port stretches passes") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.activation.port_bytes = 100;
  const CommandRecord record = run(parameters, "1:2", 32, 256, 16);
  // As in the first case, but a pass takes ceil(256 / 100) = 3 cycles: 117 + 48 = 165, drained 176, bursts in 177 ...
  // 184, 234.
  CHECK(record.gemm.compute_cycles == 48);
  CHECK(record.end == 234);
}

TEST_CASE("Accelerator cycles: a narrow output port stretches passes") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.output.port_bytes = 64;
  const CommandRecord record = run(parameters, "1:2", 32, 256, 16);
  // 32 sums of 4 bytes need 2 cycles: 117 + 32 = 149, drained 160, bursts in 161 ... 168, ended in 218.
  CHECK(record.end == 218);
}

TEST_CASE("Accelerator cycles: one bank of activations, inputs that begin inside a word") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.activation.port_bytes = 100;
  parameters.activation.banks = 1;
  const CommandRecord record = run(parameters, "1:2", 32, 256, 16);
  // As with more banks, but a token may begin at byte 96 of a word: its 256 inputs lie in 4 words. 117 + 64 = 181,
  // drained 192, bursts in 193 ... 200, 250.
  CHECK(record.gemm.compute_cycles == 64);
  CHECK(record.end == 250);
}

namespace {

/// A layer of pattern 1:2 where `buffer` has so many banks.
void check_banks(BufferParameters AcceleratorParameters::*buffer, int banks, AcceleratorParameters parameters, int out,
                 int in, int tokens, Cycle compute, Cycle end) {
  (parameters.*buffer).banks = banks;
  const CommandRecord record = run(parameters, "1:2", out, in, tokens);
  CHECK(record.gemm.compute_cycles == compute);
  CHECK(record.end == end);
}

/// A weight buffer of so many bytes.
void check_weight_banks(int banks, std::uint64_t bytes, int tokens, Cycle end) {
  AcceleratorParameters parameters;
  parameters.weight.bytes = bytes;
  check_banks(&AcceleratorParameters::weight, banks, parameters, 32, 512, tokens, 2 * static_cast<Cycle>(tokens), end);
}

void check_output_banks(int banks, Cycle compute, Cycle end) {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.output.port_bytes = 64;
  check_banks(&AcceleratorParameters::output, banks, parameters, 32, 512, 16, compute, end);
}

void check_small_output_banks(int banks, Cycle end) {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.macro = {4, 32, 4, 4, 1, 3};
  check_banks(&AcceleratorParameters::output, banks, parameters, 8, 256, 2, 4, end);
}

}  // namespace

// Both tiles fit a half and lie behind each other: 37 bursts issued in 303 ... 339. With four banks the first tile is
// loaded when its own 19 bursts are there, in 371. With two or one its load waits for all: 389 ... 422, passes ... 522,
// load ... 555, passes ... 655, drained 666, the half is read in 667 ... 766.
TEST_CASE("Accelerator cycles: four banks of weights, two tiles in a half") { check_weight_banks(4, 65536, 100, 749); }
TEST_CASE("Accelerator cycles: two banks of weights, two tiles in a half") { check_weight_banks(2, 65536, 100, 767); }
TEST_CASE("Accelerator cycles: one bank of weights, two tiles in it") { check_weight_banks(1, 65536, 100, 767); }

// A part holds one tile. Descriptor 51. Activations: 20 bursts in 52 ... 71. Directory: 72, there in 122. First tile:
// 123 ... 141, there in 191, load ... 224, passes ... 234. Two banks: second tile in 142 ... 160. Load 234 ... 267,
// passes ... 277, drained 288, bursts in 289 ... 293, 343. One: second tile in 225 ... 243, there in 293, load ... 326,
// passes ... 336, drained 347, bursts in 348 ... 352, 402.
TEST_CASE("Accelerator cycles: two banks of weights, one is filled while one is loaded") {
  check_weight_banks(2, 2 * 4608, 10, 343);
}
TEST_CASE("Accelerator cycles: one bank of weights, filled when its tile has been loaded") {
  check_weight_banks(1, 4608, 10, 402);
}

// Descriptor 51, load ... 84. Activations: 32 bursts in 52 ... 83, there in 133. 32 sums are two words: 16 passes ...
// 165, load ... 198. Of the second k tile, every word is read and written: with two banks to a half two cycles, ...
// 230, drained 241, bursts in 242 ... 249, 299; with one four cycles, ... 262, 273, 274 ... 281, 331.
TEST_CASE("Accelerator cycles: four banks of sums, a word per cycle") { check_output_banks(4, 64, 299); }
TEST_CASE("Accelerator cycles: two banks of sums, two cycles a word") { check_output_banks(2, 96, 331); }

// Descriptor 51. Activations there in 103. Load 0: 51 ... 56. Passes 103 ... 105, drained 116. Load 1: 105 ... 110.
// Passes ... 112, drained 123, bursts in 124, 125, 175. One bank: the last sums of row 0 are added in 116, both words
// are read in 117 and 118; passes 119 ... 121, drained 132, bursts in 133, 134, 184.
TEST_CASE("Accelerator cycles: two banks of sums, passes go on") { check_small_output_banks(2, 175); }
TEST_CASE("Accelerator cycles: one bank of sums, passes wait until those before have been read") {
  check_small_output_banks(1, 184);
}

TEST_CASE("Accelerator cycles: a narrow weight port stretches loads") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.weight.port_bytes = 32;
  const CommandRecord record = run(parameters, "1:2", 32, 256, 16);
  // 4608 / 32 + 1 = 145 cycles: 51 ... 196, passes ... 212, drained 223, bursts in 224 ... 231, ended in 281.
  CHECK(record.gemm.load_cycles == 145);
  CHECK(record.end == 281);
}

TEST_CASE("Accelerator cycles: token tiles follow each other, the next one's activations after the last pass") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  parameters.activation.bytes = 1024;  // 4 tokens of 256
  const CommandRecord record = run(parameters, "1:2", 32, 256, 6);
  // Descriptor 51. Activations of 4 tokens: 4 bursts in 52 ... 55, there in 105. Load 51 ... 84. Passes 105 ... 109,
  // drained 120, 512 bytes: 2 bursts in 121, 122, ended 172. Second token tile: activations of 2 tokens asked for in
  // 109: bursts in 110, 111, there in 161. Load 109 ... 142. Passes 161 ... 163, drained 174, one burst of 256 in 175,
  // ended 225.
  CHECK(record.gemm.loads == 2);
  CHECK(record.end == 225);
}
