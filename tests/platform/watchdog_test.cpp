#include "platform/run/watchdog.h"

#include "flow/base/error.h"
#include "platform/host/native_host.h"
#include "platform/program/simulation_error.h"
#include "platform/soc/soc.h"
#include "tests/platform/default_architecture.h"
#include "tlm/interface/memory_map.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <pthread.h>
#include <sstream>
#include <sysc/kernel/sc_spawn.h>
#include <system_error>
#include <thread>

namespace flexcim {
namespace {

constexpr std::uint64_t kMtime = memory_map::timer + Timer::mtime;  // a tick is 100 ns
const sc_core::sc_time kWindow(1, sc_core::SC_US);

/// A SoC with that program, and nothing to tell afterwards.
class Runs : public Simulation {
 public:
  Runs(const char* name, NativeHost::Program program, std::ostream& console)
      : soc_(name, default_architecture(), Fidelity::tlm, 4096, native_host(std::move(program)), console) {}
  bool ended() const override { return soc_.host().ended(); }
  std::string waiting_for() const override { return soc_.waiting_for(); }
  void check(Findings&) override {}
  void sample(std::uint64_t) override {}
  SimulationResult result() const override { return {}; }

 private:
  Soc soc_;
};

struct WatchdogBench {
  std::ostringstream console;
  std::vector<std::unique_ptr<Runs>> runs;
  std::vector<std::uint64_t> windows;

