// The host's side of the SoC: interrupt lines, and hosts of other kinds.
#include "platform/host/native_host.h"
#include "platform/soc/soc.h"
#include "tests/platform/default_architecture.h"
#include "tlm/interface/memory_map.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace flexcim {
namespace {

constexpr std::uint64_t kTimer = memory_map::timer;  // a tick is 100 ns

struct HostBench {
  std::ostringstream console;
  Soc soc;

  explicit HostBench(const HostMaker& host) : soc("soc", default_architecture(), Fidelity::tlm, 4096, host, console) {}
};

void set_compare(NativeHost& host, std::uint64_t ticks) {
  host.write32(kTimer + Timer::mtimecmp_high, static_cast<std::uint32_t>(ticks >> 32));
  host.write32(kTimer + Timer::mtimecmp, static_cast<std::uint32_t>(ticks));
}

/// Lets the delta cycles of this time pass.
void settle() {
  for (int delta = 0; delta < 4; ++delta) sc_core::wait(sc_core::SC_ZERO_TIME);
}

sc_core::sc_time ns(double time) { return {time, sc_core::SC_NS}; }

TEST_CASE("A native program that waits for the timer wakes at the programmed tick") {
  std::vector<sc_core::sc_time> woken;
  std::vector<bool> pending;
  HostBench bench(native_host([&](NativeHost& host) {
    pending.push_back(host.pending(Interrupt::timer));
    for (const std::uint64_t tick : {25, 40, 41}) {
      set_compare(host, tick);
      settle();
      pending.push_back(host.pending(Interrupt::timer));
      host.wait_for_interrupt({Interrupt::timer});
      woken.push_back(host.now());
      pending.push_back(host.pending(Interrupt::timer));
    }
    host.wait_for_interrupt({Interrupt::external, Interrupt::timer});  // the level is still high
    woken.push_back(host.now());
  }));
  sc_core::sc_start();
  CHECK(bench.soc.host().ended());
  CHECK(woken == std::vector<sc_core::sc_time>{ns(25 * 100), ns(40 * 100), ns(41 * 100), ns(41 * 100)});
  CHECK(pending == std::vector<bool>{false, false, true, false, true, false, true});
}

TEST_CASE("The software interrupt is bit 0 of msip, and wakes the host") {
  std::vector<sc_core::sc_time> times;
  std::uint32_t read = 0;
  HostBench bench(native_host([&](NativeHost& host) {
    host.write32(kTimer + Timer::msip, 0xFFFFFFFF);
    read = host.read32(kTimer + Timer::msip);
    times.push_back(host.now());
    host.wait_for_interrupt({Interrupt::software});
    times.push_back(host.now());
    host.write32(kTimer + Timer::msip, 0xFFFFFFFE);
    settle();
    CHECK_FALSE(host.pending(Interrupt::software));
    host.wait_for_interrupt({Interrupt::software, Interrupt::timer});
  }));
  sc_core::sc_start();
  CHECK(read == 1);
  CHECK(times[0] == times[1]);
  CHECK_FALSE(bench.soc.host().ended());
  CHECK(bench.soc.host().waiting_for() == "soc.host waits for its software or timer interrupt");
}

/// Turns the software interrupt on by a bus access of its own, and counts how often it comes.
class RingingHost : public Host, private tlm::tlm_bw_transport_if<> {
 public:
  explicit RingingHost(const sc_core::sc_module_name& name) : Host(name) {
    socket.bind(*this);
    SC_HAS_PROCESS(RingingHost);
    SC_THREAD(run);
    SC_METHOD(count);
    sensitive << software_interrupt.pos();
    dont_initialize();
  }
  bool ended() const override { return counts_.instructions > 0; }
  std::string waiting_for() const override { return "nothing"; }
  const HostCounts& counts() const override { return counts_; }
  int interrupts = 0;

 private:
  void run() {
    std::uint32_t one = 1;
    tlm::tlm_generic_payload payload;
    payload.set_write();
    payload.set_address(kTimer + Timer::msip);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&one));
    payload.set_data_length(sizeof one);
    payload.set_streaming_width(sizeof one);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    CHECK(payload.is_response_ok());
    ++counts_.instructions;
  }
  void count() { ++interrupts; }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  HostCounts counts_;
};

TEST_CASE("A SoC is driven by any host") {
  const HostBench bench([](const char* name) { return std::make_unique<RingingHost>(name); });
  const auto& host = dynamic_cast<const RingingHost&>(bench.soc.host());
  sc_core::sc_start();
  CHECK(host.ended());
  CHECK(host.interrupts == 1);
  CHECK(std::string(host.name()) == "soc.host");
  CHECK(bench.soc.waiting_for() == "nothing; soc.accelerator is not enabled");
}

}  // namespace
}  // namespace flexcim
