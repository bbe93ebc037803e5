// The firmware's driver on the SoC, in the native host: queues, errors, timeouts, and the examples of docs/firmware.md.
#include "platform/soc/soc.h"

#include "flow/map/image.h"
#include "flow/model/golden.h"
#include "platform/driver/firmware_driver.h"
#include "platform/firmware/driver/flexcim_driver.h"
#include "platform/firmware/driver/flexcim_soc.h"
#include "platform/host/native_host.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/default_architecture.h"
#include "tlm/interface/memory_map.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <sstream>
#include <vector>

extern "C" {  // docs/firmware.md
flexcim_descriptor layer_2_4(uint64_t weights, uint32_t weights_bytes, uint32_t out, uint32_t in, uint64_t activations,
                             uint32_t tokens, uint64_t outputs);
flexcim_status gemm_polled(const flexcim_port* port, uint64_t ring, const flexcim_descriptor* layer, uint32_t* error);
struct queue {
  flexcim_driver driver;
  flexcim_soc soc;
  flexcim_slot slots[16];
  uint32_t good, bad;
};
flexcim_status queue_start(queue* queue, const flexcim_port* port, uint64_t ring);
void queue_run(queue* queue, const flexcim_descriptor* layers, uint32_t count);
}

namespace flexcim {
namespace {

constexpr std::uint64_t kRing = memory_map::dram, kDramBytes = 0x40'0000;
constexpr std::uint64_t kTick = 100;  // ns

/// Layers in DRAM, and a host that runs `program` with the driver started.
struct SocBench {
  struct Layer {
    flexcim_descriptor command;
    Matrix<std::int32_t> golden;
  };

  std::mt19937 random{3};
  Architecture architecture = default_architecture();
  std::function<void(NativeHost&)> program;
  std::ostringstream console;
  Soc soc{"soc",  architecture, Fidelity::tlm, kDramBytes, native_host([this](NativeHost& host) { program(host); }),
          console};
  std::uint64_t next_free = memory_map::dram + 0x1'0000;
  std::vector<flexcim_status> outcomes;  ///< by ticket

  std::uint8_t* at(std::uint64_t address) { return soc.dram().store().data() + (address - memory_map::dram); }
  std::uint64_t allocate(std::size_t bytes) {
    const std::uint64_t address = next_free;
    next_free += (bytes + 63) / 64 * 64;
    REQUIRE(next_free <= memory_map::dram + kDramBytes);
    return address;
  }
  Layer layer(int out, int in, int tokens) {
    const PackedLinear linear = test::random_linear(random, {2, 4}, out, in, architecture.macro.window);
    const Matrix<std::int8_t> x = test::random_activations(random, tokens, in);
    const std::vector<std::uint8_t> image = encode_image(
        architecture.macro, make_layout(architecture.macro, linear.pattern, Sequencing::grouped, MergeMode::reduce, ""),
        linear);
    Layer made;
    made.golden = golden_gemm(unpack(linear), x);
    const std::uint64_t weights = allocate(image.size()), activations = allocate(x.size()),
                        outputs = allocate(made.golden.size() * sizeof(std::int32_t));
    std::memcpy(at(weights), image.data(), image.size());
    std::memcpy(at(activations), x.data(), x.size());
    made.command = layer_2_4(weights, static_cast<std::uint32_t>(image.size()), static_cast<std::uint32_t>(out),
                             static_cast<std::uint32_t>(in), activations, static_cast<std::uint32_t>(tokens), outputs);
    return made;
  }
  std::vector<Layer> layers(int count) {
    std::vector<Layer> made;
    for (int i = 0; i < count; ++i) made.push_back(layer(24 + 8 * (i % 3), 96 + 16 * i, 1 + i % 4));
    return made;
  }
  bool matches(const Layer& layer) {
    return std::memcmp(at(layer.command.outputs), layer.golden.data(), layer.golden.size() * sizeof(std::int32_t)) == 0;
  }
  void wipe(const Layer& layer) { std::memset(at(layer.command.outputs), 0xEE, layer.golden.size() * 4); }

