#include "tlm/peripherals/interrupt_controller.h"

#include "tests/tlm/device_bench.h"

using namespace flexcim;

namespace {

using Plic = InterruptController;
using Changes = std::vector<std::pair<sc_core::sc_time, bool>>;

struct ControllerBench {
  DeviceBus bus;
  Plic plic;
  sc_core::sc_vector<sc_core::sc_signal<bool>> source;
  LineLog interrupt{"interrupt_log"};

  explicit ControllerBench(int sources = 3) : plic("plic", sources), source("line", static_cast<std::size_t>(sources)) {
    bus.connect(plic.socket);
    plic.sources.bind(source);
    plic.interrupt.bind(interrupt.line);
  }
  void raise(int id) { source[static_cast<std::size_t>(id - 1)].write(true), settle(); }
  void lower(int id) { source[static_cast<std::size_t>(id - 1)].write(false), settle(); }
  std::uint32_t claim() {
    const std::uint32_t id = bus.read(Plic::claim);
    settle();
    return id;
  }
  void complete(std::uint32_t id) { bus.write(Plic::claim, id), settle(); }
  void allow(std::initializer_list<std::pair<int, std::uint32_t>> priorities) {
    std::uint32_t mask = 0;
    for (const auto& [id, priority] : priorities) {
      bus.write(Plic::priority(id), priority);
      mask |= 1u << id;
    }
    bus.write(Plic::enable, mask), settle();
  }
};

}  // namespace

TEST_CASE("Interrupt controller: level, claim, service, completion") {
  ControllerBench bench;
  simulate([&] {
    bench.allow({{2, 1}});
    at(ns(10));
    bench.raise(2);
    CHECK(bench.bus.read(Plic::pending) == 0b100);
    at(ns(20));
    CHECK(bench.claim() == 2);
    CHECK(bench.bus.read(Plic::pending) == 0);
    at(ns(30));
    bench.lower(2);
    at(ns(40));
    bench.complete(2);
    CHECK(bench.claim() == 0);
  });
  CHECK(bench.interrupt.changes == Changes{{ns(10), true}, {ns(20), false}});
}

TEST_CASE("Interrupt controller: a level that stays high interrupts again after completion, not before") {
  ControllerBench bench;
  simulate([&] {
    bench.allow({{1, 1}});
    at(ns(10));
    bench.raise(1);
    at(ns(20));
    CHECK(bench.claim() == 1);
    CHECK(bench.claim() == 0);
    at(ns(30));
    bench.complete(1);
    CHECK(bench.bus.read(Plic::pending) == 0b10);
    at(ns(40));
    CHECK(bench.claim() == 1);
  });
  CHECK(bench.interrupt.changes == Changes{{ns(10), true}, {ns(20), false}, {ns(30), true}, {ns(40), false}});
}

TEST_CASE("Interrupt controller: a request stays pending when its level falls before the claim") {
  ControllerBench bench;
  simulate([&] {
    bench.allow({{3, 1}});
    bench.raise(3);
    bench.lower(3);
    CHECK(bench.claim() == 3);
    bench.complete(3);
    CHECK(bench.claim() == 0);
  });
  CHECK(bench.interrupt.changes.size() == 2);
}

TEST_CASE("Interrupt controller: the highest priority first, then the lowest id, priority 0 never") {
  ControllerBench bench(5);
  simulate([&] {
    bench.allow({{1, 0}, {2, 3}, {3, 7}, {4, 3}, {5, 7}});
    for (int id = 1; id <= 5; ++id) bench.raise(id);
    for (const std::uint32_t expected : {3u, 5u, 2u, 4u, 0u}) CHECK(bench.claim() == expected);
    CHECK(bench.bus.read(Plic::pending) == 0b10);
  });
}

