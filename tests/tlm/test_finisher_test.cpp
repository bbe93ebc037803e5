#include "tlm/peripherals/test_finisher.h"

#include "tests/tlm/device_bench.h"

using namespace flexcim;

namespace {

struct FinisherBench {
  DeviceBus bus;
  TestFinisher finisher{"finisher"};
  FinisherBench() { bus.connect(finisher.socket); }
};

/// The exit code after a write of `value` at 10 ns; the program would go on until 1 us.
std::optional<int> finish_with(std::uint32_t value) {
  FinisherBench bench;
  simulate([&] {
    at(ns(10));
    bench.bus.write(TestFinisher::finish, value);
    at(ns(1000));
  });
  CHECK(sc_core::sc_time_stamp() == (bench.finisher.exit_code() ? ns(10) : ns(1000)));
  return bench.finisher.exit_code();
}

}  // namespace

TEST_CASE("Test finisher: pass ends the simulation with 0") { CHECK(finish_with(0x5555) == 0); }
TEST_CASE("Test finisher: fail ends it with the code in bits 31:16") { CHECK(finish_with(0x3333 | 42u << 16) == 42); }
TEST_CASE("Test finisher: a failure without a code is 1") { CHECK(finish_with(0x3333) == 1); }
TEST_CASE("Test finisher: a failure whose low 8 bits are 0 is not a success") {
  CHECK(finish_with(0x3333 | 0x100u << 16) == 255);
}
TEST_CASE("Test finisher: other values do nothing") { CHECK_FALSE(finish_with(0x1234).has_value()); }

TEST_CASE("Test finisher: the first request counts") {
  FinisherBench bench;
  simulate([&] {
    bench.bus.write(TestFinisher::finish, 0x3333 | 7u << 16);
    bench.bus.write(TestFinisher::finish, 0x5555);
  });
  CHECK(bench.finisher.exit_code() == 7);
}

TEST_CASE("Test finisher: what is not a write of the register is an error response") {
  FinisherBench bench;
  simulate([&] {
    CHECK(bench.bus.try_read(0x0) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(bench.bus.try_write(0x4, 0x5555) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(bench.bus.try_write(0x0, 0x5555, 2) == tlm::TLM_BURST_ERROR_RESPONSE);
  });
  CHECK_FALSE(bench.finisher.exit_code().has_value());
}
