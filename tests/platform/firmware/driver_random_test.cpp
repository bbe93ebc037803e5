// The firmware's driver against the accelerator's own account of the commands, whatever happens between two accesses.
#include "tests/platform/firmware/fake_accelerator.h"

#include <catch2/catch.hpp>
#include <random>

using namespace flexcim::test;

namespace {

/// Commands end at any access of the driver, the handler comes at any access of who submits; bad commands are skipped
/// or left by a reset.
void random_queue(unsigned seed) {
  std::mt19937 random(seed);
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  DriverBench bench(2u << random() % 4, one_in(2));
  bench.start();
  const std::uint32_t base = one_in(2) ? 0 : static_cast<std::uint32_t>(random());
  bench.driver.submitted = bench.driver.ended = bench.driver.origin = base;
  const auto pace = static_cast<unsigned>(1 + random() % 12);
  bool submitting = false;
  bench.fake.before_access = bench.fake.after_access = [&] {
    if (one_in(pace)) bench.fake.step();
    if (!submitting || !bench.fake.irq()) return;
    submitting = false;  // the handler comes in between
    REQUIRE(bench.look() != FLEXCIM_LOST);
    submitting = true;
  };
  bench.on_end = [&](const DriverBench::Callback& ended) {
    if (ended.outcome == FLEXCIM_COMMAND_FAILED && one_in(3)) flexcim_driver_skip(&bench.driver);
  };
  std::uint32_t submitted = 0;
  const auto recover = [&] {
    if (bench.driver.state != FLEXCIM_IS_HALTED) return;
    if (one_in(2)) {
      REQUIRE(flexcim_driver_skip(&bench.driver) == FLEXCIM_OK);
    } else {
      REQUIRE(flexcim_driver_reset(&bench.driver, 0) == FLEXCIM_OK);
    }
  };
  for (int step = 0; step < 300; ++step) {
    if (one_in(2)) {
      std::uint32_t ticket = 0;
      const std::uint8_t opcode = one_in(6) ? kBadOpcode : 0;
      submitting = true;
      const flexcim_status status = bench.submit(command(submitted, opcode), &ticket);
      submitting = false;
      REQUIRE((status == FLEXCIM_OK || status == FLEXCIM_RING_FULL));
      if (status == FLEXCIM_OK) {
        REQUIRE(ticket == base + submitted);
        ++submitted;
      }
    }
    if (one_in(3)) bench.fake.step();
    if (bench.fake.irq() || one_in(2)) REQUIRE(bench.look() != FLEXCIM_LOST);
    if (one_in(2)) recover();
  }
  while (flexcim_driver_in_flight(&bench.driver) != 0) {
    bench.run();
    recover();
  }
  bench.look();
  REQUIRE_FALSE(bench.fake.irq());
  // What a reset runs again has ended more than once for the accelerator; its last end is the one that counts.
  std::map<std::uint32_t, std::uint32_t> truth;
  for (const auto& each : bench.fake.ended) truth[each.tag] = each.error;
  REQUIRE(truth.size() == submitted);
  REQUIRE(bench.log.size() == submitted);
  for (std::uint32_t i = 0; i < submitted; ++i) {
    CAPTURE(i);
    REQUIRE(bench.log[i].ticket == base + i);
    REQUIRE(bench.log[i].error == truth.at(i));
    REQUIRE((bench.log[i].outcome == FLEXCIM_OK) == (truth.at(i) == FLEXCIM_ERROR_NONE));
  }
}

}  // namespace

TEST_CASE(
    "Driver: every command ends once, in order and as it did, whenever it ends and whatever is done about errors") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    random_queue(seed);
  }
}
