// How the hart runs: slices, decoded code that changes, pages, breakpoints, cycles.
#include "tests/platform/riscv/assembler.h"

#include <catch2/catch.hpp>
#include <random>

namespace flexcim::riscv::test {
namespace {

constexpr u32 kHandler = kMemory + 0x200;

/// Everything that software can see.
std::vector<std::uint64_t> state(const Machine& m) {
  std::vector<std::uint64_t> all{m.hart.pc(), m.hart.cycles(), m.hart.instructions(), m.hart.read_bytes(),
                                 m.hart.write_bytes()};
  for (int i = 0; i < 32; ++i) all.push_back(m.hart.reg(i));
  for (u32 number = 0; number < 0x1000; ++number) all.push_back(m.hart.csr(number).value_or(~0u));
  for (u32 at = kMemory; at < kMemory + kMemoryBytes; at += 4) all.push_back(m.word(at));
  return all;
}

/// Random halfwords, half of them instructions that are none of the easy kind, with a handler that goes on behind what
/// has trapped. A device's access toggles the interrupts.
std::unique_ptr<Machine> random_machine(unsigned seed) {
  auto m = std::make_unique<Machine>(Timing{}, 3, 2);
  std::mt19937 random(seed);
  const u32 interesting[] = {lw(a0, 0, s0),
                             sw(a1, 4, s1),
                             sb(a2, 1, s1),
                             lw(a3, 0, gp),
                             sw(a3, 0, gp),
                             wfi,
                             ecall,
                             csrrsi(a4, csrs::mstatus, 8),
                             csrrs(t0, csrs::mie, t1),
                             csrr(a5, csrs::mcycle),
                             csrr(t2, csrs::minstret),
                             amoadd(a0, a1, s0),
                             lr(a2, s0),
                             sc(a2, a3, s0),
                             beq(a0, a0, 8),
                             jal(ra, -64),
                             bne(a1, a2, 12),
                             mul(a0, a1, a2),
                             div(a1, a0, a2),
                             0x4188 /* c.lw */};
  for (u32 at = kMemory; at < kMemory + 0x2000;) {
    const auto bits = static_cast<u32>(random());
    at = m->put(at, {random() % 2 == 0 ? bits : interesting[bits % std::size(interesting)]});
  }
  m->put(kHandler, {csrrw(tp, csrs::mscratch, tp), csrr(tp, csrs::mepc), addi(tp, tp, 2), csrw(csrs::mepc, tp),
                    csrrw(tp, csrs::mscratch, tp), mret});
  m->hart.set_csr(csrs::mtvec, kHandler);
  m->hart.set_pc(kMemory + 0x300);
  for (int i = 1; i < 32; ++i) m->hart.set_reg(i, static_cast<u32>(random()));
  m->hart.set_reg(s0, kMemory + 0x4000);
  m->hart.set_reg(s1, kMemory + 0x0F00);  // code
  m->hart.set_reg(gp, kDevice);
  m->hart.set_reg(t1, 0x888);
  m->on_access = [machine = m.get()] {
    const auto n = machine->accesses.size();
    machine->hart.stall(n % 5);
    machine->hart.set_interrupt(Interrupt::timer, n % 2 == 0);
    machine->hart.set_interrupt(Interrupt::external, n % 3 == 0);
  };
  return m;
}

TEST_CASE("RISC-V: a run is the same however it is cut into slices") {
  std::uint64_t executed = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    const auto run_in_slices = [&](std::uint64_t slice) {
      const auto m = random_machine(seed);
      constexpr std::uint64_t kSteps = 3000;
      Stop stop = Stop::budget;
      for (std::uint64_t done = 0; done < kSteps && stop != Stop::unhandled_trap; done += slice) {
        stop = m->hart.run(std::min(slice, kSteps - done));
        if (stop == Stop::waiting) break;  // how many steps it took, nobody says
      }
      executed += m->hart.instructions();
      return state(*m);
    };
    INFO("seed " << seed);
    const std::vector<std::uint64_t> whole = run_in_slices(3000);
    for (const std::uint64_t slice : {1, 2, 3, 17}) {
      if (run_in_slices(slice) != whole) FAIL("slices of " << slice);
    }
  }
  CHECK(executed > 100'000);
}

TEST_CASE("RISC-V: a run stops with the first instruction at whose end the cycle is reached") {
  for (const std::uint64_t until : {1, 5, 36, 37, 38, 40, 1000}) {
    Machine m;  // div takes 35 cycles, a taken branch 3
    m.put(kMemory, {nop(), div(a0, a1, a2), j(-4)});
    CHECK(m.hart.run(1000, until) == Stop::budget);
    const std::uint64_t rounds = until <= 1 ? 0 : (until - 2) / 37;  // of div and jump (2) behind the nop
    const std::uint64_t rest = until <= 1 ? 0 : (until - 1) - 37 * rounds;
    CHECK(m.hart.cycles() == 1 + 37 * rounds + (rest == 0 ? 0 : rest <= 35 ? 35 : 37));
  }
}

TEST_CASE("RISC-V: a run stops at its cycle between two pages, too") {
  for (const std::uint64_t until : {1, 2, 3, 4, 9}) {
    Machine m;
    m.put(kMemory, {j(0x1000)});  // 2 cycles each
    m.put(kMemory + 0x1000, {j(-0x1000)});
    CHECK(m.hart.run(1000, until) == Stop::budget);
    CHECK(m.hart.cycles() == (until + 1) / 2 * 2);
  }
}

TEST_CASE("RISC-V: cycles are those of the instruction's class, and of memory") {
  Timing timing;
  timing.alu = 2, timing.mul = 3, timing.mulh = 5, timing.div = 7, timing.load = 11, timing.store = 13;
  timing.atomic = 17, timing.branch = 19, timing.branch_taken = 23, timing.jump = 29, timing.csr = 31;
  timing.mret = 37, timing.trap = 41;
  constexpr u32 kRead = 100, kWrite = 200;
  const auto cycles_of = [&](u32 instruction, u32 address = kMemory + 0x4000) {
    std::uint64_t first = 0;
    for (int run = 0; run < 3; ++run) {  // decoded and reached for the first time, and later
      Machine m(timing, kRead, kWrite);
      m.hart.set_csr(csrs::mtvec, kHandler);
      m.hart.set_csr(csrs::mepc, kMemory);
      m.put(kMemory, {instruction});
      m.hart.set_reg(sp, address);
      for (int i = 0; i <= run; ++i) {
        const std::uint64_t before = m.hart.cycles();
        m.hart.set_pc(kMemory);
        m.hart.run(1);
        const std::uint64_t now = m.hart.cycles() - before;
        if (first == 0) first = now;
        REQUIRE(now == first);
      }
    }
    return first;
  };
  CHECK(cycles_of(add(a0, a1, a2)) == 2);
  CHECK(cycles_of(auipc(a0, 1)) == 2);
  CHECK(cycles_of(fence_i) == 2);
  CHECK(cycles_of(mul(a0, a1, a2)) == 3);
  CHECK(cycles_of(mulh(a0, a1, a2)) == 5);
  CHECK(cycles_of(div(a0, a1, a2)) == 7);
  CHECK(cycles_of(lw(a0, 0, sp)) == 11 + kRead);
  CHECK(cycles_of(sb(a0, 0, sp)) == 13 + kWrite);
  CHECK(cycles_of(sw(a0, 8, sp), kMemory) == 13 + kWrite);  // beside code
  CHECK(cycles_of(lr(a0, sp)) == 17 + kRead);
  CHECK(cycles_of(sc(a0, a1, sp)) == 17);  // has no reservation
  CHECK(cycles_of(amoadd(a0, a1, sp)) == 17 + kRead + kWrite);
  CHECK(cycles_of(lw(a0, 0, sp), kDevice) == 11);
  CHECK(cycles_of(bne(a0, a0, 8)) == 19);
  CHECK(cycles_of(beq(a0, a0, 8)) == 23);
  CHECK(cycles_of(beq(a0, a0, -2048)) == 23);
  CHECK(cycles_of(j(8)) == 29);
  CHECK(cycles_of(j(0x8000)) == 29);
  CHECK(cycles_of(jalr(ra, 0, sp)) == 29);
  CHECK(cycles_of(csrr(a0, csrs::mepc)) == 31);
  CHECK(cycles_of(mret) == 37);
  CHECK(cycles_of(ecall) == 41);
  Machine reserved(timing, kRead, kWrite);
  reserved.put(kMemory, {lr(a0, sp), sc(a0, a1, sp)});
  reserved.hart.set_reg(sp, kMemory + 0x4000);
  reserved.hart.run(2);
  CHECK(reserved.hart.cycles() == 17 + kRead + 17 + kWrite);
}

TEST_CASE("RISC-V: bytes of memory are counted, those of devices are not") {
  Machine m;
  m.put(kMemory, {lw(a0, 0, sp), lbu(a0, 1, sp), sh(a0, 2, sp), lw(a0, 0, gp), sw(a0, 0, gp), lr(a0, sp),
                  sc(a0, a1, sp), amoadd(a0, a1, sp), sc(a0, a1, sp), j(-36)});
  m.hart.set_reg(sp, kMemory + 0x4000);
  m.hart.set_reg(gp, kDevice);
  for (std::uint64_t round = 1; round < 4; ++round) {
    m.hart.run(10);
    CHECK(m.hart.read_bytes() == round * (4 + 1 + 4 + 4));
    CHECK(m.hart.write_bytes() == round * (2 + 4 + 4));
  }
}

TEST_CASE("RISC-V: an instruction may lie in two pages, and either half may change") {
  Machine m;
  const u32 at = kMemory + 0xFFE;
  m.put(at, {addi(a0, a0, 1), j(-4)});
  m.hart.set_pc(at);
  CHECK(m.hart.run(4) == Stop::budget);
  CHECK(m.hart.reg(a0) == 2);
  CHECK(m.hart.pc() == at);

  // Its second half, in the next page, by a store: the immediate becomes 0x10.
  m.put(kMemory + 0x100, {sh(a1, 2, sp), jalr(zero, 0, sp)});
  m.hart.set_reg(sp, at);
  m.hart.set_reg(a1, addi(a0, a0, 0x10) >> 16);
  m.hart.set_pc(kMemory + 0x100);
  CHECK(m.hart.run(3) == Stop::budget);
  CHECK(m.hart.reg(a0) == 0x12);

  // Its first half: addi becomes xori.
  m.put(kMemory + 0x100, {sh(a1, 0, sp), jalr(zero, 0, sp)});
  m.hart.invalidate(kMemory + 0x100, kMemory + 0x107);
  m.hart.set_reg(a1, i_type(0x13, 4, a0, a0, 0x10) & 0xFFFF);
  m.hart.set_pc(kMemory + 0x100);
  CHECK(m.hart.run(3) == Stop::budget);
  CHECK(m.hart.reg(a0) == (0x12 ^ 0x10));

  // By somebody else, only a byte of the second half.
  m.memory[0x1001] = 0x7F;
  m.hart.invalidate(kMemory + 0x1001, kMemory + 0x1001);
  m.hart.set_pc(at);
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK(m.hart.reg(a0) == (0x12 ^ 0x10 ^ 0x7F0));
}

TEST_CASE("RISC-V: a page that has only the end of an instruction is code, too") {
  Machine m;
  const u32 at = kMemory + 0xFFC;
  m.put(at, {c_addi(a0, 1), jal(zero, -2)});
  m.hart.set_pc(at);
  CHECK(m.hart.run(6) == Stop::budget);
  CHECK(m.hart.reg(a0) == 3);
  // The jump's second half, by which it goes farther.
  m.put(kMemory + 0x100, {sh(a1, 4, sp), jalr(zero, 0, sp)});
  m.hart.set_reg(sp, at);
  m.hart.set_reg(a1, jal(zero, -0x20) >> 16);
  m.hart.set_pc(kMemory + 0x100);
  CHECK(m.hart.run(4) == Stop::budget);
  CHECK(m.hart.reg(a0) == 4);
  CHECK(m.hart.pc() == at + 2 - 0x20);
}

TEST_CASE("RISC-V: a page that was data first becomes code when it is run") {
  Machine m;
  const u32 code = kMemory + 0x3000;
  // Writes a function and calls it, twice, each time another one.
  m.put(kMemory, {sw(a1, 0, sp), sw(a2, 4, sp), jalr(ra, 0, sp), add(a1, a1, a3), j(-16)});
  m.hart.set_reg(sp, code);
  m.hart.set_reg(a1, addi(a0, a0, 1));
  m.hart.set_reg(a2, jalr(zero, 0, ra));
  m.hart.set_reg(a3, 1u << 20);
  CHECK(m.hart.run(7 * 4) == Stop::budget);
  CHECK(m.hart.reg(a0) == 1 + 2 + 3 + 4);
}

TEST_CASE("RISC-V: straight-line code runs over the ends of pages") {
  Machine m;
  u32 at = m.put(kMemory, {c_nop});  // so that every page but the first begins with the second half of an instruction
  for (int i = 0; i < 4000; ++i) at = m.put(at, {addi(a0, a0, 1)});
  CHECK(m.hart.run(4001) == Stop::budget);
  CHECK(m.hart.reg(a0) == 4000);
  CHECK(m.hart.pc() == at);
}

TEST_CASE("RISC-V: code that writes code runs what it has written, at once") {
  Machine m;
  // Writes the instruction behind it: first time a0 += 1, then a0 += 2 ...
  m.put(kMemory, {sw(a1, 8, sp), add(a1, a1, a2), addi(a0, a0, 0x123), j(-12)});
  m.hart.set_reg(sp, kMemory);
  m.hart.set_reg(a1, addi(a0, a0, 1));
  m.hart.set_reg(a2, 1u << 20);
  CHECK(m.hart.run(4 * 10) == Stop::budget);
  CHECK(m.hart.reg(a0) == 55);

  // A store into the middle of an instruction of 32 bits, that makes two of 16 of it.
  Machine n;
  n.put(kMemory, {addi(a0, a0, 1), sw(a1, 0, sp), sw(a2, 4, sp), j(-12)});
  n.hart.set_reg(sp, kMemory);
  n.hart.set_reg(a1, c_addi(a0, 8) | c_addi(a0, 16) << 16);
  n.hart.set_reg(a2, sw(a1, 0, sp));
  CHECK(n.hart.run(4 + 2) == Stop::budget);
  CHECK(n.hart.reg(a0) == 1 + 8 + 16);
  CHECK(n.hart.pc() == kMemory + 4);

  // By an atomic instruction.
  Machine a;
  a.put(kMemory, {addi(a0, a0, 1), amoadd(zero, a2, sp), j(-8)});
  a.hart.set_reg(sp, kMemory);
  a.hart.set_reg(a2, 1u << 20);
  CHECK(a.hart.run(3 * 4) == Stop::budget);
  CHECK(a.hart.reg(a0) == 1 + 2 + 3 + 4);
}

TEST_CASE("RISC-V: what others write into code is run as soon as the hart hears of it") {
  Machine m;
  m.put(kMemory, {addi(a0, a0, 1), j(-4)});
  m.put(kMemory + 0x2000, {addi(a0, a0, 1), j(-4)});
  for (const u32 code : {kMemory, kMemory + 0x2000}) {
    m.hart.set_pc(code);
    m.hart.run(20);
  }
  CHECK(m.hart.reg(a0) == 20);
  for (const u32 code : {kMemory, kMemory + 0x2000}) m.put(code, {addi(a0, a0, 100)});
  m.hart.invalidate(0, 0xFFFF'FFFF);
  for (const u32 code : {kMemory, kMemory + 0x2000}) {
    m.hart.set_pc(code);
    m.hart.run(20);
  }
  CHECK(m.hart.reg(a0) == 20 + 2000);
  // During an access of the hart itself.
  m.put(kMemory + 0x100, {lw(a1, 0, sp), addi(a0, zero, 1)});
  m.hart.set_pc(kMemory + 0x104);
  m.hart.run(1);
  m.on_access = [&] {
    m.put(kMemory + 0x104, {addi(a0, zero, 2)});
    m.hart.invalidate(kMemory + 0x104, kMemory + 0x104);
  };
  m.hart.set_reg(sp, kDevice);
  m.hart.set_pc(kMemory + 0x100);
  m.hart.run(2);
  CHECK(m.hart.reg(a0) == 2);
}

TEST_CASE("RISC-V: memory that is taken away is not accessed any more") {
  Machine m;
  m.put(kMemory, {lw(a0, 0, sp), sw(a0, 4, sp), j(-8)});
  m.hart.set_csr(csrs::mtvec, kHandler);
  m.hart.set_reg(sp, kMemory + 0x4000);
  m.hart.run(6);
  CHECK(m.accesses.empty());
  m.hart.unmap(kMemory + 0x4000, kMemory + 0x4000);
  CHECK(m.hart.find_memory(kMemory) == nullptr);
  CHECK(m.hart.run(2) == Stop::unhandled_trap);  // the handler is there no more either
  CHECK(m.hart.trap().pc == kHandler);
  CHECK(m.hart.trap().cause == 1);
  // During an access, too.
  Machine n;
  n.put(kMemory, {lw(a0, 0, sp), nop()});
  n.hart.set_reg(sp, kDevice);
  n.on_access = [&] { n.hart.unmap(0, 0xFFFF'FFFF); };
  CHECK(n.hart.run(2) == Stop::unhandled_trap);
  CHECK(n.hart.trap().pc == kMemory + 4);
  CHECK(n.hart.instructions() == 1);
}

TEST_CASE("RISC-V: of two memories one is taken away") {
  std::vector<std::uint8_t> other(0x2000);
  Machine m;
  Memory map;
  map.first = kDevice;
  map.last = kDevice + 0x1FFF;
  map.data = other.data();
  m.hart.map(map);
  m.put(kMemory, {lw(a0, 0, sp), sw(a0, 4, sp), j(-8)});
  m.hart.set_reg(sp, kDevice);
  m.hart.run(6);
  CHECK(m.accesses.empty());
  m.hart.unmap(kDevice + 0x1000, kDevice + 0x1000);
  m.hart.run(6);
  CHECK(m.accesses.size() == 4);
}

TEST_CASE("RISC-V: memory that cannot be written, or is no whole page, is served as it is") {
  Machine m;
  std::vector<std::uint8_t> rom(0x1800);
  Memory map;
  map.first = 0x2000'0800;
  map.last = 0x2000'1FFF;
  map.data = rom.data();
  map.writable = false;
  m.hart.map(map);
  m.put(kMemory, {lw(a0, 0, sp), lw(a1, 4, gp), sw(a0, 0, sp), nop()});
  rom[0] = 5;
  rom[0x804] = 6;
  m.hart.set_reg(sp, 0x2000'0800);
  m.hart.set_reg(gp, 0x2000'1000);
  CHECK(m.hart.run(3) == Stop::unhandled_trap);  // the bus refuses
  CHECK(m.hart.reg(a0) == 5);
  CHECK(m.hart.reg(a1) == 6);
  CHECK(m.hart.trap().cause == 7);
  CHECK(rom[0] == 5);
  m.hart.set_csr(csrs::mtvec, kHandler);
  m.put(kMemory + 0x100, {amoadd(a0, a1, sp)});
  m.hart.set_pc(kMemory + 0x100);
  m.hart.run(1);
  CHECK(m.hart.csr(csrs::mcause) == 7u);
}

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

TEST_CASE("RISC-V: code in more pages than are kept decoded runs on") {
  std::vector<std::uint8_t> large(std::size_t{4096} * 4096);
  Machine m;
  Memory map;
  map.first = 0x4000'0000;
  map.last = map.first + static_cast<u32>(large.size()) - 1;
  map.data = large.data();
  m.hart.map(map);
  const u32 code[] = {addi(a0, a0, 1), jal(zero, 4096 - 4)};
  for (std::size_t at = 0; at < large.size(); at += 4096) std::memcpy(&large[at], code, sizeof code);
  m.hart.set_pc(0x4000'0000);
  CHECK(m.hart.run(2 * 4096) == Stop::budget);
  CHECK(m.hart.reg(a0) == 4096);
}

}  // namespace
}  // namespace flexcim::riscv::test
