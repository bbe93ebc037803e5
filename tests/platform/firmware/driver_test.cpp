// The firmware's driver where all goes well: register traffic, the ring, interrupts, polling, waiting; every status.
#include "tests/platform/firmware/fake_accelerator.h"
#include "tlm/interface/descriptor.h"
#include "tlm/interface/registers.h"

#include <catch2/catch.hpp>
#include <random>

extern "C" flexcim_port mmio_port_of_c(void);

using namespace flexcim;
using namespace flexcim::test;

namespace {

using Access = FakeAccelerator::Access;
using Accesses = std::vector<Access>;
using Log = std::vector<DriverBench::Callback>;

Access read(std::uint32_t offset, std::uint32_t value) { return {false, offset, value}; }
Access write(std::uint32_t offset, std::uint32_t value) { return {true, offset, value}; }

constexpr std::uint32_t kDone = FLEXCIM_IRQ_STATUS_DONE_MASK;

}  // namespace

TEST_CASE("Driver: init looks for the identity and writes nothing") {
  DriverBench bench;
  CHECK(flexcim_driver_init(&bench.driver, &bench.port, &bench.config) == FLEXCIM_OK);
  CHECK(bench.fake.accesses == Accesses{read(FLEXCIM_ID, 0xF1ECC1A0)});
  bench.fake.poke(FLEXCIM_ID, 0xFFFFFFFF);
  CHECK(flexcim_driver_init(&bench.driver, &bench.port, &bench.config) == FLEXCIM_NO_DEVICE);
}

TEST_CASE("Driver: init refuses what is no ring, before any access") {
  DriverBench bench;
  const auto refused = [&](const flexcim_config& config) {
    return flexcim_driver_init(&bench.driver, &bench.port, &config) == FLEXCIM_INVALID && bench.fake.accesses.empty();
  };
  for (const std::uint32_t entries : {0u, 1u, 3u, 6u, 65537u, 131072u, 0x80000000u}) {
    flexcim_config config = bench.config;
    config.entries = entries;
    CAPTURE(entries);
    CHECK(refused(config));
  }
  flexcim_config config = bench.config;
  config.ring += 8;
  CHECK(refused(config));
  config = bench.config;
  config.slots = nullptr;
  CHECK(refused(config));
  CHECK(flexcim_driver_init(nullptr, &bench.port, &bench.config) == FLEXCIM_INVALID);
  CHECK(flexcim_driver_init(&bench.driver, nullptr, &bench.config) == FLEXCIM_INVALID);
  CHECK(flexcim_driver_init(&bench.driver, &bench.port, nullptr) == FLEXCIM_INVALID);
}

