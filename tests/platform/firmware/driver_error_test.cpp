// The firmware's driver where something goes wrong: failed commands, damaged memory, stray accesses, hangs; and
// recovery.
#include "tests/platform/firmware/fake_accelerator.h"

#include <catch2/catch.hpp>

using namespace flexcim::test;

namespace {

using Log = std::vector<DriverBench::Callback>;
constexpr std::uint32_t kDescriptor = FLEXCIM_DESCRIPTOR_BYTES;

/// Five commands in flight, the third of which is bad; all but the last two have ended.
struct Halted : DriverBench {
  Halted() {
    start();
    // Not from index 0 on.
    for (int i = 0; i < 6; ++i) {
      REQUIRE(submit(command()) == FLEXCIM_OK);
      REQUIRE(run() == FLEXCIM_OK);
    }
    log.clear();
    fake.ended.clear();
    for (std::uint32_t i = 0; i < 5; ++i) REQUIRE(submit(command(i, i == 2 ? kBadOpcode : 0)) == FLEXCIM_OK);
    REQUIRE(run() == FLEXCIM_HALTED);
    CHECK(log == Log{{6, FLEXCIM_OK, 0}, {7, FLEXCIM_OK, 0}, {8, FLEXCIM_COMMAND_FAILED, FLEXCIM_ERROR_BAD_OPCODE}});
    CHECK(driver.error.code == FLEXCIM_ERROR_BAD_OPCODE);
    CHECK(driver.error.ticket == 8);
    CHECK(driver.error.address == kRing);  // index 8 of 8
    CHECK(flexcim_driver_outcome(&driver, 8) == FLEXCIM_COMMAND_FAILED);
    CHECK(flexcim_driver_in_flight(&driver) == 2);
    CHECK_FALSE(fake.irq());
  }
  std::vector<std::uint32_t> tags() const {
    std::vector<std::uint32_t> all;
    for (const auto& each : fake.ended) all.push_back(each.tag);
    return all;
  }
};

}  // namespace

TEST_CASE("Driver errors: a bad command in the middle is skipped, the rest runs") {
  Halted bench;
  CHECK(flexcim_driver_wait(&bench.driver, 9, FLEXCIM_FOREVER) == FLEXCIM_HALTED);
  CHECK(bench.submit(command(5)) == FLEXCIM_OK);  // waits behind the others
  CHECK(bench.run() == FLEXCIM_NOTHING);
  CHECK(flexcim_driver_skip(&bench.driver) == FLEXCIM_OK);
  CHECK(flexcim_driver_skip(&bench.driver) == FLEXCIM_INVALID);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.tags() == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
  CHECK(flexcim_driver_wait(&bench.driver, 9, FLEXCIM_FOREVER) == FLEXCIM_OK);
  CHECK(flexcim_driver_wait(&bench.driver, 8, FLEXCIM_FOREVER) == FLEXCIM_COMMAND_FAILED);
  CHECK(bench.log.size() == 6);
}

