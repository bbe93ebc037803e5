// Firmware on the SoC: time, interrupts, devices, memory that others write, and firmware that cannot go on.
#include "platform/host/riscv_host.h"

#include "platform/soc/soc.h"
#include "tests/platform/default_architecture.h"
#include "tests/platform/riscv/firmware.h"
#include "tests/tlm/in_process.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <random>
#include <sstream>
#include <sys/wait.h>
#include <sysc/kernel/sc_spawn.h>
#include <unistd.h>

namespace flexcim {
namespace {

using namespace riscv::test;
using Catch::Matchers::Contains;
using flexcim::test::in_process;

constexpr u32 kSram = static_cast<u32>(memory_map::sram), kDram = static_cast<u32>(memory_map::dram);
constexpr u32 kTimerBase = static_cast<u32>(memory_map::timer), kFinisher = static_cast<u32>(memory_map::finisher);
constexpr std::uint64_t kDramBytes = 1 << 16;

/// A SoC of 2 ns, whose interconnect takes 4 cycles each way, with a hart of 1 ns.
struct Bench {
  std::ostringstream console;
  Soc soc;

  explicit Bench(const Firmware& firmware, const RiscvHostParameters& parameters = {})
      : soc("soc", default_architecture(), Fidelity::tlm, kDramBytes, riscv_host(firmware.elf(), parameters), console) {
    riscv::Memory sram, dram;
    sram.first = kSram, sram.last = kSram + static_cast<u32>(memory_map::sram_size) - 1;
    sram.data = soc.sram().store().data();
    dram.first = kDram, dram.last = kDram + static_cast<u32>(kDramBytes) - 1;
    dram.data = soc.dram().store().data();
    firmware.elf().load({sram, dram});
  }
  const riscv::Hart& hart() const { return dynamic_cast<const RiscvHost&>(soc.host()).hart(); }
  u32 word(u32 address) {
    u32 value = 0;
    const bool in_dram = address >= kDram;
    std::memcpy(
        &value,
        (in_dram ? soc.dram().store().data() : soc.sram().store().data()) + (address - (in_dram ? kDram : kSram)), 4);
    return value;
  }
  /// Whether the firmware has ended the simulation, by that time.
  bool run(const sc_core::sc_time& end = {1, sc_core::SC_MS}) {
    sc_core::sc_start(end);
    return soc.finisher().exit_code().has_value();
  }
};

/// Ends the simulation with `pass`; takes a4, a5.
Firmware& finish(Firmware& firmware) {
  return firmware.load(a4, kFinisher).load(a5, 0x5555).add({sw(a5, 0, a4), j(0)});
}

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

int report_to = -1;  ///< end of a pipe

[[noreturn]] void end_with(const std::string& text) {
  _exit(write(report_to, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

/// What the kernel reports of firmware that cannot go on, or what the host waits for in the end. In a process that ends
/// right there: sanitizers do not bear an exception that leaves sc_start().
std::string failure_of(const Firmware& firmware, double microseconds = 1000) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    report_to = ends[1];
    sc_core::sc_report_handler::set_handler([](const sc_core::sc_report& report, const sc_core::sc_actions&) {
      if (report.get_severity() >= sc_core::SC_WARNING) end_with(report.get_msg());
    });
    Bench bench(firmware);
    bench.run(sc_core::sc_time(microseconds, sc_core::SC_US));
    end_with(bench.soc.waiting_for());
  }
  close(ends[1]);
  std::string text(4096, ' ');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(ends[0], text.data(), text.size()))));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(status == 0);
  return text;
}