TEST_CASE("Driver: start resets the accelerator, gives it the ring, and enables it last") {
  for (const bool interrupts : {true, false}) {
    DriverBench bench(8, interrupts);
    REQUIRE(flexcim_driver_init(&bench.driver, &bench.port, &bench.config) == FLEXCIM_OK);
    bench.fake.accesses.clear();
    CHECK(flexcim_driver_start(&bench.driver) == FLEXCIM_OK);
    Accesses expected{write(FLEXCIM_CONTROL, 2), write(FLEXCIM_RING_BASE_LO, 0x8000'0100),
                      write(FLEXCIM_RING_BASE_HI, 0x3), write(FLEXCIM_RING_SIZE, 8)};
    if (interrupts) expected.push_back(write(FLEXCIM_IRQ_ENABLE, 3));
    expected.push_back(write(FLEXCIM_CONTROL, 1));
    CHECK(bench.fake.accesses == expected);
    CHECK(flexcim_driver_start(&bench.driver) == FLEXCIM_INVALID);
  }
}

TEST_CASE("Driver: before it is started it does nothing") {
  DriverBench bench;
  REQUIRE(flexcim_driver_init(&bench.driver, &bench.port, &bench.config) == FLEXCIM_OK);
  bench.fake.accesses.clear();
  CHECK(bench.submit(command()) == FLEXCIM_STOPPED);
  CHECK(bench.look() == FLEXCIM_STOPPED);
  CHECK(flexcim_driver_skip(&bench.driver) == FLEXCIM_INVALID);
  CHECK(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_STOPPED);
  CHECK(flexcim_driver_outcome(&bench.driver, 0) == FLEXCIM_INVALID);
  CHECK(flexcim_driver_wait(&bench.driver, 0, FLEXCIM_FOREVER) == FLEXCIM_INVALID);
  CHECK(bench.fake.accesses.empty());
}

TEST_CASE("Driver: capabilities are the fields of the shape registers") {
  DriverBench bench;
  bench.start();
  flexcim_capabilities found;
  CHECK(flexcim_driver_capabilities(&bench.driver, &found) == FLEXCIM_OK);
  CHECK(found.version == 2);
  CHECK(found.sub_macros == 4);
  CHECK(found.rows == 32);
  CHECK(found.columns == 64);
  CHECK(found.pairs == 7);
  CHECK(found.window == 2);
  CHECK(found.array_outputs == 3);
  CHECK(found.array_inputs == 9);
  bench.fake.poke(FLEXCIM_VERSION, 3);
  CHECK(flexcim_driver_capabilities(&bench.driver, &found) == FLEXCIM_OTHER_VERSION);
  CHECK(found.version == 3);
  CHECK(found.rows == 0);
}

TEST_CASE("Driver: one command at a time costs a write, and a read and a write in the handler") {
  DriverBench bench(4);
  bench.start();
  for (std::uint32_t i = 0; i < 10; ++i) {
    bench.fake.accesses.clear();
    std::uint32_t ticket = 99;
    CHECK(bench.submit(command(i), &ticket) == FLEXCIM_OK);
    CHECK(ticket == i);
    CHECK(flexcim_driver_in_flight(&bench.driver) == 1);
    CHECK(flexcim_driver_outcome(&bench.driver, ticket) == FLEXCIM_PENDING);
    CHECK(bench.run() == FLEXCIM_OK);
    CHECK(bench.fake.accesses == Accesses{write(FLEXCIM_DOORBELL, (i + 1) % 4), read(FLEXCIM_IRQ_STATUS, kDone),
                                          write(FLEXCIM_IRQ_STATUS, kDone)});
    CHECK_FALSE(bench.fake.irq());
    CHECK(flexcim_driver_in_flight(&bench.driver) == 0);
    CHECK(flexcim_driver_outcome(&bench.driver, ticket) == FLEXCIM_OK);
    CHECK(bench.log == Log{{i, FLEXCIM_OK, FLEXCIM_ERROR_NONE}});
    bench.log.clear();
  }
}

TEST_CASE("Driver: a command may end, and its handler run, before submit returns") {
  DriverBench bench(4);
  bench.start();
  bench.fake.after_access = [&] {
    if (bench.fake.step()) CHECK(bench.look() == FLEXCIM_OK);
  };
  for (std::uint32_t i = 0; i < 10; ++i) {
    std::uint32_t ticket = 99;
    CHECK(bench.submit(command(), &ticket) == FLEXCIM_OK);
    CHECK(ticket == i);
    CHECK(bench.log.size() == i + 1);
    CHECK(flexcim_driver_in_flight(&bench.driver) == 0);
  }
}

TEST_CASE("Driver: many commands end with one interrupt, in order") {
  DriverBench bench(8);
  bench.start();
  for (std::uint32_t i = 0; i < 5; ++i) REQUIRE(bench.submit(command(i)) == FLEXCIM_OK);
  for (int i = 0; i < 3; ++i) REQUIRE(bench.fake.step());
  bench.fake.accesses.clear();
  CHECK(bench.look() == FLEXCIM_OK);
  CHECK(bench.fake.accesses == Accesses{read(FLEXCIM_IRQ_STATUS, kDone), write(FLEXCIM_IRQ_STATUS, kDone),
                                        read(FLEXCIM_RING_HEAD, 3), read(FLEXCIM_IRQ_STATUS, 0)});
  CHECK(bench.log == Log{{0, FLEXCIM_OK, 0}, {1, FLEXCIM_OK, 0}, {2, FLEXCIM_OK, 0}});
  CHECK(flexcim_driver_in_flight(&bench.driver) == 2);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log.size() == 5);

  // One at a time, they go on to cost a look at the ring, until a reset: a DONE may be left over.
  for (const std::size_t expected : {5u, 3u}) {
    bench.fake.accesses.clear();
    REQUIRE(bench.submit(command()) == FLEXCIM_OK);
    CHECK(bench.run() == FLEXCIM_OK);
    CHECK(bench.fake.accesses.size() == expected);
    REQUIRE(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_OK);
  }
}

