// Every way in which a command can go wrong: error code, descriptor address, interrupt, and the queue goes on.
#include "tests/tlm/accelerator_bench.h"

#include <catch2/catch.hpp>
#include <random>

using namespace flexcim;
using namespace flexcim::test;

namespace {

constexpr std::uint64_t kNowhere = 0x4000'0000;

/// A good layer behind a bad command: the bad one must leave it alone.
struct Case {
  AcceleratorBench bench;
  std::mt19937 random{1};
  Layer bad, good;

  explicit Case(const AcceleratorParameters& parameters = {}, const char* pattern = "2:4") : bench(parameters) {
    bad = layer(pattern);
    good = layer(pattern);
  }
  Layer layer(const char* pattern) {
    return bench.place(random_linear(random, parse_pattern(pattern), 40, 300), random_activations(random, 3, 300));
  }
  /// Runs the spoilt command, then the good one.
  void expect(ErrorCode code) {
    bad.descriptor.tag = 7;
    const std::uint64_t address = bench.append(bad.descriptor);
    bench.append(good.descriptor);
    bench.run([&] {
      CHECK(to_string(static_cast<ErrorCode>(bench.bus.read(reg::error_code))) == to_string(code));
      CHECK(bench.bus.read(reg::error_address_lo) == static_cast<std::uint32_t>(address));
      CHECK(bench.bus.read(reg::error_address_hi) == static_cast<std::uint32_t>(address >> 32));
      CHECK(bench.bus.read(reg::irq_status) == (reg::kIrqError | reg::kIrqDone));
      CHECK(bench.bus.read(reg::completed) == 1);
    });
    REQUIRE(bench.accelerator.records().size() == 2);
    CHECK(bench.accelerator.records()[0].error == code);
    CHECK(bench.accelerator.records()[1].error == ErrorCode::none);
    CHECK(bench.wrong_rows(good) == 0);
  }
  /// The directory entry of tile 0 of the bad layer.
  std::uint8_t* entry() { return bench.at(bad.descriptor.weights); }
  std::uint8_t* blob() {
    std::uint32_t offset = 0;
    std::memcpy(&offset, entry(), 4);
    return entry() + offset;
  }
  void store(std::size_t at, std::uint32_t value, std::size_t bytes) { std::memcpy(entry() + at, &value, bytes); }
};

}  // namespace

TEST_CASE("Accelerator errors: opcode") {
  Case c;
  c.bad.descriptor.opcode = 9;
  c.expect(ErrorCode::bad_opcode);
}

TEST_CASE("Accelerator errors: reserved flag") {
  Case c;
  c.bad.descriptor.flags = 0x80;
  c.expect(ErrorCode::bad_flags);
}

TEST_CASE("Accelerator errors: reserved flag of a nop") {
  Case c;
  c.bad.descriptor = {};
  c.bad.descriptor.flags = 0x80;
  c.expect(ErrorCode::bad_flags);
}

TEST_CASE("Accelerator errors: a field that the descriptor test covers") {
  Case c;
  c.bad.descriptor.pattern_n = 7;
  c.expect(ErrorCode::unsupported_pattern);
}

TEST_CASE("Accelerator errors: a token does not fit the activation buffer") {
  AcceleratorParameters parameters;
  parameters.activation.bytes = 300;
  Case c(parameters);
  c.bad.descriptor.in = 301;
  c.bad.descriptor.activation_stride = 301;
  c.expect(ErrorCode::activations_do_not_fit);
}

TEST_CASE("Accelerator errors: a token's accumulators do not fit half of the output buffer") {
  AcceleratorParameters parameters;
  parameters.output.bytes = 2 * 32 * 4;  // concat has 2 * 32 outputs per tile for 2:4 and needs twice as much
  Case c(parameters);
  c.bad.descriptor.merge = 1;
  c.expect(ErrorCode::outputs_do_not_fit);
}

TEST_CASE("Accelerator errors: a tile does not fit half of the weight buffer") {
  AcceleratorParameters parameters;
  // 32 * 32 * 4 weights alone are 4096 bytes.
  parameters.weight.bytes = 4096;
  AcceleratorBench bench(parameters);
  std::mt19937 random(1);
  const Layer layer =
      bench.place(random_linear(random, parse_pattern("2:4"), 40, 300), random_activations(random, 3, 300));
  bench.append(layer.descriptor);
  bench.run();
  CHECK(bench.accelerator.records().at(0).error == ErrorCode::weights_do_not_fit);
}

TEST_CASE("Accelerator errors: directory outside of the image") {
  Case c;
  c.bad.descriptor.weights_bytes = 16;
  c.expect(ErrorCode::image_bounds);
}

TEST_CASE("Accelerator errors: blob outside of the image") {
  Case c;
  c.store(0, c.bad.descriptor.weights_bytes - 16, 4);
  c.expect(ErrorCode::image_bounds);
}

TEST_CASE("Accelerator errors: blob misaligned") {
  Case c;
  c.store(0, 65, 4);
  c.expect(ErrorCode::image_bounds);
}