  void add(const char* name, NativeHost::Program program) {
    runs.push_back(std::make_unique<Runs>(name, std::move(program), console));
  }
  std::vector<Simulation*> all() const {
    std::vector<Simulation*> all;
    for (const auto& each : runs) all.push_back(each.get());
    return all;
  }
  /// What run_to_end says; empty if it ends well.
  std::string run(const Limits& limits) {
    try {
      run_to_end(all(), limits, kWindow, [this](std::uint64_t window) { windows.push_back(window); });
    } catch (const SimulationError& error) {
      return error.what();
    }
    return "";
  }
};

void poll_until(NativeHost& host, std::uint32_t ticks) {
  while (host.read32(kMtime) < ticks) {
  }
}
void poll(NativeHost& host) { poll_until(host, 0xFFFFFFFF); }

TEST_CASE("A simulation that is done ends well, sampled at the end of every window") {
  WatchdogBench bench;
  bench.add("soc", [](NativeHost& host) { poll_until(host, 25); });
  CHECK(bench.run({}).empty());
  CHECK(sc_core::sc_time_stamp() >= sc_core::sc_time(2500, sc_core::SC_NS));
  CHECK(sc_core::sc_time_stamp() < sc_core::sc_time(2600, sc_core::SC_NS));
  CHECK(bench.windows == std::vector<std::uint64_t>{0, 1, 2});  // 0-1, 1-2 and what is left of 2-3 us
}

TEST_CASE("Windows in which nothing is due are left out") {
  WatchdogBench bench;
  bench.add("soc", [](NativeHost&) {
    sc_core::wait(10.5, sc_core::SC_US);
    sc_core::wait(2.5, sc_core::SC_US);  // the begin of 13-14 us, not the end of 12-13
    sc_core::wait(1, sc_core::SC_NS);
  });
  CHECK(bench.run({}).empty());
  CHECK(bench.windows == std::vector<std::uint64_t>{0, 10, 13});
}

TEST_CASE("A window that ends behind all time is the only one") {
  WatchdogBench bench;
  bench.add("soc", [](NativeHost&) { sc_core::wait(1, sc_core::SC_MS); });
  run_to_end(bench.all(), {}, sc_core::sc_time(1e15, sc_core::SC_NS),
             [&](std::uint64_t window) { bench.windows.push_back(window); });
  CHECK(bench.windows == std::vector<std::uint64_t>{0});
}

TEST_CASE("A host that sleeps although nothing is under way: who waits for what, at once") {
  WatchdogBench bench;
  bench.add("soc", [](NativeHost& host) {
    poll_until(host, 10);
    host.wait_for_interrupt();
  });
  bench.add("done", [](NativeHost&) {});
  const std::string message = bench.run({});
  INFO(message);
  CHECK(message.find("nothing can happen any more at 10") == 0);  // ticks are 100 ns, an access takes some more
  CHECK(message.find(" ns: soc.host waits for its external interrupt; soc.accelerator is not enabled") !=
        std::string::npos);
  CHECK(message.find("done") == std::string::npos);
}

TEST_CASE("A program that polls for ever ends at the limit of simulated time") {
  WatchdogBench bench;
  bench.add("soc", poll);
  CHECK(bench.run({0.0105, 3600}) ==
        "limits.simulated_ms: 0.0105 ms are over: soc.host waits for the answer to an access at 0x200bff8; "
        "soc.accelerator is not enabled");
  CHECK(sc_core::sc_time_stamp() == sc_core::sc_time(10500, sc_core::SC_NS));
  CHECK(bench.windows.size() == 11);
  CHECK(bench.windows.back() == 10);
}

TEST_CASE("A program that polls for ever ends at the limit of wall time") {
  WatchdogBench bench;
  bench.add("soc", poll);
  const auto begin = std::chrono::steady_clock::now();
  const std::string message = bench.run({1e9, 0.2});
  CHECK(message.find("limits.wall_s: 0.2 s are over at ") == 0);
  CHECK(message.find("0x200bff8; soc.accelerator is not enabled") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("Time that stands still ends at the limit of wall time") {
  WatchdogBench bench;
  bench.add("soc", [](NativeHost& host) { host.wait_for_interrupt(); });
  sc_core::sc_spawn([] {
    while (true) sc_core::wait(sc_core::SC_ZERO_TIME);
  });
  CHECK(bench.run({10, 0.2}) ==
        "limits.wall_s: 0.2 s are over at 0 s: soc.host waits for its external interrupt; soc.accelerator is not "
        "enabled");
}

TEST_CASE("A program that stops the simulation before another has ended") {
  WatchdogBench bench;
  bench.add("soc", poll);
  bench.add("other", [](NativeHost& host) {
    poll_until(host, 10);
    host.write32(memory_map::finisher, TestFinisher::pass);
  });
  const std::string message = bench.run({});
  CHECK(message.find("stopped at 1") == 0);
}

TEST_CASE("A bus fault of the program is the end, with its address") {
  WatchdogBench bench;
  bench.add("soc", [](NativeHost& host) { host.read32(0x4000'0000); });
  CHECK(bench.run({}).find("host: read of 4 bytes at 0x40000000: TLM_ADDRESS_ERROR_RESPONSE") != std::string::npos);
}

/// A process that throws `error`: it comes out as it was thrown, not as the kernel's report of it.
template <class Error>
void run_throwing(const Error& error) {
  WatchdogBench bench;
  bench.add("soc", [&error](NativeHost& host) {
    poll_until(host, 10);
    throw error;
  });
  bench.run({});
}

TEST_CASE("A process that runs out of memory") { CHECK_THROWS_AS(run_throwing(std::bad_alloc()), std::bad_alloc); }

TEST_CASE("A process that finds bad input") {
  CHECK_THROWS_WITH(run_throwing(InputError("a value that is not finite")), "a value that is not finite");
}

TEST_CASE("A process that finds a mistake of ours") {
  CHECK_THROWS_AS(run_throwing(std::logic_error("a mistake")), std::logic_error);
}

TEST_CASE("An error that a module reports is none of the simulation's limits") {
  WatchdogBench bench;
  bench.add("soc", [](NativeHost& host) {
    poll_until(host, 10);
    SC_REPORT_ERROR("module", "broken");
  });
  CHECK_THROWS_AS(bench.run({}), sc_core::sc_report);
}

TEST_CASE("Without a thread for it, the wall time is looked at after every window") {
  pthread_attr_t large;  // no thread gets so much memory
  REQUIRE(pthread_attr_init(&large) == 0);
  REQUIRE(pthread_attr_setstacksize(&large, std::size_t{1} << 46) == 0);
  REQUIRE(pthread_setattr_default_np(&large) == 0);
  REQUIRE_THROWS_AS(std::thread([] {}), std::system_error);
  WatchdogBench bench;
  bench.add("soc", poll);
  CHECK(bench.run({1e9, 0.2}).find("limits.wall_s: 0.2 s are over at ") == 0);
}

}  // namespace
}  // namespace flexcim
