// Firmware on the SoC: time, interrupts, devices, and memory that others write.
#include "tests/platform/riscv_bench.h"
#include "tests/tlm/in_process.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sysc/kernel/sc_spawn.h>

namespace flexcim {
namespace {

using namespace test;
using namespace riscv::test;

std::uint64_t nanoseconds_now() { return sc_core::sc_time_stamp().value() / 1000; }

TEST_CASE("RISC-V host: firmware says something on the UART and ends the simulation") {
  Firmware firmware(kDram + 0x100);
  firmware.load(a0, static_cast<u32>(memory_map::uart))
      .add({li(a1, 1), sw(a1, Uart::txctrl, a0), sw(zero, Uart::div, a0)});
  for (const char c : {'h', 'i'}) firmware.add({li(a1, c), sw(a1, Uart::txdata, a0)});
  firmware.add({lw(a1, Uart::status, a0), i_type(0x13, 7, a1, a1, Uart::tx_busy), bne(a1, zero, -8)});
  finish(firmware);
  Bench bench(firmware);
  CHECK(bench.run());
  CHECK(bench.console.str() == "hi");
  CHECK(bench.soc.finisher().exit_code() == 0);
}

TEST_CASE("RISC-V host: an exit code is the firmware's") {
  Firmware firmware(kSram);
  firmware.load(a4, kFinisher).load(a5, 7u << 16 | 0x3333).add({sw(a5, 0, a4), j(0)});
  Bench bench(firmware);
  CHECK(bench.run());
  CHECK(bench.soc.finisher().exit_code() == 7);
}

TEST_CASE("RISC-V host: time is the hart's cycles, memory's latencies and the bus's") {
  Firmware firmware(kSram);  // 2 instructions a load
  firmware.load(a0, kSram + 0x800).load(a1, kDram + 0x40).load(a2, kTimerBase + Timer::mtime);
  firmware.add({csrr(s0, csrs::mcycle), lw(a3, 0, a0), csrr(s1, csrs::mcycle), sw(a3, 0, a1), csrr(t0, csrs::mcycle),
                lw(a3, 0, a1), csrr(t1, csrs::mcycle), lw(a3, 0, a2), csrr(t2, csrs::mcycle)});
  finish(firmware);
  Bench bench(firmware);
  CHECK(bench.run());
  const riscv::Hart& hart = bench.hart();
  const auto ns = [](std::int64_t ps) { return static_cast<u32>((ps + 999) / 1000); };
  const std::int64_t bus_ps = 2 * 4 * 2000 + 2000;  // four cycles there, four back, one beat
  const DramTiming& dram = bench.soc.dram().timing();
  CHECK(hart.reg(s0) == 6);
  // csrr 4, load 1; SRAM one cycle of 2 ns
  CHECK(hart.reg(s1) == 6 + 4 + 1 + ns(bus_ps + 2000));
  CHECK(hart.reg(t0) - hart.reg(s1) == 4 + 1 + ns(bus_ps + dram.idle_latency_ps(true)));
  CHECK(hart.reg(t1) - hart.reg(t0) == 4 + 1 + ns(bus_ps + dram.idle_latency_ps(false)));
  // A device answers at the exact time; the next edge ends the access.
  CHECK(hart.reg(t2) - hart.reg(t1) == 4 + 1 + ns(bus_ps) + 1);
  // The store to the finisher: 4 instructions behind t2's.
  CHECK(nanoseconds_now() == hart.reg(t2) + 4 + 4 + ns(bus_ps));
  CHECK(bench.soc.host().counts().instructions == 6 + 9 + 4);  // the last store has not come back
  CHECK(bench.soc.host().counts().memory_reads == 8);
  CHECK(bench.soc.host().counts().memory_writes == 4);
  CHECK(bench.soc.host().counts().bus_bytes == 12 + 4 + 4);
}

/// Sets a handler that counts in s0 and silences its line by writing a1 to the address in a2.
Firmware& handler(Firmware& firmware, u32 mie) {
  firmware.load(t0, firmware.here() + 4 * 10).add({csrw(csrs::mtvec, t0)});
  firmware.load(t0, mie).add({csrw(csrs::mie, t0), csrrsi(zero, csrs::mstatus, 8), j(4 * 7), nop(), nop()});
  return firmware.add({addi(s0, s0, 1), sw(a1, 0, a2), csrr(s1, csrs::mcycle), mret});
}

TEST_CASE("RISC-V host: wfi sleeps until the timer, to the edge behind its tick") {
  Firmware firmware(kSram);
  firmware.load(a2, kTimerBase + Timer::mtimecmp).add({li(a1, -1), sw(zero, 4, a2), li(a3, 50), sw(a3, 0, a2)});
  handler(firmware, 0x80);
  firmware.function("asleep").add({wfi, csrr(t1, csrs::mcycle), wfi});
  finish(firmware);
  Bench bench(firmware);
  // The second wfi finds nobody to wake it.
  CHECK_FALSE(bench.run());
  CHECK(bench.soc.waiting_for() ==
        "soc.host at 0x800005c in asleep+0xc waits for its timer interrupt; soc.accelerator is not enabled");
  CHECK(bench.hart().reg(s0) == 1);
  // Tick 50 is at 5000 ns; woken at 5001; trap 2, add 1, store 1 + bus 18 + 1, csrr.
  CHECK(bench.hart().reg(s1) == 5001 + 2 + 1 + 1 + 18 + 1);
  CHECK(bench.hart().reg(t1) == bench.hart().reg(s1) + 4 + 2);
}

TEST_CASE(
    "RISC-V host: an interrupt that a store raises comes right behind it, and none when a store has silenced it") {
  Firmware firmware(kSram);
  firmware.load(a2, kTimerBase + Timer::msip).add({li(a1, 0), li(a3, 1)});
  handler(firmware, 0x8);
  firmware.add({sw(a3, 0, a2), csrr(t1, csrs::mepc), csrr(t2, csrs::mip), sw(a3, 0, a2), nop()});
  const u32 behind = firmware.here() - 4 * 4;
  finish(firmware);
  Bench bench(firmware);
  CHECK(bench.run());
  CHECK(bench.hart().reg(t1) == behind);
  CHECK(bench.hart().reg(t2) == 0);
  CHECK(bench.hart().reg(s0) == 2);
}

/// Computes, asks devices, sleeps: everything but what shows how far the hart runs ahead.
std::string observable_run(const sc_core::sc_time& global, const sc_core::sc_time& own) {
  tlm::tlm_global_quantum::instance().set(global);
  Firmware firmware(kDram);
  firmware.load(a2, kTimerBase + Timer::mtimecmp).add({li(a1, -1), sw(zero, 4, a2), li(a3, 400), sw(a3, 0, a2)});
  firmware.load(gp, kSram + 0x1000).load(tp, kTimerBase + Timer::mtime);
  handler(firmware, 0x80);
  firmware.load(t0, 3000).add({mul(a0, a0, t0), addi(a0, a0, 1), addi(t0, t0, -1), bne(t0, zero, -12)});
  firmware.add({lw(t1, 0, tp), sw(t1, 0, gp), wfi, csrr(t1, csrs::mcycle), sw(t1, 4, gp), csrr(t1, csrs::minstret),
                sw(t1, 8, gp), lw(t1, 0, tp), sw(t1, 12, gp)});
  finish(firmware);
  RiscvHostParameters parameters;
  parameters.quantum = own;
  Bench bench(firmware, parameters);
  const bool ended = bench.run();
  std::string text = fmt::format("{} {} {} {}", ended, sc_core::sc_time_stamp().to_string(), bench.hart().cycles(),
                                 bench.hart().instructions());
  for (int i = 0; i < 32; ++i) text += fmt::format(" {:x}", bench.hart().reg(i));
  for (u32 at = 0; at < 16; at += 4) text += fmt::format(" {:x}", bench.word(kSram + 0x1000 + at));
  return text;
}

TEST_CASE("RISC-V host: firmware that cannot see the quantum runs the same with every one") {
  const auto run = [](double global, double own) {
    return in_process([=] {
      return observable_run(sc_core::sc_time(global, sc_core::SC_NS), sc_core::sc_time(own, sc_core::SC_NS));
    });
  };
  const std::string one = run(0, 1000);
  CHECK_THAT(one, Catch::Matchers::StartsWith("true 40"));  // has ended, behind the timer's 40 us
  CHECK(run(0, 1000) == one);
  CHECK(run(0, 1) == one);
  CHECK(run(0, 0) == one);
  CHECK(run(0, 333) == one);
  CHECK(run(7, 1000) == one);
  CHECK(run(1e6, 1) == one);
}

/// As the accelerator's DMA would write.
void write_word(tlm::tlm_fw_transport_if<>& memory, std::uint64_t at, u32 word) {
  tlm::tlm_generic_payload payload;
  payload.set_write();
  payload.set_address(at);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
  payload.set_data_length(4);
  payload.set_streaming_width(4);
  sc_core::sc_time delay;
  memory.b_transport(payload, delay);
  REQUIRE(payload.is_response_ok());
}

TEST_CASE("RISC-V host: what others write into its code is run") {
  for (const u32 base : {kDram, kSram}) {
    const std::string ended = in_process([&] {
      Firmware firmware(base + 0x1000);
      firmware.add({addi(a0, zero, 1), bne(a0, a1, -4)});  // for ever, as a1 is 0
      finish(firmware);
      Bench bench(firmware);
      sc_core::sc_spawn([&] {
        const auto write = [&](std::uint64_t at, u32 word) {
          sc_core::sc_export<tlm::tlm_fw_transport_if<>>& memory =
              base == kDram ? bench.soc.dram().socket.get_base_export() : bench.soc.sram().socket.get_base_export();
          write_word(*memory.operator->(), at, word);
        };
        sc_core::wait(5, sc_core::SC_US);
        write(0x1004, addi(a1, zero, 1));
        sc_core::wait(5, sc_core::SC_US);
      });
      const bool by_itself = bench.run();
      return fmt::format("{} {} {}", by_itself, bench.hart().reg(a1), nanoseconds_now() / 1000);
    });
    CHECK(ended == "true 1 5");
  }
}

}  // namespace
}  // namespace flexcim
