// docs/platform.md and the driver's C header against the models: both are what the declarations print, the page's
// example runs on the SoC.
#include "flow/map/image.h"
#include "flow/model/golden.h"
#include "platform/host/native_host.h"
#include "platform/soc/platform_tables.h"
#include "platform/soc/soc.h"
#include "platform/yaml/yaml_reader.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/default_architecture.h"
#include "tlm/interface/memory_map.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstring>
#include <sstream>

namespace example {
namespace {
#include "platform_example.inc"  // the C text of docs/platform.md

flexcim::NativeHost* host = nullptr;
uint32_t read32(uint64_t address) { return host->read32(address); }
void write32(uint64_t address, uint32_t value) { host->write32(address, value); }
void copy_to(uint64_t address, const void* data, uint32_t bytes) { host->write(address, data, bytes); }
void wait_for_interrupt() { host->wait_for_interrupt(); }
}  // namespace
}  // namespace example

namespace flexcim {
namespace {

constexpr std::uint64_t kRing = memory_map::dram, kWeights = kRing + 0x1'0000, kActivations = kRing + 0x2'0000,
                        kOutputs = kRing + 0x3'0000;
constexpr std::uint64_t kExampleBytes = 0x4'0000;

/// 3 tokens through a 2:4 layer of 160 inputs and 40 outputs.
struct SmallLayer {
  std::mt19937 random{7};
  const Architecture architecture = default_architecture();
  const PackedLinear linear = test::random_linear(random, {2, 4}, 40, 160, architecture.macro.window);
  const Matrix<std::int8_t> activations = test::random_activations(random, 3, 160);
  const std::vector<std::uint8_t> image =
      encode_image(architecture.macro,
                   make_layout(architecture.macro, linear.pattern, Sequencing::grouped, MergeMode::reduce, ""), linear);