TEST_CASE("Driver errors: a bad command in the middle is left by a reset, the rest runs") {
  Halted bench;
  CHECK(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_OK);
  CHECK(bench.fake.get(FLEXCIM_RING_TAIL) == 2);  // the two that were left, from the ring's beginning on
  CHECK(bench.log.size() == 3);
  CHECK(bench.submit(command(5)) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.tags() == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
  CHECK(bench.log.back() == DriverBench::Callback{11, FLEXCIM_OK, 0});
  CHECK(flexcim_driver_outcome(&bench.driver, 8) == FLEXCIM_COMMAND_FAILED);
}

TEST_CASE("Driver errors: a reset gives up as many as it is told") {
  for (const std::uint32_t give_up : {1u, 2u, 100u}) {
    Halted bench;
    bench.log.clear();
    bench.on_end = [&](const DriverBench::Callback&) { CHECK(bench.submit(command()) == FLEXCIM_STOPPED); };
    CHECK(flexcim_driver_reset(&bench.driver, give_up) == FLEXCIM_OK);
    bench.on_end = [](const DriverBench::Callback&) {};
    CHECK(bench.log.size() == std::min(give_up, 2u));
    for (const auto& each : bench.log) CHECK(each.outcome == FLEXCIM_CANCELLED);
    CHECK(flexcim_driver_outcome(&bench.driver, 9) == FLEXCIM_CANCELLED);
    CHECK(flexcim_driver_wait(&bench.driver, 9, 0) == FLEXCIM_CANCELLED);
    CHECK(bench.run() == (give_up == 1 ? FLEXCIM_OK : FLEXCIM_NOTHING));
    CHECK(flexcim_driver_in_flight(&bench.driver) == 0);
    REQUIRE(bench.submit(command()) == FLEXCIM_OK);
    CHECK(bench.run() == FLEXCIM_OK);
  }
}

TEST_CASE("Driver errors: the callback of a bad command skips it") {
  DriverBench bench;
  bench.start();
  bench.on_end = [&](const DriverBench::Callback& ended) {
    if (ended.outcome == FLEXCIM_COMMAND_FAILED) CHECK(flexcim_driver_skip(&bench.driver) == FLEXCIM_OK);
    if (ended.outcome == FLEXCIM_OK) CHECK(flexcim_driver_skip(&bench.driver) == FLEXCIM_INVALID);
  };
  for (std::uint32_t i = 0; i < 7; ++i) REQUIRE(bench.submit(command(i, i % 2 == 1 ? kBadOpcode : 0)) == FLEXCIM_OK);
  while (bench.run() == FLEXCIM_OK) {
  }
  REQUIRE(bench.log.size() == 7);
  for (std::uint32_t i = 0; i < 7; ++i) {
    CHECK(bench.log[i].ticket == i);
    CHECK(bench.log[i].outcome == (i % 2 == 1 ? FLEXCIM_COMMAND_FAILED : FLEXCIM_OK));
  }
}

TEST_CASE("Driver errors: a descriptor that memory has damaged is reported as its own command's error") {
  DriverBench bench;
  bench.start();
  for (std::uint32_t i = 0; i < 4; ++i) REQUIRE(bench.submit(command(i)) == FLEXCIM_OK);
  bench.fake.memory[2 * kDescriptor] = 0x55;  // the opcode of the third
  CHECK(bench.run() == FLEXCIM_HALTED);
  CHECK(bench.driver.error.code == FLEXCIM_ERROR_BAD_OPCODE);
  CHECK(bench.driver.error.ticket == 2);
  CHECK(flexcim_driver_skip(&bench.driver) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log.size() == 4);
}

TEST_CASE("Driver errors: damage that takes the flag STOP away, too, is still blamed on the right command") {
  for (std::uint32_t bad = 0; bad < 4; ++bad) {
    DriverBench bench;
    bench.start();
    for (std::uint32_t i = 0; i < 4; ++i) REQUIRE(bench.submit(command(i)) == FLEXCIM_OK);
    bench.fake.memory[bad * kDescriptor + FLEXCIM_DESCRIPTOR_FLAGS_OFFSET] = 0x80;
    CHECK(bench.run() == FLEXCIM_OK);  // the queue went on
    REQUIRE(bench.log.size() == 4);
    for (std::uint32_t i = 0; i < 4; ++i) {
      CHECK(bench.log[i] == (i == bad ? DriverBench::Callback{i, FLEXCIM_COMMAND_FAILED, FLEXCIM_ERROR_BAD_FLAGS}
                                      : DriverBench::Callback{i, FLEXCIM_OK, 0}));
    }
    CHECK(bench.driver.error.ticket == bad);
    CHECK(flexcim_driver_skip(&bench.driver) == FLEXCIM_INVALID);
  }
}

TEST_CASE("Driver errors: a descriptor that memory has wiped ends silently, and a reset writes it again") {
  DriverBench bench(8, false);
  bench.start();
  std::uint32_t ticket = 0;
  REQUIRE(bench.submit(command(3), &ticket) == FLEXCIM_OK);
  std::fill_n(bench.fake.memory.begin(), kDescriptor, std::uint8_t{0});
  while (bench.fake.step()) {
  }
  CHECK(flexcim_driver_wait(&bench.driver, ticket, 100) == FLEXCIM_TIMEOUT);
  CHECK(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_OK);
  while (bench.fake.step()) {
  }
  CHECK(flexcim_driver_wait(&bench.driver, ticket, 100) == FLEXCIM_OK);
  CHECK(bench.fake.ended.back().tag == 3);
}

TEST_CASE("Driver errors: a command that hangs is given up after a timeout") {
  DriverBench bench(8, false);
  bench.start();
  for (std::uint32_t i = 0; i < 3; ++i) REQUIRE(bench.submit(command(i)) == FLEXCIM_OK);
  CHECK(flexcim_driver_wait(&bench.driver, 0, 50) == FLEXCIM_TIMEOUT);
  CHECK(flexcim_driver_reset(&bench.driver, 1) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log == Log{{0, FLEXCIM_CANCELLED, 0}, {1, FLEXCIM_OK, 0}, {2, FLEXCIM_OK, 0}});
}

TEST_CASE("Driver errors: a stray doorbell out of the ring loses the queue until a reset") {
  DriverBench bench;
  bench.start();
  for (std::uint32_t i = 0; i < 3; ++i) REQUIRE(bench.submit(command(i)) == FLEXCIM_OK);
  REQUIRE(bench.fake.step());
  bench.port.write32(bench.port.context, kRegisters + FLEXCIM_DOORBELL, 8);
  CHECK(bench.look() == FLEXCIM_LOST);
  CHECK(bench.driver.error.code == FLEXCIM_ERROR_BAD_DOORBELL);
  CHECK(bench.driver.error.address == kRing);
  CHECK(bench.log == Log{{0, FLEXCIM_OK, 0}});  // it had ended
  CHECK(bench.submit(command()) == FLEXCIM_LOST);
  CHECK(flexcim_driver_wait(&bench.driver, 1, FLEXCIM_FOREVER) == FLEXCIM_LOST);
  CHECK(bench.run() == FLEXCIM_LOST);
  CHECK_FALSE(bench.fake.irq());  // no storm
  CHECK(flexcim_driver_skip(&bench.driver) == FLEXCIM_INVALID);
  CHECK(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log == Log{{0, FLEXCIM_OK, 0}, {1, FLEXCIM_OK, 0}, {2, FLEXCIM_OK, 0}});
}

TEST_CASE("Driver errors: ring registers that somebody has overwritten are found by the next command") {
  DriverBench bench;
  bench.start();
  bench.fake.poke(FLEXCIM_RING_SIZE, 1);
  REQUIRE(bench.submit(command(4)) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_LOST);
  CHECK(bench.driver.error.code == FLEXCIM_ERROR_BAD_RING);
  CHECK(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.fake.ended.back().tag == 4);
}

TEST_CASE("Driver errors: a head that cannot be loses the queue, and nothing is said to have ended") {
  for (const std::uint32_t head : {3u, 7u, 8u, UINT32_MAX}) {
    DriverBench bench;
    bench.start();
    for (std::uint32_t i = 0; i < 2; ++i) REQUIRE(bench.submit(command(i)) == FLEXCIM_OK);
    bench.fake.step();
    bench.fake.poke(FLEXCIM_RING_HEAD, head);
    CAPTURE(head);
    CHECK(bench.look() == FLEXCIM_LOST);
    CHECK(bench.driver.error.code == FLEXCIM_ERROR_NONE);
    CHECK(bench.log.empty());
    CHECK(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_OK);
    CHECK(bench.run() == FLEXCIM_OK);
    CHECK(bench.log.size() == 2);
  }
}

TEST_CASE("Driver errors: an error whose address is no command's loses the queue") {
  for (const std::uint64_t address :
       {kRing + 8, kRing - kDescriptor, kRing + 8 * kDescriptor, kRing + 3 * kDescriptor}) {
    DriverBench bench;
    bench.start();
    for (std::uint32_t i = 0; i < 2; ++i) REQUIRE(bench.submit(command(i, kBadOpcode)) == FLEXCIM_OK);
    bench.fake.step();
    bench.fake.poke(FLEXCIM_ERROR_ADDRESS_LO, static_cast<std::uint32_t>(address));
    bench.fake.poke(FLEXCIM_ERROR_ADDRESS_HI, static_cast<std::uint32_t>(address >> 32));
    CAPTURE(address);
    CHECK(bench.look() == FLEXCIM_LOST);
    CHECK(bench.driver.error.address == address);
    for (const auto& each : bench.log) CHECK(each.outcome == FLEXCIM_OK);
    CHECK(flexcim_driver_reset(&bench.driver, 100) == FLEXCIM_OK);
    CHECK(flexcim_driver_in_flight(&bench.driver) == 0);
  }
}

TEST_CASE("Driver errors: somebody else's reset of the accelerator is mended by one of the driver's") {
  DriverBench bench(8, false);
  bench.start();
  for (std::uint32_t i = 0; i < 3; ++i) REQUIRE(bench.submit(command(i)) == FLEXCIM_OK);
  bench.port.write32(bench.port.context, kRegisters + FLEXCIM_CONTROL, FLEXCIM_CONTROL_RESET_MASK);
  CHECK(flexcim_driver_wait(&bench.driver, 2, 50) == FLEXCIM_TIMEOUT);
  CHECK(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_OK);
  CHECK(bench.run() == FLEXCIM_OK);
  CHECK(bench.log.size() == 3);
}