TEST_CASE("Driver: a full ring takes nothing, until a command ends") {
  for (const std::uint32_t entries : {2u, 4u, 16u}) {
    DriverBench bench(entries);
    bench.start();
    for (std::uint32_t i = 0; i + 1 < entries; ++i) REQUIRE(bench.submit(command(i)) == FLEXCIM_OK);
    bench.fake.accesses.clear();
    const std::vector<std::uint8_t> before = bench.fake.memory;
    std::uint32_t ticket = 99;
    CHECK(bench.submit(command(7), &ticket) == FLEXCIM_RING_FULL);
    CHECK(ticket == 99);
    CHECK(bench.fake.accesses.empty());
    CHECK(bench.fake.memory == before);
    REQUIRE(bench.fake.step());
    CHECK(bench.submit(command(7)) == FLEXCIM_RING_FULL);  // the driver has not seen it yet
    CHECK(bench.look() == FLEXCIM_OK);
    CHECK(bench.submit(command(7)) == FLEXCIM_OK);
    CHECK(bench.run() == FLEXCIM_OK);
    CHECK(bench.log.size() == entries);
    CHECK(bench.fake.ended.back().tag == 7);
  }
}

TEST_CASE("Driver: tickets wrap around 2^32 in the middle of a full ring") {
  DriverBench bench(8);
  bench.start();
  bench.driver.submitted = bench.driver.ended = bench.driver.origin = UINT32_MAX - 3;
  std::vector<std::uint32_t> tickets(7);
  for (std::uint32_t& ticket : tickets) REQUIRE(bench.submit(command(), &ticket) == FLEXCIM_OK);
  CHECK(tickets == std::vector<std::uint32_t>{UINT32_MAX - 3, UINT32_MAX - 2, UINT32_MAX - 1, UINT32_MAX, 0, 1, 2});
  CHECK(bench.submit(command()) == FLEXCIM_RING_FULL);
  for (int i = 0; i < 5; ++i) bench.fake.step();
  CHECK(bench.look() == FLEXCIM_OK);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(flexcim_driver_outcome(&bench.driver, tickets[i]) == (i < 5 ? FLEXCIM_OK : FLEXCIM_PENDING));
  }
  CHECK(flexcim_driver_outcome(&bench.driver, 3) == FLEXCIM_INVALID);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log.size() == 7);
}