TEST_CASE("Accelerator errors: blob offset that overflows 32 bits") {
  Case c;
  c.store(0, 0xFFFF'FFF0, 4);
  c.expect(ErrorCode::image_bounds);
}

TEST_CASE("Accelerator errors: blob of the wrong size") {
  Case c;
  c.store(4, 4096, 4);
  c.expect(ErrorCode::image_size);
}

TEST_CASE("Accelerator errors: no phases") {
  Case c;
  c.store(8, 0, 2);
  c.expect(ErrorCode::image_size);
}

TEST_CASE("Accelerator errors: more phases than columns") {
  Case c;
  c.store(8, 33, 2);
  c.expect(ErrorCode::image_size);
}

TEST_CASE("Accelerator errors: a weight of -128 in the last tile") {
  Case c;
  const int tiles = 4;
  std::uint32_t offset = 0;
  std::memcpy(&offset, c.entry() + 16 * (tiles - 1), 4);
  c.entry()[offset + 5] = 0x80;
  c.expect(ErrorCode::image_weight);
}

TEST_CASE("Accelerator errors: column masks that select a column twice") {
  Case c;
  std::uint16_t phases = 0;
  std::uint32_t bytes = 0;
  std::memcpy(&phases, c.entry() + 8, 2);
  std::memcpy(&bytes, c.entry() + 4, 4);
  REQUIRE(phases > 1);
  // The masks are the blob's last plane: 32 bits per phase, padded to 16 bytes.
  const std::size_t cells = 32 * 4 * 32, bases = static_cast<std::size_t>(phases) * 4 * 32;
  std::uint8_t* masks = c.blob() + cells + cells / 8 + (bases + 7) / 8;
  for (std::size_t i = 0; i < static_cast<std::size_t>(phases) * 4; ++i) masks[i] = 0xFF;
  c.expect(ErrorCode::image_columns);
}

TEST_CASE("Accelerator errors: weights at an address that nobody has") {
  Case c;
  c.bad.descriptor.weights = kNowhere;
  c.expect(ErrorCode::dma_address);
}

TEST_CASE("Accelerator errors: the last blobs lie beyond the memory") {
  Case c;
  const std::uint64_t edge = kDramBase + kDramBytes - 4096;
  std::memcpy(c.bench.at(edge), c.entry(), 4096);
  c.bad.descriptor.weights = edge;
  c.expect(ErrorCode::dma_address);
}

TEST_CASE("Accelerator errors: activations at an address that nobody has") {
  Case c;
  c.bad.descriptor.activations = kNowhere;
  c.expect(ErrorCode::dma_address);
}

TEST_CASE("Accelerator errors: outputs at an address that nobody has") {
  Case c;
  c.bad.descriptor.outputs = kNowhere;
  c.expect(ErrorCode::dma_address);
}

TEST_CASE("Accelerator errors: scales at an address that nobody has") {
  Case c;
  c.bad.descriptor.flags |= kFlagRequantize;
  c.bad.descriptor.scales = kNowhere;
  c.expect(ErrorCode::dma_address);
}

TEST_CASE("Accelerator errors: a shift out of range") {
  Case c;
  c.bad.descriptor.flags |= kFlagRequantize;
  c.bad.descriptor.scales = c.bench.allocate(8 * 40);
  c.bench.at(c.bad.descriptor.scales)[8 * 39 + 4] = 63;
  c.expect(ErrorCode::bad_requantization);
}

TEST_CASE("Accelerator errors: the same with resident weights") {
  AcceleratorParameters parameters;
  parameters.weights_resident = true;
  Case c(parameters);
  c.bad.descriptor.weights = kNowhere;
  c.expect(ErrorCode::dma_address);
}

TEST_CASE("Accelerator errors: the flag `stop` halts the queue until software resumes it") {
  Case c;
  c.bad.descriptor.opcode = 9;
  c.bad.descriptor.flags = kFlagStop;
  c.bench.append(c.bad.descriptor);
  c.bench.append(c.good.descriptor);
  c.bench.run([&] {
    DeviceBus& bus = c.bench.bus;
    CHECK(bus.read(reg::status) == reg::kStatusHalted);
    CHECK(bus.read(reg::ring_head) == 1);
    CHECK(bus.read(reg::irq_status) == reg::kIrqError);
    CHECK_THAT(c.bench.accelerator.waiting_for(), Catch::Contains("halted by BAD_OPCODE"));
    c.bench.ring_doorbell();
    sc_core::wait(ns(1e6));
    CHECK(bus.read(reg::completed) == 0);
    bus.write(reg::control, reg::kControlEnable | reg::kControlResume);
    sc_core::wait(ns(1e6));
    CHECK(bus.read(reg::completed) == 1);
    CHECK(bus.read(reg::status) == 0);
  });
  CHECK(c.bench.wrong_rows(c.good) == 0);
}

TEST_CASE("Accelerator errors: a descriptor that cannot be fetched halts the queue") {
  AcceleratorBench bench;
  simulate([&] {
    bench.enable();
    bench.bus.write(reg::ring_base_lo, kNowhere);
    bench.bus.write(reg::doorbell, 1);
    sc_core::wait(ns(1e5));
    CHECK(bench.bus.read(reg::error_code) == static_cast<std::uint32_t>(ErrorCode::dma_address));
    CHECK(bench.bus.read(reg::error_address_lo) == kNowhere);
    CHECK(bench.bus.read(reg::status) == reg::kStatusHalted);
  });
  bench.check_protocol();
}

TEST_CASE("Accelerator errors: doorbells out of the ring, rings that are none") {
  AcceleratorBench bench;
  simulate([&] {
    DeviceBus& bus = bench.bus;
    bus.write(reg::doorbell, 0);  // no ring yet
    CHECK(bus.read(reg::error_code) == static_cast<std::uint32_t>(ErrorCode::bad_ring));
    bench.enable();
    settle();
    CHECK(bench.irq.line.read());
    bus.write(reg::irq_status, reg::kIrqError);
    bus.write(reg::doorbell, kRingEntries);
    CHECK(bus.read(reg::error_code) == static_cast<std::uint32_t>(ErrorCode::bad_doorbell));
    CHECK(bus.read(reg::ring_tail) == 0);
    bus.write(reg::ring_base_lo, 8);
    bus.write(reg::doorbell, 1);
    CHECK(bus.read(reg::error_code) == static_cast<std::uint32_t>(ErrorCode::bad_ring));
    sc_core::wait(ns(1e5));
    CHECK(bench.accelerator.records().empty());
  });
}

TEST_CASE("Accelerator: a ring that software changes while commands wait is the old one until the next doorbell") {
  Case c;
  DeviceBus& bus = c.bench.bus;
  simulate([&] {
    c.bench.enable();
    for (int i = 0; i < 3; ++i) c.bench.append(c.good.descriptor);
    c.bench.ring_doorbell();
    bus.write(reg::ring_size, 0);
    bus.write(reg::ring_base_lo, 8);
    sc_core::wait(ns(1e6));
    CHECK(bus.read(reg::completed) == 3);
    CHECK(bus.read(reg::ring_head) == 3);
    bus.write(reg::doorbell, 3);
    CHECK(bus.read(reg::error_code) == static_cast<std::uint32_t>(ErrorCode::bad_ring));
  });
  c.bench.check_protocol();
}

TEST_CASE("Accelerator errors: misaligned and wrong-width register accesses are error responses") {
  AcceleratorBench bench;
  simulate([&] {
    CHECK(bench.bus.try_read(reg::id, 8) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(bench.bus.try_read(reg::id, 1) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(bench.bus.try_write(reg::control + 2, 1) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(bench.bus.try_write(reg::id, 1) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(bench.bus.try_read(reg::doorbell) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(bench.bus.try_read(0xFFC) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(bench.bus.read(reg::id) == reg::kId);
    CHECK(bench.bus.read(reg::macro_shape) == (4u | 5u << 8 | 5u << 12 | 4u << 16 | 1u << 24));
    CHECK(bench.bus.read(reg::array_shape) == (1u | 1u << 16));
  });
}

TEST_CASE("Accelerator: reset in the middle of a command, whenever it comes, leaves nothing behind") {
  Case c;
  simulate([&] {
    DeviceBus& bus = c.bench.bus;
    for (int step = 0; step < 60; ++step) {
      c.bench.tail = 0;
      c.bench.append(c.bad.descriptor);
      c.bench.enable();
      c.bench.ring_doorbell();
      sc_core::wait(ns(2.0 * 7 * step + 1));
      bus.write(reg::control, reg::kControlEnable | reg::kControlReset);
      settle();
      CHECK(bus.read(reg::status) == 0);
      CHECK(bus.read(reg::ring_tail) == 0);
      CHECK(bus.read(reg::control) == 0);
      CHECK_FALSE(c.bench.irq.line.read());
    }
    const std::size_t ended = c.bench.accelerator.records().size();
    c.bench.tail = 0;
    c.bench.append(c.good.descriptor);
    c.bench.enable();
    c.bench.ring_doorbell();
    sc_core::wait(ns(1e6));
    CHECK(bus.read(reg::completed) == 1);
    CHECK(c.bench.accelerator.records().size() == ended + 1);
  });
  c.bench.check_protocol();
  CHECK(c.bench.wrong_rows(c.good) == 0);
}

TEST_CASE("Accelerator: a doorbell storm runs every command once") {
  Case c;
  simulate([&] {
    c.bench.enable();
    for (int i = 0; i < 10; ++i) {
      c.bench.append(c.good.descriptor);
      for (int ring = 0; ring < 100; ++ring) {
        c.bench.ring_doorbell();
        sc_core::wait(ns(3));
      }
    }
    sc_core::wait(ns(1e6));
    CHECK(c.bench.bus.read(reg::completed) == 10);
  });
  c.bench.check_protocol();
}
