#include "tlm/peripherals/timer.h"

#include "tests/tlm/device_bench.h"

using namespace flexcim;

namespace {

using Changes = std::vector<std::pair<sc_core::sc_time, bool>>;

struct TimerBench {
  DeviceBus bus;
  Timer timer;
  LineLog interrupt{"interrupt_log"};
  LineLog software{"software_log"};

  explicit TimerBench(const sc_core::sc_time& tick) : timer("timer", tick) {
    bus.connect(timer.socket);
    timer.interrupt.bind(interrupt.line);
    timer.software_interrupt.bind(software.line);
  }
  void set(std::uint32_t low_offset, std::uint64_t value) {
    bus.write(low_offset + 4, static_cast<std::uint32_t>(value >> 32));
    bus.write(low_offset, static_cast<std::uint32_t>(value));
  }
  std::uint64_t time() { return std::uint64_t{bus.read(Timer::mtime_high)} << 32 | bus.read(Timer::mtime); }
};

}  // namespace

TEST_CASE("Timer: mtime counts whole ticks from 0, mtimecmp starts at its largest value") {
  TimerBench bench(ns(100));
  simulate([&] {
    CHECK(bench.time() == 0);
    CHECK(bench.bus.read(Timer::mtimecmp) == 0xFFFFFFFF);
    CHECK(bench.bus.read(Timer::mtimecmp_high) == 0xFFFFFFFF);
    at(ns(299));
    CHECK(bench.time() == 2);
    at(ns(300));
    CHECK(bench.time() == 3);
  });
  CHECK(bench.interrupt.changes.empty());
  CHECK(sc_core::sc_time_stamp() == ns(300));  // nothing is scheduled for a compare value that never comes
}

TEST_CASE("Timer: the interrupt is a level, high from the tick mtimecmp until mtimecmp is moved") {
  TimerBench bench(ns(100));
  simulate([&] {
    at(ns(50));
    bench.set(Timer::mtimecmp, 5);
    at(ns(730));
    bench.set(Timer::mtimecmp, 9);
    at(ns(2000));
    bench.set(Timer::mtimecmp, 20);  // mtime is 20 by now: the level stays
    at(ns(2060));
    bench.set(Timer::mtimecmp, 21);
  });
  // 5 ticks * 100 ns; the write at 730 ns; 9 * 100 ns; the write at 2060 ns; 21 * 100 ns
  CHECK(bench.interrupt.changes ==
        Changes{{ns(500), true}, {ns(730), false}, {ns(900), true}, {ns(2060), false}, {ns(2100), true}});
}

TEST_CASE("Timer: an earlier compare value replaces a later one and the other way round") {
  TimerBench bench(ns(10));
  simulate([&] {
    bench.set(Timer::mtimecmp, 50);
    bench.set(Timer::mtimecmp, 20);
    at(ns(100));
    bench.set(Timer::mtimecmp, 40);
  });
  CHECK(bench.interrupt.changes == Changes{{ns(400), true}});
}

TEST_CASE("Timer: a write of mtime moves the interrupt") {
  TimerBench bench(ns(10));
  simulate([&] {
    bench.set(Timer::mtimecmp, 100);
    at(ns(205));
    bench.set(Timer::mtime, 90);  // in tick 20: tick 30 is mtime 100
    CHECK(bench.time() == 90);
    at(ns(350));
    CHECK(bench.time() == 105);
    bench.set(Timer::mtime, 0);
    settle();
    CHECK_FALSE(bench.interrupt.line.read());
  });
  // 300 ns; the write at 350 ns in tick 35; 100 ticks later
  CHECK(bench.interrupt.changes == Changes{{ns(300), true}, {ns(350), false}, {ns(1350), true}});
}

TEST_CASE("Timer: the upper halves count, mtime carries into its own") {
  TimerBench bench(ns(1));
  simulate([&] {
    bench.set(Timer::mtimecmp, 0x1'0000'0002);
    bench.set(Timer::mtime, 0xFFFFFFF0);
    at(ns(17));
    CHECK(bench.time() == 0x1'0000'0001);
  });
  CHECK(bench.interrupt.changes == Changes{{ns(16 + 2), true}});
}

TEST_CASE("Timer: mtime wraps and the level falls with it") {
  TimerBench bench(ns(1));
  simulate([&] {
    bench.set(Timer::mtime, UINT64_MAX - 3);  // 4 ticks before 0, with the compare value of reset
    at(ns(6));
    CHECK(bench.time() == 2);
  });
  CHECK(bench.interrupt.changes == Changes{{ns(3), true}, {ns(4), false}});
}

TEST_CASE("Timer: msip is one bit that drives the software interrupt, and leaves the timer's alone") {
  TimerBench bench(ns(10));
  simulate([&] {
    CHECK(bench.bus.read(Timer::msip) == 0);
    bench.set(Timer::mtimecmp, 7);
    at(ns(30));
    bench.bus.write(Timer::msip, 0xFFFFFFFF);
    CHECK(bench.bus.read(Timer::msip) == 1);
    at(ns(45));
    bench.bus.write(Timer::msip, 1);  // stays
    at(ns(50));
    bench.bus.write(Timer::msip, 0x80000000);
    CHECK(bench.bus.read(Timer::msip) == 0);
  });
  CHECK(bench.software.changes == Changes{{ns(30), true}, {ns(50), false}});
  CHECK(bench.interrupt.changes == Changes{{ns(70), true}});
}

TEST_CASE("Timer: a wrong access is an error response") {
  TimerBench bench(ns(1));
  simulate([&] {
    CHECK(bench.bus.try_read(0x4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(bench.bus.try_read(Timer::mtime, 8) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(bench.bus.try_write(Timer::mtimecmp + 2, 0) == tlm::TLM_BURST_ERROR_RESPONSE);
  });
}

TEST_CASE("Timer: a tick without length is refused") {
  CHECK_THROWS_AS(Timer("timer", sc_core::SC_ZERO_TIME), std::invalid_argument);
}

TEST_CASE("Timer: reset takes alarm and software interrupt away, and time counts on") {
  TimerBench bench(ns(100));
  simulate([&] {
    bench.set(Timer::mtimecmp, 0);
    bench.bus.write(Timer::msip, 1);
    at(ns(250));
    bench.timer.reset();
    CHECK(bench.bus.read(Timer::mtimecmp) == 0xFFFFFFFF);
    CHECK(bench.bus.read(Timer::mtimecmp_high) == 0xFFFFFFFF);
    CHECK(bench.bus.read(Timer::msip) == 0);
    CHECK(bench.time() == 2);
    at(ns(300));
  });
  CHECK(bench.interrupt.changes == Changes{{ns(0), true}, {ns(250), false}});
  CHECK(bench.software.changes == Changes{{ns(0), true}, {ns(250), false}});
}