TEST_CASE("Driver: a descriptor lies in the ring as the accelerator's own encoding has it, with two flags") {
  std::mt19937_64 random(5);
  DriverBench bench(2);
  bench.start();
  for (int round = 0; round < 200; ++round) {
    Descriptor d;
    flexcim_descriptor c = {};
    const auto draw = [&](auto& a, auto& b) { a = b = static_cast<std::decay_t<decltype(a)>>(random()); };
    draw(d.opcode, c.opcode), draw(d.flags, c.flags), draw(d.pattern_n, c.pattern_n), draw(d.pattern_m, c.pattern_m);
    draw(d.sequencing, c.sequencing), draw(d.merge, c.merge), draw(d.window, c.window), draw(d.tag, c.tag);
    draw(d.out, c.out), draw(d.in, c.in), draw(d.tokens, c.tokens), draw(d.weights_bytes, c.weights_bytes);
    draw(d.activation_stride, c.activation_stride), draw(d.weights, c.weights), draw(d.activations, c.activations);
    draw(d.outputs, c.outputs), draw(d.output_stride, c.output_stride), draw(d.scales, c.scales);
    d.flags |= kFlagInterrupt | kFlagStop;
    const std::uint32_t index = bench.fake.get(FLEXCIM_RING_TAIL);
    REQUIRE(bench.submit(c) == FLEXCIM_OK);
    const DescriptorImage image = encode(d);
    CHECK(std::memcmp(&bench.fake.memory[index * kDescriptorBytes], image.data(), image.size()) == 0);
    REQUIRE(flexcim_driver_reset(&bench.driver, 1) == FLEXCIM_OK);
  }
}

TEST_CASE("Driver: the C header's numbers are the declarations'") {
  namespace reg = accelerator_registers;
  CHECK(FLEXCIM_IRQ_STATUS == reg::irq_status);
  CHECK(FLEXCIM_ID_RESET == reg::kId);
  CHECK(FLEXCIM_VERSION_RESET == reg::kVersion);
  CHECK(FLEXCIM_CONTROL_RESUME_MASK == reg::kControlResume);
  CHECK(FLEXCIM_RING_MIN_ENTRIES == reg::kMinRingEntries);
  CHECK(FLEXCIM_RING_MAX_ENTRIES == reg::kMaxRingEntries);
  CHECK(FLEXCIM_DESCRIPTOR_SCALES_OFFSET == offsetof(flexcim_descriptor, scales));
  CHECK(FLEXCIM_SEQUENCING_DENSE_SLOT == static_cast<unsigned>(Sequencing::dense_slot));
  CHECK(FLEXCIM_MERGE_CONCAT == static_cast<unsigned>(MergeMode::concat));
  CHECK(FLEXCIM_ERROR_BAD_RING == static_cast<unsigned>(ErrorCode::bad_ring));
}

TEST_CASE("Driver: spurious interrupts change nothing, however many there are") {
  DriverBench bench;
  bench.start();
  REQUIRE(bench.submit(command()) == FLEXCIM_OK);
  bench.fake.accesses.clear();
  for (int i = 0; i < 1000; ++i) CHECK(bench.look() == FLEXCIM_NOTHING);
  CHECK(bench.fake.accesses.size() == 1000);  // IRQ_STATUS
  CHECK(bench.log.empty());
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log.size() == 1);
}

TEST_CASE("Driver: a DONE that was left over is not taken for the next command's") {
  DriverBench bench;
  bench.start();
  for (int i = 0; i < 2; ++i) REQUIRE(bench.submit(command()) == FLEXCIM_OK);
  REQUIRE(bench.fake.step());
  // The second command ends behind the driver's clearing of DONE and before its look at the head.
  bench.fake.before_access = [&] {
    if (!bench.fake.accesses.empty() && bench.fake.accesses.back() == write(FLEXCIM_IRQ_STATUS, kDone)) {
      bench.fake.step();
    }
  };
  CHECK(bench.look() == FLEXCIM_OK);
  CHECK(bench.log.size() == 2);
  bench.fake.before_access = [] {};
  CHECK(bench.fake.irq());
  REQUIRE(bench.submit(command()) == FLEXCIM_OK);
  CHECK(bench.look() == FLEXCIM_NOTHING);
  CHECK(bench.log.size() == 2);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log.size() == 3);
}

TEST_CASE("Driver: an interrupt that cannot be cleared ends in a handler that returns") {
  DriverBench bench;
  bench.start();
  bench.fake.stuck = true;
  for (int i = 0; i < 3; ++i) REQUIRE(bench.submit(command()) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log.size() == 3);
  bench.fake.accesses.clear();
  for (int i = 0; i < 100; ++i) CHECK(bench.look() == FLEXCIM_NOTHING);
  CHECK(bench.fake.accesses.size() <= 400);
}