  std::uint32_t submit(flexcim_driver* driver, const flexcim_descriptor& command) {
    std::uint32_t ticket = 0;
    const auto callback = [](void* self, std::uint32_t its, flexcim_status outcome, std::uint32_t) {
      auto& bench = *static_cast<SocBench*>(self);
      CHECK(its == bench.outcomes.size());  // in order
      bench.outcomes.push_back(outcome);
    };
    REQUIRE(flexcim_driver_submit(driver, &command, callback, this, &ticket) == FLEXCIM_OK);
    return ticket;
  }
  /// Runs `program`, which gets a started driver, to its end.
  void run(const std::function<void(NativeHost&, FirmwareDriver&)>& with_driver) {
    program = [&](NativeHost& host) {
      FirmwareDriver driver(host, kRing);
      driver.start();
      with_driver(host, driver);
    };
    run();
  }
  void run() {
    sc_core::sc_start();
    CHECK(soc.host().ended());
  }
};

std::vector<flexcim_status> all_ok_but(std::size_t count, std::size_t bad, flexcim_status outcome) {
  std::vector<flexcim_status> outcomes(count, FLEXCIM_OK);
  outcomes.at(bad) = outcome;
  return outcomes;
}

TEST_CASE("Firmware: a queue of layers in flight gives what one at a time gives, sooner") {
  SocBench bench;
  const std::vector<SocBench::Layer> layers = bench.layers(15);
  sc_core::sc_time alone, queued;
  bench.run([&](NativeHost& host, FirmwareDriver& driver) {
    const sc_core::sc_time start = host.now();
    for (const SocBench::Layer& each : layers) {
      Descriptor command;
      DescriptorImage image;
      std::memcpy(image.data(), &each.command, image.size());
      REQUIRE(decode(image, command));
      REQUIRE(driver.run(command).error == ErrorCode::none);
      CHECK(bench.matches(each));
      bench.wipe(each);
    }
    alone = host.now() - start;
    for (std::uint32_t i = 0; i < layers.size(); ++i) bench.outcomes.push_back(FLEXCIM_OK);  // tickets go on
    std::uint32_t last = 0;
    for (const SocBench::Layer& each : layers) last = bench.submit(driver.get(), each.command);
    CHECK(flexcim_driver_in_flight(driver.get()) >= layers.size() - 1);
    REQUIRE(flexcim_driver_wait(driver.get(), last, FLEXCIM_FOREVER) == FLEXCIM_OK);
    queued = host.now() - start - alone;
  });
  for (const SocBench::Layer& each : layers) CHECK(bench.matches(each));
  CHECK(bench.outcomes == std::vector<flexcim_status>(30, FLEXCIM_OK));
  CHECK(bench.soc.accelerator().records().size() == 30);
  CHECK(queued < alone);
}

TEST_CASE(
    "Firmware: one command at a time costs three accesses to the accelerator and two to the interrupt controller") {
  SocBench bench;
  const SocBench::Layer layer = bench.layer(32, 128, 4);
  bench.run([&](NativeHost& host, FirmwareDriver& driver) {
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t before = host.counts().bus_bytes;
      const std::uint32_t ticket = bench.submit(driver.get(), layer.command);
      REQUIRE(flexcim_driver_wait(driver.get(), ticket, FLEXCIM_FOREVER) == FLEXCIM_OK);
      // The descriptor; DOORBELL, CLAIM, IRQ_STATUS twice, CLAIM.
      CHECK(host.counts().bus_bytes - before == FLEXCIM_DESCRIPTOR_BYTES + 5 * 4);
    }
  });
}

TEST_CASE("Firmware: a refused command in the middle of a queue is skipped, or left by a reset") {
  SocBench bench;
  const std::vector<SocBench::Layer> layers = bench.layers(12);
  bench.run([&](NativeHost&, FirmwareDriver& driver) {
    flexcim_driver* const d = driver.get();
    for (const bool skip : {true, false}) {
      for (const SocBench::Layer& each : layers) bench.wipe(each);
      const auto first = static_cast<std::uint32_t>(bench.outcomes.size());
      std::uint32_t last = 0;
      for (std::size_t i = 0; i < layers.size(); ++i) {
        flexcim_descriptor command = layers[i].command;
        if (i == 5) command.activations += 4;
        last = bench.submit(d, command);
      }
      CHECK(flexcim_driver_wait(d, last, FLEXCIM_FOREVER) == FLEXCIM_HALTED);
      CHECK(d->error.code == FLEXCIM_ERROR_MISALIGNED);
      CHECK(d->error.ticket == first + 5);
      CHECK(d->error.address == kRing + std::uint64_t{(first + 5) % 16} * FLEXCIM_DESCRIPTOR_BYTES);
      CHECK(flexcim_driver_in_flight(d) == 6);
      REQUIRE((skip ? flexcim_driver_skip(d) : flexcim_driver_reset(d, 0)) == FLEXCIM_OK);
      CHECK(flexcim_driver_wait(d, last, FLEXCIM_FOREVER) == FLEXCIM_OK);
      for (std::size_t i = 0; i < layers.size(); ++i) {
        CHECK(bench.outcomes.at(first + i) == (i == 5 ? FLEXCIM_COMMAND_FAILED : FLEXCIM_OK));
        CHECK(bench.matches(layers[i]) == (i != 5));
      }
    }
  });
}

TEST_CASE("Firmware: a descriptor that is overwritten while it waits in the ring") {
  SocBench bench;
  const std::vector<SocBench::Layer> layers = bench.layers(6);
  bench.run([&](NativeHost& host, FirmwareDriver& driver) {
    flexcim_driver* const d = driver.get();
    std::uint32_t last = 0;
    for (const SocBench::Layer& each : layers) last = bench.submit(d, each.command);
    const std::uint32_t rubbish = 0xDEADBEEF;
    host.write(kRing + 4 * FLEXCIM_DESCRIPTOR_BYTES, &rubbish, sizeof rubbish);
    CHECK(flexcim_driver_wait(d, 4, FLEXCIM_FOREVER) == FLEXCIM_COMMAND_FAILED);
    CHECK(d->error.code == FLEXCIM_ERROR_BAD_OPCODE);  // 0xEF
    // The flags, 0xBE, still had STOP.
    CHECK(flexcim_driver_wait(d, last, FLEXCIM_FOREVER) == FLEXCIM_HALTED);
    REQUIRE(flexcim_driver_skip(d) == FLEXCIM_OK);
    CHECK(flexcim_driver_wait(d, last, FLEXCIM_FOREVER) == FLEXCIM_OK);
  });
  CHECK(bench.outcomes == all_ok_but(6, 4, FLEXCIM_COMMAND_FAILED));
}

TEST_CASE("Firmware: a stray doorbell out of the ring") {
  SocBench bench;
  const std::vector<SocBench::Layer> layers = bench.layers(6);
  bench.run([&](NativeHost& host, FirmwareDriver& driver) {
    flexcim_driver* const d = driver.get();
    std::uint32_t last = 0;
    for (const SocBench::Layer& each : layers) last = bench.submit(d, each.command);
    host.write32(FLEXCIM_BASE + FLEXCIM_DOORBELL, FirmwareDriver::ring_entries);
    CHECK(flexcim_driver_wait(d, last, FLEXCIM_FOREVER) == FLEXCIM_LOST);
    CHECK(d->error.code == FLEXCIM_ERROR_BAD_DOORBELL);
    CHECK(d->error.address == kRing);
    REQUIRE(flexcim_driver_reset(d, 0) == FLEXCIM_OK);
    CHECK(flexcim_driver_wait(d, last, FLEXCIM_FOREVER) == FLEXCIM_OK);
  });
  CHECK(bench.outcomes == std::vector<flexcim_status>(6, FLEXCIM_OK));
  for (const SocBench::Layer& each : layers) CHECK(bench.matches(each));
}

TEST_CASE("Firmware: a command that takes too long is given up, those behind it run") {
  SocBench bench;
  const SocBench::Layer slow = bench.layer(64, 512, 200);
  const std::vector<SocBench::Layer> layers = bench.layers(3);
  bench.run([&](NativeHost& host, FirmwareDriver& driver) {
    flexcim_driver* const d = driver.get();
    const std::uint32_t first = bench.submit(d, slow.command);
    std::uint32_t last = 0;
    for (const SocBench::Layer& each : layers) last = bench.submit(d, each.command);
    const std::uint64_t ticks = 30;
    const sc_core::sc_time start = host.now();
    CHECK(flexcim_driver_wait(d, first, ticks) == FLEXCIM_TIMEOUT);
    // Ticks are whole ones, and the accesses around the sleep take a while.
    const double waited = (host.now() - start) / sc_core::sc_time(1, sc_core::SC_NS);
    CHECK(waited >= static_cast<double>((ticks - 1) * kTick));
    CHECK(waited < static_cast<double>((ticks + 20) * kTick));
    REQUIRE(flexcim_driver_reset(d, 1) == FLEXCIM_OK);
    CHECK(flexcim_driver_wait(d, last, 1'000'000) == FLEXCIM_OK);
    CHECK_FALSE(host.pending(Interrupt::timer));  // no alarm is left
  });
  CHECK(bench.outcomes == all_ok_but(4, 0, FLEXCIM_CANCELLED));
  for (const SocBench::Layer& each : layers) CHECK(bench.matches(each));
}

TEST_CASE("Firmware: another device's interrupt is not taken for the accelerator's") {
  SocBench bench;
  const SocBench::Layer layer = bench.layer(32, 128, 4);
  bench.program = [&](NativeHost& host) {
    const flexcim_port port = native_port(host);
    queue q;
    REQUIRE(queue_start(&q, &port, kRing) == FLEXCIM_OK);
    flexcim_soc_enable_interrupts(&q.soc, 1u << FLEXCIM_INTERRUPT | 1u << UART_INTERRUPT);
    CHECK(host.read32(PLIC_BASE + PLIC_PRIORITY2) == 1);
    host.write32(UART_BASE + UART_TXCTRL, 1u << 16 | 1);  // fewer than one to send
    host.write32(UART_BASE + UART_IE, 1);
    host.wait_for_interrupt();
    CHECK(flexcim_soc_on_interrupt(&q.soc) == UART_INTERRUPT);
    host.write32(UART_BASE + UART_IE, 0);
    flexcim_soc_complete(&q.soc, UART_INTERRUPT);
    queue_run(&q, &layer.command, 1);
    CHECK(q.good == 1);
  };
  bench.run();
  CHECK(bench.matches(layer));
}

TEST_CASE("Firmware: what the bus refuses is an error of the native program, through the driver") {
  SocBench bench;
  bench.program = [](NativeHost& host) {
    FirmwareDriver driver(host, 0x4000'0000);  // nobody is there
    driver.start();
    CHECK_THROWS_AS(driver.run(Descriptor()), BusError);
  };
  bench.run();
}

TEST_CASE("Firmware: the accelerator's capabilities are the architecture's") {
  SocBench bench;
  bench.run([&](NativeHost&, FirmwareDriver& driver) {
    flexcim_capabilities found;
    REQUIRE(flexcim_driver_capabilities(driver.get(), &found) == FLEXCIM_OK);
    const MacroGeometry& macro = bench.architecture.macro;
    CHECK(found.sub_macros == static_cast<std::uint32_t>(macro.sub_macros));
    CHECK(found.rows == static_cast<std::uint32_t>(macro.rows));
    CHECK(found.columns == static_cast<std::uint32_t>(macro.cols));
    CHECK(found.pairs == static_cast<std::uint32_t>(macro.pairs_per_set));
    CHECK(found.window == static_cast<std::uint32_t>(macro.window));
    CHECK(found.array_outputs == static_cast<std::uint32_t>(bench.architecture.macros.outputs));
    CHECK(found.array_inputs == static_cast<std::uint32_t>(bench.architecture.macros.inputs));
  });
}

TEST_CASE("docs/firmware.md: a layer, polled") {
  SocBench bench;
  const SocBench::Layer layer = bench.layer(40, 160, 3);
  std::uint32_t good = 99, bad = 99;
  bench.program = [&](NativeHost& host) {
    const flexcim_port port = native_port(host);
    CHECK(gemm_polled(&port, kRing, &layer.command, &good) == FLEXCIM_OK);
    flexcim_descriptor wrong = layer.command;
    wrong.window = 7;
    CHECK(gemm_polled(&port, kRing, &wrong, &bad) == FLEXCIM_COMMAND_FAILED);
  };
  bench.run();
  CHECK(good == FLEXCIM_ERROR_NONE);
  CHECK(bad == FLEXCIM_ERROR_BAD_WINDOW);
  CHECK(bench.matches(layer));
}

TEST_CASE("docs/firmware.md: a queue, driven by interrupts, longer than its ring and with bad commands") {
  SocBench bench;
  const std::vector<SocBench::Layer> layers = bench.layers(40);
  queue q;
  bench.program = [&](NativeHost& host) {
    const flexcim_port port = native_port(host);
    REQUIRE(queue_start(&q, &port, kRing) == FLEXCIM_OK);
    std::vector<flexcim_descriptor> commands;
    for (const SocBench::Layer& each : layers) commands.push_back(each.command);
    commands[7].opcode = 200;
    commands[8].out = 0;
    commands[39].activation_stride = 1;
    queue_run(&q, commands.data(), static_cast<std::uint32_t>(commands.size()));
  };
  bench.run();
  CHECK(q.good == 37);
  CHECK(q.bad == 3);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    CHECK(bench.matches(layers[i]) == (i != 7 && i != 8 && i != 39));
  }
}

}  // namespace
}  // namespace flexcim
