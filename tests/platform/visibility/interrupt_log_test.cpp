#include "platform/visibility/interrupt_log.h"

#include "platform/riscv/hart.h"

#include <catch2/catch.hpp>
#include <vector>

namespace flexcim {
namespace {

constexpr std::uint32_t kExternal = 0x8000'000B, kTimer = 0x8000'0007;

struct Log {
  std::vector<ServedInterrupt> served;
  InterruptLog log{[this](const ServedInterrupt& interrupt) { served.push_back(interrupt); }};

  /// Source, raised, entered, returned.
  void check(std::size_t index, const std::string& source, Picoseconds raised, Picoseconds entered,
             Picoseconds returned) const {
    REQUIRE(index < served.size());
    CHECK(log.sources()[served[index].source].name == source);
    CHECK(served[index].raised == raised);
    CHECK(served[index].entered == entered);
    CHECK(served[index].returned == returned);
  }
};

}  // namespace

TEST_CASE("Interrupt log: a timer's interrupt from the rise of its line to mret") {
  Log log;
  log.log.line("timer", true, 100);
  log.log.trapped(kTimer, 130);
  log.log.line("timer", false, 140);
  log.log.returned(150);
  log.log.line("timer", true, 200);
  log.log.trapped(kTimer, 210);
  log.log.returned(290);
  log.log.trapped(kTimer, 291);  // the line is high still
  log.log.returned(300);
  REQUIRE(log.served.size() == 3);
  log.check(0, "timer", 100, 130, 150);
  log.check(1, "timer", 200, 210, 290);
  log.check(2, "timer", 290, 291, 300);
  const InterruptSource& timer = log.log.sources().at(0);
  CHECK(timer.count == 3);
  CHECK(timer.least == 1);
  CHECK(timer.most == 30);
  CHECK(timer.sum == 30 + 10 + 1);
}

TEST_CASE("Interrupt log: an external interrupt is that of the source which is claimed") {
  Log log;
  log.log.line("FLEXCIM", true, 10);
  log.log.line("external", true, 10);
  log.log.trapped(kExternal, 40);
  log.log.claimed(1, 50);
  log.log.line("UART", true, 55);
  log.log.completed(1, 60);
  log.log.claimed(2, 70);  // in the same handler
  log.log.completed(2, 80);
  log.log.claimed(0, 85);  // nothing more
  log.log.returned(90);
  log.log.trapped(kExternal, 95);  // the accelerator's line is high still
  log.log.claimed(1, 97);
  log.log.returned(99);
  REQUIRE(log.served.size() == 3);
  log.check(0, "FLEXCIM", 10, 40, 90);
  log.check(1, "UART", 55, 70, 90);
  log.check(2, "FLEXCIM", 60, 95, 99);
}

TEST_CASE("Interrupt log: without a claim it is external, and exceptions in handlers are none") {
  Log log;
  log.log.line("external", true, 10);
  log.log.trapped(kExternal, 20);
  log.log.trapped(riscv::ecall_machine, 30);
  log.log.returned(35);
  CHECK(log.served.empty());
  log.log.returned(40);
  log.check(0, "external", 10, 20, 40);
  log.log.returned(50);  // start-up code uses mret, too
  CHECK(log.served.size() == 1);
}

TEST_CASE("Interrupt log: a claim without handler is served until it is complete") {
  Log log;
  log.log.line("FLEXCIM", true, 10);
  log.log.claimed(1, 30);
  log.log.completed(2, 35);  // another's
  log.log.completed(1, 40);
  log.check(0, "FLEXCIM", 10, 30, 40);
  CHECK(log.served[0].polled);
}

TEST_CASE("Interrupt log: handlers that never come back take no memory without end") {
  Log log;
  for (int i = 0; i < 100'000; ++i) log.log.trapped(kTimer, i);
  for (int i = 0; i < 1000; ++i) log.log.returned(100'000);
  CHECK(log.log.sources().at(0).count == 100'000);
  CHECK(log.served.size() == 256);
}

}  // namespace flexcim