TEST_CASE("Interrupt controller: the threshold masks the output and not the claim") {
  ControllerBench bench;
  simulate([&] {
    bench.allow({{1, 4}});
    bench.bus.write(Plic::threshold, 4);
    bench.raise(1);
    CHECK_FALSE(bench.interrupt.line.read());
    at(ns(10));
    bench.bus.write(Plic::threshold, 3);
    at(ns(20));
    bench.bus.write(Plic::threshold, 4);
    settle();
    CHECK(bench.claim() == 1);
  });
  CHECK(bench.interrupt.changes == Changes{{ns(10), true}, {ns(20), false}});
}

TEST_CASE("Interrupt controller: what is not enabled is pending and not claimed") {
  ControllerBench bench;
  simulate([&] {
    bench.bus.write(Plic::priority(1), 1);
    bench.raise(1);
    CHECK(bench.bus.read(Plic::pending) == 0b10);
    CHECK(bench.claim() == 0);
    at(ns(10));
    bench.bus.write(Plic::enable, 0b10);
  });
  CHECK(bench.interrupt.changes == Changes{{ns(10), true}});
}

TEST_CASE("Interrupt controller: wrong completions are ignored") {
  ControllerBench bench;
  simulate([&] {
    bench.allow({{1, 1}, {2, 1}});
    bench.raise(1);
    CHECK(bench.claim() == 1);
    for (const std::uint32_t id : {0u, 2u, 3u, 4u, 31u, 32u, 33u, 0xFFFFFFFFu}) bench.complete(id);
    CHECK(bench.bus.read(Plic::pending) == 0);
    bench.bus.write(Plic::enable, 0b100);
    bench.complete(1);  // not enabled now
    CHECK(bench.bus.read(Plic::pending) == 0);
    bench.bus.write(Plic::enable, 0b110);
    bench.complete(1);
    CHECK(bench.bus.read(Plic::pending) == 0b10);
  });
}

TEST_CASE("Interrupt controller: registers keep the bits that exist, a debug read does not claim") {
  ControllerBench bench(31);
  simulate([&] {
    bench.bus.write(Plic::enable, 0xFFFFFFFF);
    CHECK(bench.bus.read(Plic::enable) == 0xFFFFFFFE);
    bench.bus.write(Plic::priority(31), 0xFFFFFFFF);
    CHECK(bench.bus.read(Plic::priority(31)) == 7);
    bench.bus.write(Plic::threshold, 9);
    CHECK(bench.bus.read(Plic::threshold) == 1);
    bench.raise(31);
    CHECK(bench.bus.peek(Plic::claim) == 31);
    CHECK(bench.claim() == 31);
  });
}

TEST_CASE("Interrupt controller: a wrong access is an error response") {
  ControllerBench bench;
  simulate([&] {
    CHECK(bench.bus.try_write(Plic::pending, 0) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(bench.bus.try_read(Plic::priority(0)) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(bench.bus.try_read(Plic::priority(4)) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(bench.bus.try_read(Plic::enable, 1) == tlm::TLM_BURST_ERROR_RESPONSE);
  });
}

TEST_CASE("Interrupt controller: a number of sources that one word does not hold is refused") {
  CHECK_THROWS_AS(Plic("none", 0), std::invalid_argument);
  CHECK_THROWS_AS(Plic("many", 32), std::invalid_argument);
}

TEST_CASE("Interrupt controller: reset forgets what is enabled and claimed, and a source that is high is pending") {
  ControllerBench bench;
  simulate([&] {
    bench.allow({{1, 1}, {2, 3}});
    bench.raise(1);
    bench.raise(2);
    CHECK(bench.claim() == 2);
    bench.lower(1);
    bench.plic.reset();
    settle();
    CHECK(bench.bus.read(Plic::enable) == 0);
    CHECK(bench.bus.read(Plic::priority(2)) == 0);
    CHECK(bench.bus.read(Plic::pending) == 0b100);
    CHECK(bench.claim() == 0);
    bench.allow({{2, 1}});
    CHECK(bench.claim() == 2);
  });
}
