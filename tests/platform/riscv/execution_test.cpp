// How the hart runs: slices, cycles, what is counted.
#include "tests/platform/riscv/assembler.h"

#include <catch2/catch.hpp>
#include <random>

namespace flexcim::riscv::test {
namespace {

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

}  // namespace
}  // namespace flexcim::riscv::test