TEST_CASE("Driver: callbacks may submit the next command, and only that") {
  DriverBench bench(4);
  bench.start();
  std::uint32_t left = 20;
  bench.on_end = [&](const DriverBench::Callback&) {
    CHECK(bench.look() == FLEXCIM_BUSY);
    CHECK(flexcim_driver_wait(&bench.driver, 0, FLEXCIM_FOREVER) == FLEXCIM_BUSY);
    CHECK(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_BUSY);
    if (left == 0) return;
    CHECK(bench.submit(command(left)) == FLEXCIM_OK);  // its own place, at least, is free
    --left;
  };
  for (int i = 0; i < 3; ++i) REQUIRE(bench.submit(command()) == FLEXCIM_OK);
  while (bench.run() == FLEXCIM_OK) {
  }
  CHECK(bench.log.size() == 23);
  CHECK(flexcim_driver_in_flight(&bench.driver) == 0);
  for (std::uint32_t i = 0; i < 23; ++i) CHECK(bench.log[i].ticket == i);
}

TEST_CASE("Driver: without a callback, and without place for the ticket") {
  DriverBench bench;
  bench.start();
  const flexcim_descriptor d = command();
  CHECK(flexcim_driver_submit(&bench.driver, &d, nullptr, nullptr, nullptr) == FLEXCIM_OK);
  CHECK(flexcim_driver_submit(&bench.driver, nullptr, nullptr, nullptr, nullptr) == FLEXCIM_INVALID);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(flexcim_driver_outcome(&bench.driver, 0) == FLEXCIM_OK);
}