TEST_CASE("RISC-V host: firmware that cannot go on ends the run with pc, function, cause and address") {
  Firmware unmapped(kSram);
  unmapped.function("_start").add({jal(ra, 8), nop()}).function("work").load(a0, 0x4000'0000).add({lw(a1, 4, a0)});
  CHECK_THAT(failure_of(unmapped),
             Contains("soc.host at 0x8000010 in work+0x8: load access fault (0x40000004), and no trap handler is set: "
                      "mtvec is 0\n  called at 0x8000000 in _start"));
  Firmware illegal(kSram);
  illegal.function("main").add({nop(), 0});
  CHECK_THAT(failure_of(illegal), Contains("soc.host at 0x8000004 in main+0x4: illegal instruction (0x0)"));
  Firmware misaligned(kSram);
  misaligned.load(a0, kDram).add({sw(a0, 1, a0)});
  CHECK_THAT(failure_of(misaligned), Contains("misaligned store or atomic (0x80000001)"));
  Firmware read_only(kSram);
  read_only.load(a0, static_cast<u32>(memory_map::accelerator)).add({sw(a0, 0, a0)});  // ID
  CHECK_THAT(failure_of(read_only), Contains("store or atomic access fault (0x10010000)"));
  Firmware away(kSram);
  away.load(a0, 0x5000'0000).add({jalr(ra, 0, a0)});
  CHECK_THAT(failure_of(away), Contains("soc.host at 0x50000000: instruction access fault (0x50000000)"));
  Firmware stuck(kSram);
  stuck.load(t0, kDram).add({csrw(csrs::mtvec, t0), ecall});
  CHECK_THAT(failure_of(stuck), Contains("soc.host at 0x80000000: illegal instruction (0x0), and this is the first "
                                         "instruction of the trap handler\n"
                                         "  interrupted at 0x800000c by environment call (0x0)"));
  Firmware asleep(kSram);
  asleep.function("idle").add({wfi});
  CHECK_THAT(failure_of(asleep), Contains("soc.host at 0x8000004") && Contains("mie is 0"));
  Firmware endless(kSram);
  endless.function("_start").add({jal(ra, 8), nop()}).function("spin").add({j(0)});
  CHECK_THAT(failure_of(endless, 10), Contains("soc.host runs at 0x8000008 in spin; soc.accelerator is not enabled\n"
                                               "  called at 0x8000000 in _start"));
}

TEST_CASE("RISC-V host: random firmware that writes into all devices neither crashes nor hangs the simulator") {
  for (unsigned seed = 0; seed < 25; ++seed) {
    std::mt19937 random(seed);
    Firmware firmware(kDram);
    // A handler that goes on behind what has trapped, and registers that point to the devices.
    firmware.load(t0, kDram + 4 * 4).add({csrw(csrs::mtvec, t0), j(4 * 5), csrr(t0, csrs::mepc), addi(t0, t0, 2)});
    firmware.add({csrw(csrs::mepc, t0), mret});
    const std::uint64_t devices[] = {memory_map::uart, memory_map::accelerator, memory_map::interrupt_controller,
                                     memory_map::timer, memory_map::accelerator + 0x100};
    for (const u32 reg : {s0, s1, gp, tp, sp}) firmware.load(reg, static_cast<u32>(devices[random() % 5]));
    firmware.load(a0, kDram + 0x2000).load(t1, 0x888).add({csrw(csrs::mie, t1), csrrsi(zero, csrs::mstatus, 8)});
    const u32 pointers[] = {s0, s1, gp, tp, sp, a0};
    for (int i = 0; i < 1500; ++i) {
      const auto bits = static_cast<u32>(random());
      const u32 base = pointers[bits % 6], value = 10 + bits / 8 % 6;
      const int offset = static_cast<int>(bits / 64 % 16 * 4);
      switch (random() % 6) {
        case 0:
          firmware.add({sw(value, offset, base)});
          break;
        case 1:
          firmware.add({lw(value == a0 ? a1 : value, offset, base)});
          break;
        case 2:
          firmware.add({i_type(0x13, 0, a2 + bits % 3, zero, static_cast<int>(bits >> 20))});
          break;
        case 3:
          firmware.add({bits % 16 == 0 ? wfi : nop()});
          break;
        default:
          firmware.add({bits});
      }
    }
    firmware.add({j(0)});
    INFO("seed " << seed);
    CHECK_THAT(failure_of(firmware, 50), Contains("soc.host"));
  }
}

}  // namespace
}  // namespace flexcim
