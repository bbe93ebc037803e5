// Traps, interrupts, control and status registers, counters: the privileged architecture, machine mode.
#include "tests/platform/riscv/assembler.h"

#include <catch2/catch.hpp>

namespace flexcim::riscv::test {
namespace {

constexpr u32 kMstatusMie = 0x8, kMstatusMpie = 0x80, kMpp = 0x1800;
constexpr u32 kExternal = 1u << 11, kTimer = 1u << 7, kSoftware = 1u << 3;

u32 csr(const Machine& m, u32 number) { return m.hart.csr(number).value(); }

/// A machine whose handler is at kHandler.
struct Handled : Machine {
  Handled() {
    hart.set_csr(csrs::mtvec, kHandler);
    put(kHandler, {nop(), nop(), mret});
  }
};

/// Runs one instruction that traps, with sp as its address.
void check_trap(u32 instruction, u32 cause, u32 value, u32 address = 0) {
  INFO(std::hex << instruction);
  Handled m;
  m.put(kMemory + 0x100, {instruction});
  m.hart.set_pc(kMemory + 0x100);
  m.hart.set_csr(csrs::mstatus, kMstatusMie);
  m.hart.set_reg(sp, address);
  m.hart.set_reg(a0, 0x1234);
  REQUIRE(m.hart.run(1) == Stop::budget);
  CHECK(m.hart.pc() == kHandler);
  CHECK(csr(m, csrs::mepc) == kMemory + 0x100);
  CHECK(csr(m, csrs::mcause) == cause);
  CHECK(csr(m, csrs::mtval) == value);
  CHECK(csr(m, csrs::mstatus) == (kMpp | kMstatusMpie));
  CHECK(m.hart.instructions() == 0);
  CHECK(m.hart.reg(a0) == 0x1234);
  REQUIRE(m.hart.run(3) == Stop::budget);
  CHECK(m.hart.pc() == kMemory + 0x100);
  CHECK(csr(m, csrs::mstatus) == (kMpp | kMstatusMie | kMstatusMpie));
  CHECK(m.hart.instructions() == 3);
}

TEST_CASE("RISC-V: exceptions enter the handler with cause and value, and mret returns") {
  check_trap(ecall, 11, 0);
  check_trap(ebreak, 3, kMemory + 0x100);
  check_trap(c_ebreak, 3, kMemory + 0x100);
  check_trap(lh(a0, 1, sp), 4, kMemory + 0x11, kMemory + 0x10);
  check_trap(lw(a0, 2, sp), 4, kMemory + 0x12, kMemory + 0x10);
  check_trap(sh(a0, 1, sp), 6, kMemory + 0x11, kMemory + 0x10);
  check_trap(sw(a0, 2, sp), 6, kMemory + 0x12, kMemory + 0x10);
  check_trap(lr(a0, sp), 4, kMemory + 2, kMemory + 2);
  check_trap(sc(a0, a0, sp), 6, kMemory + 2, kMemory + 2);
  check_trap(amoadd(a0, a0, sp), 6, kMemory + 2, kMemory + 2);
  check_trap(lw(a0, 0, sp), 5, 0x2000'0000, 0x2000'0000);
  check_trap(sb(a0, 3, sp), 7, 0x2000'0003, 0x2000'0000);
  check_trap(lw(a0, 0, sp), 5, kMemory + kMemoryBytes, kMemory + kMemoryBytes);
  check_trap(lr(a0, sp), 5, kDevice, kDevice);  // devices are not accessed atomically
  check_trap(sc(a0, a0, sp), 7, kDevice, kDevice);
  check_trap(amoadd(a0, a0, sp), 7, kDevice, kDevice);
}

TEST_CASE("RISC-V: mret takes MIE from MPIE, which it sets") {
  for (const u32 mpie : {0u, kMstatusMpie}) {
    Machine m;
    m.put(kMemory, {mret});
    m.hart.set_csr(csrs::mepc, kMemory + 0x42);
    m.hart.set_csr(csrs::mstatus, mpie);
    CHECK(m.hart.run(1) == Stop::budget);
    CHECK(m.hart.pc() == kMemory + 0x42);
    CHECK(csr(m, csrs::mstatus) == (kMpp | kMstatusMpie | (mpie != 0 ? kMstatusMie : 0)));
  }
}

TEST_CASE("RISC-V: what the architecture reserves is illegal, with the instruction's bits in mtval") {
  for (const u32 instruction : {0x0000'0007u | 2u << 12,         // flw
                                0x0200'1013u,                    // slli by 32
                                0x4000'1033u,                    // sll with funct7 0x20
                                0x0000'1067u,                    // jalr with funct3 1
                                0x0000'2063u,                    // a branch with funct3 2
                                0x0000'3003u,                    // ld
                                0x0000'3023u,                    // sd
                                0x0000'200Fu,                    // of fence's opcode
                                0x1020'0073u,                    // sret
                                0x0010'0073u | 1u << 7,          // ebreak with rd
                                amo(0x05, a0, a0, a1),           // no atomic operation
                                lr(a0, a1) | 1u << 20,           // lr with rs2
                                r_type(0x2F, 3, 0, a0, a1, a2),  // amoadd.d
                                r_type(0x33, 0, 2, a0, a1, a2),  // funct7 2
                                0x0000'007Fu,                    // longer than 32 bits
                                csrrw(a0, csrs::time, zero),     // no such CSR ...
                                csrr(a0, csrs::time),            //
                                csrr(a0, 0x306),                 // mcounteren: there is no user mode
                                csrr(a0, 0x180),                 // satp
                                csrrw(a0, csrs::mhartid, zero),  // read-only ones
                                csrrsi(a0, csrs::cycle, 1),
                                csrrci(a0, csrs::instret, 31),
                                csrrs(zero, csrs::mhartid, a1)}) {
    check_trap(instruction, 2, instruction);
  }
  for (const u32 instruction : {
           0x0000u,            // all zero: c.addi4spn of 0
           0x2000u,            // c.fld
           0x8000u,            // reserved
           0x6105u & 0xEF83u,  // c.addi16sp of 0
           0x6501u,            // c.lui of 0
           0x4002u,            // c.lwsp into x0
           0x8002u,            // c.jr x0
           0x1502u,            // c.slli by 32
           0x9101u,            // c.srli by 32
           0x9D01u,            // c.subw
       }) {
    check_trap(instruction, 2, instruction);
  }
}

TEST_CASE("RISC-V: hints do nothing") {
  Machine m;
  m.put(kMemory, {fence, fence_i, c_nop, 0x0005 /* c.addi x0, 1 */, 0x4005 /* c.li x0, 1 */, 0x6005 /* c.lui x0, 1 */,
                  0x800Au | 1u << 2 /* c.mv x0, gp */, 0x0006 /* c.slli x0, 1 */});
  CHECK(m.hart.run(8) == Stop::budget);
  CHECK(m.hart.instructions() == 8);
  for (int i = 0; i < 32; ++i) CHECK(m.hart.reg(i) == 0);
}

TEST_CASE("RISC-V: a fetch where no memory is traps at its target") {
  Handled m;
  m.put(kMemory, {jalr(ra, 0, sp)});
  m.hart.set_reg(sp, 0x2000'0000);
  CHECK(m.hart.run(2) == Stop::budget);
  CHECK(m.hart.pc() == kHandler);
  CHECK(csr(m, csrs::mcause) == 1);
  CHECK(csr(m, csrs::mepc) == 0x2000'0000);
  CHECK(csr(m, csrs::mtval) == 0x2000'0000);
  CHECK(m.hart.instructions() == 1);
  // The second half of an instruction lies beyond the end.
  const u32 last = kMemory + kMemoryBytes - 2;
  m.memory[kMemoryBytes - 2] = 0x13;
  m.hart.set_pc(last);
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK(csr(m, csrs::mcause) == 1);
  CHECK(csr(m, csrs::mepc) == last);
  CHECK(csr(m, csrs::mtval) == last + 2);
}

TEST_CASE("RISC-V: a trap without handler, or in the handler's first instruction, ends the run and names itself") {
  Machine m;
  m.put(kMemory, {nop(), lw(a0, 0, sp)});
  m.hart.set_reg(sp, 0x40);
  CHECK(m.hart.run(10) == Stop::unhandled_trap);
  CHECK(m.hart.pc() == kMemory + 4);
  CHECK(m.hart.trap().pc == kMemory + 4);
  CHECK(m.hart.trap().value == 0x40);
  CHECK(std::string(cause_name(m.hart.trap().cause)) == "load access fault");
  CHECK(m.hart.instructions() == 1);

  Handled stuck;
  stuck.put(kMemory, {ecall});
  stuck.put(kHandler, {0});
  CHECK(stuck.hart.run(100) == Stop::unhandled_trap);
  CHECK(stuck.hart.trap().pc == kHandler);
  CHECK(csr(stuck, csrs::mepc) == kMemory);  // where it began

  Machine interrupted;
  interrupted.put(kMemory, {nop(), nop()});
  interrupted.hart.set_csr(csrs::mie, kTimer);
  interrupted.hart.set_csr(csrs::mstatus, kMstatusMie);
  interrupted.hart.set_interrupt(Interrupt::timer, true);
  CHECK(interrupted.hart.run(2) == Stop::unhandled_trap);
  CHECK(std::string(cause_name(interrupted.hart.trap().cause)) == "timer interrupt");
}

TEST_CASE("RISC-V: CSRs keep what they can hold") {
  struct Case {
    u32 number, reset, after_ones;
  };
  for (const Case& each : std::vector<Case>{{csrs::mstatus, kMpp, kMpp | kMstatusMie | kMstatusMpie},
                                            {0x310, 0, 0},
                                            {csrs::misa, 0x4000'1105, 0x4000'1105},
                                            {csrs::mie, 0, kExternal | kTimer | kSoftware},
                                            {csrs::mtvec, 0, 0xFFFF'FFFC},  // mode 3 is reserved
                                            {csrs::mcountinhibit, 0, 5},
                                            {csrs::mscratch, 0, 0xFFFF'FFFF},
                                            {csrs::mepc, 0, 0xFFFF'FFFE},
                                            {csrs::mcause, 0, 0xFFFF'FFFF},
                                            {csrs::mtval, 0, 0xFFFF'FFFF},
                                            {csrs::mip, 0, 0},
                                            {0xB03, 0, 0},  // mhpmcounter3
                                            {0xB9F, 0, 0},  // mhpmcounter31h
                                            {0x323, 0, 0},  // mhpmevent3
                                            {0x33F, 0, 0}}) {
    INFO(std::hex << each.number);
    Machine m;
    m.put(kMemory, {li(a1, -1), csrrw(a0, each.number, a1), csrrs(a2, each.number, zero), csrrc(a3, each.number, a1),
                    csrr(a4, each.number)});
    CHECK(m.hart.run(4) == Stop::budget);
    CHECK(m.hart.reg(a0) == each.reset);
    CHECK(m.hart.reg(a2) == each.after_ones);
    CHECK(m.hart.reg(a3) == each.after_ones);
  }
  for (const u32 number : {0xF11u, 0xF12u, 0xF13u, 0xF14u, 0xF15u, 0xC03u, 0xC9Fu}) {
    Machine m;
    CHECK(m.hart.csr(number) == 0u);
    CHECK_FALSE(m.hart.set_csr(number, 1));
  }
}

TEST_CASE("RISC-V: immediate CSR instructions set and clear five bits") {
  Machine m;
  m.put(kMemory, {csrrwi(a0, csrs::mscratch, 0x15), csrrsi(a1, csrs::mscratch, 0x0A), csrrci(a2, csrs::mscratch, 0x11),
                  csrrsi(a3, csrs::mscratch, 0)});
  CHECK(m.hart.run(4) == Stop::budget);
  CHECK(m.hart.reg(a1) == 0x15);
  CHECK(m.hart.reg(a2) == 0x1F);
  CHECK(m.hart.reg(a3) == 0x0E);
}

TEST_CASE("RISC-V: interrupts are taken in the order external, software, timer") {
  for (const bool vectored : {false, true}) {
    Handled m;
    m.hart.set_csr(csrs::mtvec, kHandler | (vectored ? 1 : 0));
    m.hart.set_csr(csrs::mie, kExternal | kTimer | kSoftware);
    m.hart.set_csr(csrs::mstatus, kMstatusMie);
    m.put(kMemory, {nop(), nop(), nop()});
    for (u32 i = 0; i < 16; ++i) m.put(kHandler + 4 * i, {mret});
    std::vector<u32> order;
    for (const Interrupt line : {Interrupt::timer, Interrupt::software, Interrupt::external}) {
      m.hart.set_interrupt(line, true);
    }
    CHECK(csr(m, csrs::mip) == (kExternal | kTimer | kSoftware));
    for (const u32 number : {11u, 3u, 7u}) {
      CHECK(m.hart.run(1) == Stop::budget);  // the mret of the handler
      CHECK(csr(m, csrs::mcause) == (0x8000'0000 | number));
      CHECK(csr(m, csrs::mtval) == 0);
      CHECK(csr(m, csrs::mepc) == kMemory);
      CHECK(m.hart.pc() == kMemory);
      m.hart.set_interrupt(static_cast<Interrupt>(number), false);
    }
    CHECK(m.hart.run(1) == Stop::budget);
    CHECK(m.hart.pc() == kMemory + 4);
    // Which entry was it? Vectored, the one of its number.
    m.hart.set_interrupt(Interrupt::timer, true);
    m.put(kHandler + (vectored ? 4 * 7 : 0), {ebreak});
    m.hart.invalidate(kHandler, kHandler + 63);
    m.hart.set_breakpoint(kHandler + (vectored ? 4 * 7 : 0), true);
    CHECK(m.hart.run(5) == Stop::breakpoint);
  }
}

TEST_CASE("RISC-V: exceptions do not use the vector") {
  Handled m;
  m.hart.set_csr(csrs::mtvec, kHandler | 1);
  m.put(kMemory, {ecall});
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK(m.hart.pc() == kHandler);
}

/// Where the handler was entered, of a program that unmasks a pending interrupt by `unmask`.
u32 interrupted_at(const std::vector<u32>& unmask, u32 mstatus) {
  Handled m;
  m.put(kHandler, {ebreak, mret});
  m.hart.set_breakpoint(kHandler, true);
  m.hart.set_csr(csrs::mstatus, mstatus);
  m.hart.set_interrupt(Interrupt::external, true);
  m.hart.set_reg(a1, kExternal);
  m.hart.set_csr(csrs::mepc, kMemory + 0x80);
  m.put(kMemory + 0x80, std::vector<u32>(10, nop()));
  m.put(m.put(kMemory, unmask), std::vector<u32>(10, nop()));
  CHECK(m.hart.run(100) == Stop::breakpoint);
  return csr(m, csrs::mepc);
}

TEST_CASE("RISC-V: an interrupt comes before the instruction behind the one that unmasks it") {
  CHECK(interrupted_at({nop(), csrrs(zero, csrs::mie, a1)}, kMstatusMie) == kMemory + 8);
  CHECK(interrupted_at({csrrs(zero, csrs::mie, a1), nop(), csrrsi(zero, csrs::mstatus, 8)}, 0) == kMemory + 12);
  CHECK(interrupted_at({csrrs(zero, csrs::mie, a1), nop(), mret}, kMstatusMpie) == kMemory + 0x80);
  CHECK(interrupted_at({csrrs(zero, csrs::mie, a1), wfi, csrrsi(zero, csrs::mstatus, 8)}, 0) == kMemory + 12);
}

TEST_CASE("RISC-V: an interrupt that a device raises during an access comes right behind the access") {
  for (const bool write : {false, true}) {
    Handled m;
    m.put(kHandler, {nop(), mret});
    m.hart.set_csr(csrs::mie, kExternal);
    m.hart.set_csr(csrs::mstatus, kMstatusMie);
    m.hart.set_reg(sp, kDevice);
    m.put(kMemory, {nop(), write ? sw(a0, 0, sp) : lw(a0, 0, sp), nop(), nop()});
    m.on_access = [&] { m.hart.set_interrupt(Interrupt::external, true); };
    CHECK(m.hart.run(3) == Stop::budget);
    CHECK(csr(m, csrs::mepc) == kMemory + 8);
    CHECK(m.hart.pc() == kHandler + 4);
  }
}

TEST_CASE("RISC-V: wfi waits for what mie enables, even where interrupts are off") {
  Handled m;
  m.put(kMemory, {wfi, nop(), nop()});
  m.hart.set_csr(csrs::mie, kTimer);
  CHECK(m.hart.run(10) == Stop::waiting);
  CHECK(m.hart.instructions() == 1);
  CHECK(m.hart.pc() == kMemory + 4);
  m.hart.set_interrupt(Interrupt::external, true);  // not enabled
  CHECK(m.hart.run(10) == Stop::waiting);
  CHECK(m.hart.instructions() == 1);
  m.hart.set_interrupt(Interrupt::timer, true);
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK(m.hart.pc() == kMemory + 8);
  // Pending already: wfi does not wait.
  m.put(kMemory + 8, {wfi, nop()});
  CHECK(m.hart.run(2) == Stop::budget);
  CHECK(m.hart.pc() == kMemory + 16);
  // With interrupts on, the handler returns behind wfi.
  m.hart.set_interrupt(Interrupt::timer, false);
  m.hart.set_csr(csrs::mstatus, kMstatusMie);
  m.put(kMemory + 16, {wfi, nop()});
  CHECK(m.hart.run(5) == Stop::waiting);
  m.hart.set_interrupt(Interrupt::timer, true);
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK(csr(m, csrs::mepc) == kMemory + 20);
  CHECK(m.hart.pc() == kHandler + 4);
}

TEST_CASE("RISC-V: counters count cycles and retired instructions, and take what is written") {
  Handled m;  // alu 1, csr 4, mret 2, trap 2
  m.put(kMemory, {nop(), csrr(a0, csrs::mcycle), csrr(a1, csrs::minstret), csrr(a2, csrs::cycle),
                  csrr(a3, csrs::instret), ecall, csrr(a4, csrs::minstret)});
  m.put(kHandler,
        {csrrwi(zero, csrs::mepc, 0), li(a5, 24), lui(t0, kMemory >> 12), add(a5, a5, t0), csrw(csrs::mepc, a5), mret});
  CHECK(m.hart.run(13) == Stop::budget);
  CHECK(m.hart.reg(a0) == 1);
  CHECK(m.hart.reg(a1) == 2);
  CHECK(m.hart.reg(a2) == 1 + 4 + 4);
  CHECK(m.hart.reg(a3) == 4);
  CHECK(m.hart.reg(a4) == 5 + 6);  // ecall has not retired
  CHECK(m.hart.cycles() == 1 + 4 * 4 + 2 + (4 + 1 + 1 + 1 + 4 + 2) + 4);
  CHECK(m.hart.instructions() == 12);

  Machine w;
  w.put(kMemory, {li(a1, -1), csrrw(zero, csrs::minstret, a1), csrr(a2, csrs::minstret), csrr(a3, csrs::minstreth),
                  csrrw(zero, csrs::mcycleh, a1), csrr(a4, csrs::mcycleh), csrrw(zero, csrs::mcycle, zero),
                  csrr(a5, csrs::mcycle)});
  CHECK(w.hart.run(8) == Stop::budget);
  CHECK(w.hart.reg(a2) == 0xFFFF'FFFF);  // the write comes in place of its own count
  CHECK(w.hart.reg(a3) == 1);
  CHECK(w.hart.reg(a4) == 0xFFFF'FFFF);
  CHECK(w.hart.reg(a5) == 0);
  CHECK(w.hart.instructions() == 8);
}

TEST_CASE("RISC-V: inhibited counters stand still and can be written") {
  Machine m;
  m.put(kMemory, {nop(), csrrwi(zero, csrs::mcountinhibit, 5), nop(), nop(), csrr(a0, csrs::mcycle),
                  csrr(a1, csrs::minstret), csrrwi(zero, csrs::minstret, 9), csrr(a2, csrs::minstret),
                  csrrwi(zero, csrs::mcountinhibit, 1), csrr(a3, csrs::minstret), csrr(a4, csrs::mcycle),
                  csrrwi(zero, csrs::mcountinhibit, 0), nop(), csrr(a5, csrs::mcycle)});
  CHECK(m.hart.run(14) == Stop::budget);
  CHECK(m.hart.reg(a0) == 1 + 4);
  CHECK(m.hart.reg(a1) == 2);
  CHECK(m.hart.reg(a2) == 9);
  CHECK(m.hart.reg(a3) == 9);
  CHECK(m.hart.reg(a4) == 5);
  CHECK(m.hart.reg(a5) == 6);
}

}  // namespace
}  // namespace flexcim::riscv::test
