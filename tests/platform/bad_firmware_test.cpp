// Firmware that does what it must not, on the SoC: its handler hears of it as the architecture says; without a handler,
// or where it goes on for ever, the run ends and says where. The simulator never crashes or hangs.
#include "flow/base/error.h"
#include "tests/platform/riscv_bench.h"
#include "tests/tlm/in_process.h"
#include "tlm/interface/descriptor.h"
#include "tlm/interface/registers.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

namespace flexcim {
namespace {

using namespace test;
using namespace riscv::test;
using Catch::Matchers::Contains;
namespace reg = accelerator_registers;

constexpr u32 kAccelerator = static_cast<u32>(memory_map::accelerator), kUart = static_cast<u32>(memory_map::uart);
constexpr u32 kPlic = static_cast<u32>(memory_map::interrupt_controller);
constexpr u32 kNowhereAddress = 0x4000'0000, kDramEnd = kDram + static_cast<u32>(kDramBytes);

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

struct Mistake {
  const char* what;
  u32 t0_value;  ///< in t0 before
  u32 instruction;
  u32 cause, value;
  bool at_target = false;  ///< of a jump: mepc is where it leads
};

std::vector<Mistake> mistakes() {
  return {{"a reserved instruction", 0, 0xFFFF'FFFF, 2, 0xFFFF'FFFF},
          {"a CSR that is not there", 0, csrr(t1, csrs::time), 2, csrr(t1, csrs::time)},
          {"a write of a read-only CSR", 0, csrw(csrs::mhartid, t0), 2, csrw(csrs::mhartid, t0)},
          {"ebreak", 0, ebreak, 3, kDram + 0x100},
          {"ecall", 0, ecall, 11, 0},
          {"a misaligned load", kDram, lw(t1, 2, t0), 4, kDram + 2},
          {"a misaligned store", kDram, sh(t1, 1, t0), 6, kDram + 1},
          {"a misaligned load of a device", kAccelerator, lw(t1, 2, t0), 4, kAccelerator + 2},
          {"a load from nowhere", kNowhereAddress, lw(t1, 8, t0), 5, kNowhereAddress + 8},
          {"a store to nowhere", kNowhereAddress, sb(t1, 1, t0), 7, kNowhereAddress + 1},
          {"a load by a null pointer", 0, lw(t1, 4, t0), 5, 4},
          {"a load behind memory", kDramEnd, lw(t1, 0, t0), 5, kDramEnd},
          {"a load below memory", kDram, lw(t1, -4, t0), 5, kDram - 4},
          {"a store to a read-only register", kAccelerator, sw(t1, reg::id, t0), 7, kAccelerator + reg::id},
          {"a load from a write-only register", kFinisher, lw(t1, 0, t0), 5, kFinisher},
          {"a store of a byte to a register", kAccelerator, sb(t1, reg::control, t0), 7, kAccelerator + reg::control},
          {"a load of half a register", kUart, lhu(t1, 0, t0), 5, kUart},
          {"a load where a device has no register", kAccelerator, lw(t1, 0x7FC, t0), 5, kAccelerator + 0x7FC},
          {"an atomic instruction on a device", kAccelerator, amoadd(t1, t1, t0), 7, kAccelerator},
          {"a reservation of a device", kAccelerator, lr(t1, t0), 5, kAccelerator},
          {"a jump to nowhere", kNowhereAddress, jalr(ra, 0, t0), 1, kNowhereAddress, true},
          {"a jump by a null pointer", 0, jalr(ra, 0, t0), 1, 0, true},
          {"a jump into a device", kUart, jalr(ra, 0, t0), 1, kUart, true},
          {"a jump into data", kDram + 0x2000, jalr(ra, 0, t0), 2, 0, true}};
}

/// The mistake is at kDram + 0x100, in its function.
Firmware with_mistake(const Mistake& mistake, bool handler) {
  Firmware firmware(kDram);
  firmware.function("_start").load(t0, kDram + 0x180).add({handler ? csrw(csrs::mtvec, t0) : nop()});
  firmware.load(t0, mistake.t0_value).add({jal(ra, static_cast<int>(kDram + 0xFC - firmware.here()))});
  while (firmware.here() < kDram + 0xFC) firmware.add({nop()});
  firmware.function("mistaken").add({nop(), mistake.instruction});
  while (firmware.here() < kDram + 0x180) firmware.add({nop()});
  firmware.function("handler").add({csrr(s0, csrs::mcause), csrr(s1, csrs::mtval), csrr(gp, csrs::mepc)});
  return finish(firmware);
}

TEST_CASE("Bad firmware: its handler gets cause, value and place of every mistake as the architecture says") {
  for (const Mistake& mistake : mistakes()) {
    INFO(mistake.what);
    const std::string seen = flexcim::test::in_process([&] {
      Bench bench(with_mistake(mistake, true));
      const bool ended = bench.run();
      return fmt::format("{} {} {:#x} {:#x}", ended, bench.hart().reg(s0), bench.hart().reg(s1), bench.hart().reg(gp));
    });
    CHECK(seen == fmt::format("true {} {:#x} {:#x}", mistake.cause, mistake.value,
                              mistake.at_target ? mistake.t0_value : kDram + 0x100));
  }
}

TEST_CASE("Bad firmware: without a handler the run ends with place, cause, address and callers") {
  for (const Mistake& mistake : mistakes()) {
    INFO(mistake.what);
    const u32 pc = mistake.at_target ? mistake.t0_value : kDram + 0x100;
    const std::string place = mistake.at_target ? fmt::format("{:#x}", pc) : fmt::format("{:#x} in mistaken+0x4", pc);
    const std::string text = failure_of(with_mistake(mistake, false));
    CHECK_THAT(text, Contains(fmt::format("soc.host at {}", place)) &&
                         Contains(fmt::format(": {} ({:#x}), and no trap handler is set: mtvec is 0",
                                              riscv::cause_name(mistake.cause), mistake.value)));
    CHECK_THAT(text, Contains(mistake.at_target ? "\n  called at 0x80000100 in mistaken+0x4\n  called at ?"
                                                : "mtvec is 0\n  called at 0x80000014 in _start"));
  }
}

/// `raise` lets something happen, t1 and t2 being timer and interrupt controller; then a loop. `handle` is the trap
/// handler.
Firmware storm(u32 mie, const std::vector<u32>& raise, const std::vector<u32>& handle) {
  Firmware firmware(kDram);
  firmware.function("_start").load(t0, kDram + 0x100).add({csrw(csrs::mtvec, t0)});
  firmware.load(t0, mie).add({csrw(csrs::mie, t0), csrrsi(zero, csrs::mstatus, 8)});
  firmware.function("main").load(t1, kTimerBase).load(t2, kPlic).add(raise).function("loop").add({j(0)});
  while (firmware.here() < kDram + 0x100) firmware.add({nop()});
  return firmware.function("handler").add(handle);
}

TEST_CASE("Bad firmware: an interrupt that nobody takes away comes again and again, until a limit ends the run") {
  struct Case {
    const char* what;
    u32 mie;
    std::vector<u32> raise;
  };
  const std::vector<Case> cases{
      {"software", 0x8, {li(a0, 1), sw(a0, Timer::msip, t1)}},
      {"timer", 0x80, {lui(t0, 4), add(t1, t1, t0), sw(zero, 0, t1), sw(zero, 4, t1)}},
      // Source 1 enabled with priority 1; a doorbell without a ring is an error.
      {"accelerator",
       0x800,
       {li(a0, 1), sw(a0, 4, t2), lui(t0, 2), add(t0, t2, t0), li(a0, 2), sw(a0, 0, t0), lui(t0, kAccelerator >> 12),
        li(a0, 3), sw(a0, reg::irq_enable, t0), sw(a0, reg::doorbell, t0)}}};
  for (const Case& each : cases) {
    INFO(each.what);
    const std::string count = in_process([&] {
      Bench bench(storm(each.mie, each.raise, {addi(s0, s0, 1), mret}));
      const bool ended = bench.run(sc_core::sc_time(100, sc_core::SC_US));
      return std::string(ended ? "ended " : "") + std::to_string(bench.hart().reg(s0));
    });
    CHECK(std::stoi(count) > 1000);  // some 5 cycles of 1 ns each
  }
}

TEST_CASE("Bad firmware: a handler that cannot begin, and one that traps for ever") {
  struct Case {
    const char* what;
    Firmware firmware;
    const char* report;  ///< after 100 us
  };
  const std::vector<Case> cases{
      {"its first instruction is none", storm(0, {ecall}, {0, 0}),
       "soc.host at 0x80000100 in handler: illegal instruction (0x0), and this is the first instruction of the trap "
       "handler\n  interrupted at 0x8000002c in main+0x10 by environment call (0x0)"},
      {"it lies nowhere",
       Firmware(kDram).function("main").load(t0, kNowhereAddress).add({csrw(csrs::mtvec, t0), ecall}),
       "soc.host at 0x40000000: instruction access fault (0x40000000), and this is the first instruction of the trap "
       "handler\n  interrupted at 0x8000000c in main+0xc by environment call (0x0)"},
      {"its second instruction traps", storm(0, {ecall}, {nop(), ebreak}),
       "\n  interrupted at 0x80000104 in handler+0x4 by breakpoint (0x80000104)\n  called at ?"},
      {"it returns to what traps", storm(0, {ecall}, {nop(), mret}), "soc.host runs at 0x80000"}};
  for (const Case& each : cases) {
    INFO(each.what);
    CHECK_THAT(failure_of(each.firmware, 100), Contains(each.report));
  }
}

TEST_CASE("Bad firmware: sleep that nobody ends, and loops") {
  struct Case {
    const char* what;
    std::vector<u32> body;
    const char* report;  ///< after 10 us
  };
  const std::vector<Case> cases{
      {"no interrupt is enabled",
       {wfi},
       "soc.host at 0x80000004 in idle+0x4: wfi, and no interrupt is enabled: mie is 0"},
      {"an interrupt is enabled, and no source",
       {csrrwi(zero, csrs::mie, 8), wfi},
       "soc.host at 0x80000008 in idle+0x8 waits for its software interrupt; soc.accelerator is not enabled"},
      {"a loop", {j(0)}, "soc.host runs at 0x80000000 in idle; soc.accelerator is not enabled"},
      {"it waits for a bit that no device sets",
       {lui(a0, kAccelerator >> 12), lw(a1, reg::completed, a0), j(-4)},
       "soc.host at 0x80000004 in idle+0x4 waits for the answer to an access at 0x1001003c"}};
  for (const Case& each : cases) {
    INFO(each.what);
    CHECK_THAT(failure_of(Firmware(kDram).function("idle").add(each.body).add({nop()}), 10), Contains(each.report));
  }
}

TEST_CASE("Bad firmware: a stack that grows into the code ends where the code has become something else") {
  Firmware firmware(kDram);
  firmware.function("_start").load(sp, kDram + 0x400).add({jal(ra, 8), j(0)});
  firmware.function("deeper").add({addi(sp, sp, -16), sw(ra, 12, sp), sw(zero, 8, sp), jal(ra, -12)});
  // With sp at 0x10 the return address, 0x80000020, takes the place of the call at 0x1c: c.addi4spn, and 0x8000.
  CHECK_THAT(failure_of(firmware),
             Contains("soc.host at 0x8000001e in deeper+0xe: illegal instruction (0x8000), and no "
                      "trap handler is set: mtvec is 0\n  called at ?"));
}

/// Puts the ring at kDram + 0x8000, enables the accelerator, and has its base in s0, the ring's in s1.
Firmware& begin_commands(Firmware& firmware, u32 entries) {
  firmware.load(s0, kAccelerator).load(s1, kDram + 0x8000).load(a0, entries);
  return firmware.add({sw(s1, reg::ring_base_lo, s0), sw(a0, reg::ring_size, s0), li(a0, 1), sw(a0, reg::control, s0)});
}

TEST_CASE("Bad firmware: a doorbell beyond the ring is an error of the accelerator's, and a ring of nonsense ends") {
  const auto run = [](u32 entries, u32 doorbell) {
    return flexcim::test::in_process([&] {
      Firmware firmware(kDram);
      begin_commands(firmware, entries).load(a0, doorbell).add({li(a1, -1), sw(a1, 0, s1), sw(a0, reg::doorbell, s0)});
      firmware.load(t0, 3000).add({addi(t0, t0, -1), bne(t0, zero, -4)});
      firmware.add({lw(gp, reg::error_code, s0), lw(tp, reg::completed, s0), lw(t1, reg::ring_head, s0)});
      Bench bench(finish(firmware));
      const bool ended = bench.run();
      return fmt::format("{} {} {} {}", ended, bench.hart().reg(gp), bench.hart().reg(tp), bench.hart().reg(t1));
    });
  };
  const auto bad_doorbell = static_cast<int>(ErrorCode::bad_doorbell), bad_ring = static_cast<int>(ErrorCode::bad_ring);
  const auto bad_opcode = static_cast<int>(ErrorCode::bad_opcode);
  CHECK(run(4, 4) == fmt::format("true {} 0 0", bad_doorbell));
  CHECK(run(4, 0xFFFF'FFFF) == fmt::format("true {} 0 0", bad_doorbell));
  CHECK(run(1, 0) == fmt::format("true {} 0 0", bad_ring));
  CHECK(run(0xFFFF'FFFF, 1) == fmt::format("true {} 0 0", bad_ring));
  // Nothing but ones, the flag STOP among them.
  CHECK(run(4, 3) == fmt::format("true {} 0 1", bad_opcode));
}

TEST_CASE("Bad firmware: descriptors that change while the accelerator reads them are commands or errors, never more") {
  for (const u32 seed : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u}) {
    INFO("seed " << seed);
    const std::string seen = flexcim::test::in_process([&] {
      Firmware firmware(kDram);
      // Each word of a ring of eight: opcode 1, or bits of a random number, again and again; a doorbell every time.
      begin_commands(firmware, 8).load(a0, seed).load(a1, 1664525).load(a2, 1013904223).load(t0, 3000);
      const u32 loop = firmware.here();
      firmware.add({mul(a0, a0, a1), add(a0, a0, a2), i_type(0x13, 5, t1, a0, 20), i_type(0x13, 7, t1, t1, 0x3FC)});
      firmware.add({add(t1, t1, s1), i_type(0x13, 5, t2, a0, 8), i_type(0x13, 7, t2, t2, 0x10F), sw(t2, 0, t1)});
      firmware.add({i_type(0x13, 5, t2, a0, 12), i_type(0x13, 7, t2, t2, 7), sw(t2, reg::doorbell, s0)});
      firmware.add({addi(t0, t0, -1)});
      firmware.add({bne(t0, zero, static_cast<int>(loop - firmware.here()))});
      Bench bench(finish(firmware));
      int failed = 0;
      bench.soc.accelerator().on_command_end(
          [&](const CommandRecord& record) { failed += record.error != ErrorCode::none; });
      const bool ended = bench.run(sc_core::sc_time(100, sc_core::SC_MS));
      return fmt::format("{} {}", ended, failed > 10);
    });
    CHECK(seen == "true true");
  }
}

TEST_CASE("Bad firmware: random code that writes into all devices neither crashes nor hangs the simulator") {
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