TEST_CASE("Driver: an outcome is kept as long as its place is not used again") {
  DriverBench bench(4);
  bench.start();
  REQUIRE(bench.submit(command(0, kBadOpcode)) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_HALTED);
  REQUIRE(flexcim_driver_skip(&bench.driver) == FLEXCIM_OK);
  for (std::uint32_t i = 1; i < 8; ++i) {
    CHECK(flexcim_driver_outcome(&bench.driver, 0) == (i <= 4 ? FLEXCIM_COMMAND_FAILED : FLEXCIM_FORGOTTEN));
    REQUIRE(bench.submit(command()) == FLEXCIM_OK);
    REQUIRE(bench.run() == FLEXCIM_OK);
    CHECK(flexcim_driver_outcome(&bench.driver, i) == FLEXCIM_OK);
    for (const std::uint32_t ahead : {1u, 2u, 5u, 0x7FFF'FFF0u}) {
      CHECK(flexcim_driver_outcome(&bench.driver, i + ahead) == FLEXCIM_INVALID);
    }
  }
}

TEST_CASE("Driver: waiting by polling") {
  DriverBench bench(8, false);
  bench.start();
  std::uint32_t first = 0, second = 0;
  REQUIRE(bench.submit(command(1), &first) == FLEXCIM_OK);
  REQUIRE(bench.submit(command(2), &second) == FLEXCIM_OK);
  int looks = 0;
  bench.fake.before_access = [&] {
    if (++looks % 10 == 0) bench.fake.step();
  };
  CHECK(flexcim_driver_wait(&bench.driver, first, 0) == FLEXCIM_TIMEOUT);
  CHECK(looks == 1);  // a look at IRQ_STATUS
  CHECK(flexcim_driver_wait(&bench.driver, second, FLEXCIM_FOREVER) == FLEXCIM_OK);
  CHECK(looks >= 20);
  CHECK(bench.log.size() == 2);
  CHECK_FALSE(bench.fake.irq());
  bench.fake.accesses.clear();
  CHECK(flexcim_driver_wait(&bench.driver, first, 0) == FLEXCIM_OK);
  CHECK(flexcim_driver_wait(&bench.driver, second + 1, 0) == FLEXCIM_INVALID);
}

TEST_CASE("Driver: a timeout is over after its time, also where the clock wraps around") {
  for (const std::uint32_t start : {0u, 1000u, UINT32_MAX - 5}) {
    DriverBench bench(8, false);
    bench.start();
    std::uint32_t ticket = 0;
    REQUIRE(bench.submit(command(), &ticket) == FLEXCIM_OK);
    bench.now = start;
    CHECK(flexcim_driver_wait(&bench.driver, ticket, 20) == FLEXCIM_TIMEOUT);
    CHECK(bench.now == start + 21);  // it is looked at 21 times, from `start` to `start` + 20
    CHECK(bench.run() == FLEXCIM_OK);
    CHECK(flexcim_driver_wait(&bench.driver, ticket, 20) == FLEXCIM_OK);
  }
}

TEST_CASE("Driver: waiting asleep is told how much time is left") {
  DriverBench bench(8, true);
  bench.start();
  std::uint32_t ticket = 0;
  REQUIRE(bench.submit(command(), &ticket) == FLEXCIM_OK);
  std::vector<std::uint32_t> left;
  bench.on_idle = [&](std::uint32_t time_left) {
    left.push_back(time_left);
    bench.now += 10;
    if (left.size() == 3) bench.run();
  };
  CHECK(flexcim_driver_wait(&bench.driver, ticket, 1000) == FLEXCIM_OK);
  CHECK(left == std::vector<std::uint32_t>{999, 988, 977});  // the clock counts by 11
  CHECK(flexcim_driver_wait(&bench.driver, ticket, FLEXCIM_FOREVER) == FLEXCIM_OK);
  CHECK(left.size() == 3);  // it had ended

  REQUIRE(bench.submit(command(), &ticket) == FLEXCIM_OK);
  left.clear();
  bench.on_idle = [&](std::uint32_t time_left) {
    left.push_back(time_left);
    if (left.size() == 2) bench.run();
  };
  CHECK(flexcim_driver_wait(&bench.driver, ticket, FLEXCIM_FOREVER) == FLEXCIM_OK);
  CHECK(left == std::vector<std::uint32_t>{FLEXCIM_FOREVER, FLEXCIM_FOREVER});
}

TEST_CASE("Driver: what cannot be waited for is refused") {
  DriverBench bench(8, true);
  bench.config.time = nullptr;
  bench.start();
  std::uint32_t ticket = 0;
  REQUIRE(bench.submit(command(), &ticket) == FLEXCIM_OK);
  CHECK(flexcim_driver_wait(&bench.driver, ticket, 5) == FLEXCIM_INVALID);
  CHECK(flexcim_driver_wait(&bench.driver, ticket, 0) == FLEXCIM_TIMEOUT);  // needs no clock
  DriverBench sleepless(8, true);
  sleepless.config.idle = nullptr;
  sleepless.start();
  REQUIRE(sleepless.submit(command(), &ticket) == FLEXCIM_OK);
  CHECK(flexcim_driver_wait(&sleepless.driver, ticket, FLEXCIM_FOREVER) == FLEXCIM_INVALID);
  CHECK(flexcim_driver_wait(&sleepless.driver, ticket, 0) == FLEXCIM_TIMEOUT);
}

TEST_CASE("The port of volatile accesses reads, writes and copies words") {
  const flexcim_port port = mmio_port_of_c();
  alignas(16) std::uint32_t words[32] = {};
  const auto address = reinterpret_cast<std::uintptr_t>(&words[0]);
  port.write32(port.context, address + 8, 0x1234'5678);
  CHECK(words[2] == 0x1234'5678);
  CHECK(port.read32(port.context, address + 8) == 0x1234'5678);
  flexcim_descriptor d = command(77);
  d.scales = 0x0102'0304'0506'0708;
  port.write(port.context, address, &d, sizeof d);
  port.barrier(port.context);
  CHECK(std::memcmp(words, &d, sizeof d) == 0);
}