  /// Whether the int32 outputs at `bytes` are the golden model's.
  bool matches(const std::uint8_t* bytes) const {
    const Matrix<std::int32_t> golden = golden_gemm(unpack(linear), activations);
    return std::memcmp(bytes, golden.data(), golden.size() * sizeof(std::int32_t)) == 0;
  }
};

TEST_CASE("docs/platform.md has the tables that the declarations print") {
  const std::string docs = read_text_file(std::string(FLEXCIM_DOCS_DIR) + "/platform.md");
  for (const PlatformTable& table : platform_tables()) {
    INFO("the table \"" << table.title << "\" differs from what `flexcim registers` prints; copy it:\n"
                        << table.markdown);
    CHECK((docs + "\n").find("\n" + table.markdown + "\n") != std::string::npos);
  }
}

TEST_CASE("The committed C header is what the declarations print") {
  INFO("build/release/flexcim registers --c-header > platform/firmware/driver/flexcim_platform.h");
  CHECK(read_text_file(FLEXCIM_C_HEADER) == platform_c_header());
}

TEST_CASE("The C header's descriptor lies in memory as the accelerator reads it") {
  CHECK(sizeof(example::flexcim_descriptor) == kDescriptorBytes);
  example::flexcim_descriptor c;
  std::memset(&c, 0, sizeof c);
  Descriptor expected;
  expected.flags = c.flags = FLEXCIM_FLAG_INTERRUPT | FLEXCIM_FLAG_REQUANTIZE;
  expected.opcode = c.opcode = FLEXCIM_OP_GEMM;
  expected.pattern_n = c.pattern_n = 1;
  expected.pattern_m = c.pattern_m = 2;
  expected.sequencing = c.sequencing = 3;
  expected.merge = c.merge = 4;
  expected.window = c.window = 5;
  expected.tag = c.tag = 0x01020304;
  expected.out = c.out = 0x11121314;
  expected.in = c.in = 0x21222324;
  expected.tokens = c.tokens = 0x31323334;
  expected.weights_bytes = c.weights_bytes = 0x41424344;
  expected.activation_stride = c.activation_stride = 0x51525354;
  expected.weights = c.weights = 0x6162636465666768;
  expected.activations = c.activations = 0x7172737475767778;
  expected.outputs = c.outputs = 0x8182838485868788;
  expected.output_stride = c.output_stride = 0x91929394;
  expected.scales = c.scales = 0xA1A2A3A4A5A6A7A8;
  const DescriptorImage image = encode(expected);
  CHECK(std::memcmp(&c, image.data(), image.size()) == 0);
}

TEST_CASE("The example of docs/platform.md runs a layer, and hears of an error") {
  const SmallLayer layer;
  std::uint32_t good = 99, bad = 99;
  std::ostringstream console;
  const auto program = [&](NativeHost& host) {
    example::host = &host;
    REQUIRE(example::accelerator_start(kRing) == 0);
    const auto bytes = static_cast<std::uint32_t>(layer.image.size());
    good = example::accelerator_gemm(kWeights, bytes, 40, 160, kActivations, 3, kOutputs);
    bad = example::accelerator_gemm(kWeights, bytes, 40, 160, kActivations + 1, 3, kOutputs);
  };
  Soc soc("soc", layer.architecture, Fidelity::tlm, kExampleBytes, native_host(program), console);
  std::uint8_t* dram = soc.dram().store().data();
  std::memcpy(dram + (kWeights - memory_map::dram), layer.image.data(), layer.image.size());
  std::memcpy(dram + (kActivations - memory_map::dram), layer.activations.data(), layer.activations.size());
  sc_core::sc_start();

  CHECK(good == FLEXCIM_ERROR_NONE);
  CHECK(bad == FLEXCIM_ERROR_MISALIGNED);
  CHECK(layer.matches(dram + (kOutputs - memory_map::dram)));
}

TEST_CASE("A layer whose ring, weights, activations and outputs lie in the SRAM") {
  constexpr std::uint64_t weights = memory_map::sram + 0x1'0000, activations_at = memory_map::sram + 0x2'0000,
                          outputs_at = memory_map::sram + 0x3'0000;
  const SmallLayer layer;
  std::uint32_t error = 99, beyond = 99;
  std::ostringstream console;
  const auto program = [&](NativeHost& host) {
    example::host = &host;
    host.write(weights, layer.image.data(), static_cast<unsigned>(layer.image.size()));
    host.write(activations_at, layer.activations.data(), static_cast<unsigned>(layer.activations.size()));
    REQUIRE(example::accelerator_start(memory_map::sram) == 0);
    const auto bytes = static_cast<std::uint32_t>(layer.image.size());
    error = example::accelerator_gemm(weights, bytes, 40, 160, activations_at, 3, outputs_at);
    // The last outputs would lie behind the end.
    const std::uint64_t end = memory_map::sram + memory_map::sram_size;
    beyond = example::accelerator_gemm(weights, bytes, 40, 160, activations_at, 3, end - 64);
  };
  Soc soc("soc", layer.architecture, Fidelity::tlm, kExampleBytes, native_host(program), console);
  sc_core::sc_start();

  CHECK(error == FLEXCIM_ERROR_NONE);
  CHECK(beyond == FLEXCIM_ERROR_DMA_ADDRESS);
  CHECK(layer.matches(soc.sram().store().data() + (outputs_at - memory_map::sram)));
}

TEST_CASE("The finisher of the SoC ends the simulation") {
  std::ostringstream console;
  bool beyond = false;
  Soc soc("soc", default_architecture(), Fidelity::tlm, kExampleBytes, native_host([&](NativeHost& host) {
            host.write32(memory_map::finisher, TestFinisher::fail | 7u << 16);
            host.read32(memory_map::timer + Timer::mtime);
            beyond = true;
          }),
          console);
  sc_core::sc_start();
  CHECK(soc.finisher().exit_code() == 7);
  CHECK_FALSE(beyond);
}

}  // namespace
}  // namespace flexcim
