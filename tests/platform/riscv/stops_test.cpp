// Where a debugger stops the hart: breakpoints and watchpoints.
#include "tests/platform/riscv/assembler.h"

#include <catch2/catch.hpp>

namespace flexcim::riscv::test {
namespace {

TEST_CASE("RISC-V: a breakpoint stops before its instruction, every time it is reached") {
  Machine m;
  m.put(kMemory, {c_addi(a0, 1), c_addi(a1, 1), addi(a2, a2, 1), j(-8)});
  m.hart.run(8);  // decoded already
  m.hart.set_breakpoint(kMemory + 2, true);
  for (u32 round = 3; round < 6; ++round) {
    CHECK(m.hart.run(100) == Stop::breakpoint);
    CHECK(m.hart.pc() == kMemory + 2);
    CHECK(m.hart.reg(a0) == round);
    CHECK(m.hart.reg(a1) == round - 1);
  }
  CHECK(m.hart.run(1) == Stop::budget);  // a single step from a breakpoint
  CHECK(m.hart.pc() == kMemory + 4);
  CHECK(m.hart.run(3) == Stop::budget);  // to it, exactly
  CHECK(m.hart.pc() == kMemory + 2);
  CHECK(m.hart.run(1) == Stop::breakpoint);
  m.hart.set_breakpoint(kMemory + 2, false);
  CHECK(m.hart.run(100) == Stop::budget);
  // Set back by hand to a breakpoint that has been passed: it stops there again.
  m.hart.set_breakpoint(kMemory + 4, true);
  m.hart.set_pc(kMemory + 4);
  CHECK(m.hart.run(1) == Stop::breakpoint);
  CHECK(m.hart.run(1) == Stop::budget);
  m.hart.set_pc(kMemory + 4);
  CHECK(m.hart.run(1) == Stop::breakpoint);
}

TEST_CASE(
    "RISC-V: a watchpoint stops before what it watches is accessed, in memory that was accessed directly before") {
  Machine m;
  // Ten times around: a word is written, another one of the same page and one of another page are read.
  m.put(kMemory, {lui(a0, kMemory >> 12), addi(a0, a0, 0x400), li(a1, 10), sw(a1, 0, a0), lw(a2, 4, a0),
                  lui(a3, (kMemory >> 12) + 2), lb(a4, 1, a3), addi(a1, a1, -1), bne(a1, zero, -20), c_j_self});
  CHECK(m.hart.run(3 + 2 * 6) == Stop::budget);
  const auto stops_at = [&](const Watchpoint& watchpoint, u32 pc, u32 address) {
    m.hart.set_watchpoint(watchpoint, true);
    const u32 left = m.hart.reg(a1);
    CHECK(m.hart.run(100) == Stop::watchpoint);
    CHECK(m.hart.pc() == pc);
    CHECK(m.hart.watched() == watchpoint);
    CHECK(m.hart.watched_address() == address);
    CHECK(m.word(kMemory + 0x400) == (pc == kMemory + 12 ? left + 1 : left));
    CHECK(m.hart.run(100) == Stop::watchpoint);  // once around
    CHECK(m.hart.pc() == pc);
    CHECK(m.hart.reg(a1) == left - 1);
    m.hart.set_watchpoint(watchpoint, false);
    CHECK(m.hart.run(1) == Stop::budget);
  };
  stops_at({kMemory + 0x403, kMemory + 0x407, false, true}, kMemory + 12, kMemory + 0x403);
  stops_at({kMemory + 0x3FF, kMemory + 0x404, true, false}, kMemory + 16, kMemory + 0x404);
  stops_at({kMemory + 0x2001, kMemory + 0x2001, true, true}, kMemory + 24, kMemory + 0x2001);
  m.hart.set_watchpoint({kMemory + 0x408, kMemory + 0x2000, true, true}, true);  // nobody's
  m.hart.set_watchpoint({kMemory + 0x400, kMemory + 0x403, true, false}, true);  // is written
  CHECK(m.hart.run(1000) == Stop::budget);
  CHECK(m.hart.reg(a1) == 0);
}

TEST_CASE("RISC-V: an instruction with a breakpoint that accesses what is watched stops for both, once each") {
  Machine m;
  m.put(kMemory, {lui(a0, kMemory >> 12), addi(a1, a1, 1), sw(a1, 0x400, a0), j(-8)});
  m.hart.set_breakpoint(kMemory + 8, true);
  m.hart.set_watchpoint({kMemory + 0x400, kMemory + 0x403, false, true}, true);
  for (u32 round = 0; round < 3; ++round) {
    CHECK(m.hart.run(100) == Stop::breakpoint);
    CHECK(m.hart.run(100) == Stop::watchpoint);
    CHECK(m.hart.pc() == kMemory + 8);
    CHECK(m.word(kMemory + 0x400) == round);
  }
}

TEST_CASE("RISC-V: watchpoints see devices and atomic instructions, and no access that traps") {
  Machine m;
  const u32 handler = kMemory + 0x100;
  m.put(handler, {c_j_self});
  m.put(kMemory, {lui(a0, kDevice >> 12), lui(a1, (kMemory >> 12) + 1), lui(t0, kMemory >> 12), addi(t0, t0, 0x100),
                  csrw(csrs::mtvec, t0), sh(a0, 2, a0), lr(a2, a1), sc(a3, a0, a1), amoadd(a4, a0, a1), sw(a0, 2, a1)});
  m.hart.set_watchpoint({kDevice + 3, kDevice + 3, false, true}, true);
  m.hart.set_watchpoint({kMemory + 0x1000, kMemory + 0x1000, true, false}, true);
  m.hart.set_watchpoint({kMemory + 0x1002, kMemory + 0x1005, false, true}, true);
  for (const u32 pc : {20u, 24u, 28u, 32u}) {
    CHECK(m.hart.run(100) == Stop::watchpoint);
    CHECK(m.hart.pc() == kMemory + pc);
    CHECK(m.accesses.size() == (pc == 20 ? 0 : 1));
  }
  CHECK(m.hart.run(100) == Stop::budget);
  CHECK(m.hart.trap().cause == store_misaligned);
  CHECK(m.hart.pc() == handler);
}

}  // namespace
}  // namespace flexcim::riscv::test
