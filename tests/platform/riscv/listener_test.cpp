// Who listens to a hart hears of everything and changes nothing.
#include "tests/platform/riscv/assembler.h"

#include <catch2/catch.hpp>

using namespace flexcim::riscv;
using namespace flexcim::riscv::test;

namespace {

/// Loops, calls, accesses of a device that raises an interrupt, exceptions with a handler, and code that is written.
void put_program(Machine& machine) {
  const u32 handler = kMemory + 0x100, leaf = kMemory + 0x200;
  u32 at = machine.put(
      kMemory, {lui(t0, handler >> 12), addi(t0, t0, 0x100), csrw(csrs::mtvec, t0), lui(s0, kDevice >> 12),
                lui(s1, 0x1), addi(s1, s1, -0x800), csrw(csrs::mie, s1), csrrsi(zero, csrs::mstatus, 8), li(a0, 3)});
  const u32 loop = at;
  at = machine.put(at, {jal(ra, static_cast<int>(leaf - at)), sw(a0, 0, s0), ecall, lw(a1, 4, s0)});
  at = machine.put(at, {addi(a0, a0, -1), bne(a0, zero, static_cast<int>(loop - (at + 4)))});
  at = machine.put(at, {lui(t0, leaf >> 12), addi(t0, t0, 0x200), li(t1, 0x13), sw(t1, 0, t0)});  // a nop
  machine.put(at, {jal(ra, static_cast<int>(leaf - at)), 0xFFFF'FFFF, wfi, j(0)});
  // The handler: goes on behind an exception, silences the device.
  machine.put(handler, {csrr(a4, csrs::mcause), csrr(a5, csrs::mepc), b_type(4, a4, zero, 8), addi(a5, a5, 4),
                        csrw(csrs::mepc, a5), sw(zero, 8, s0), mret});
  machine.put(leaf, {c_addi(a2, 5), c_nop, jalr(zero, 0, ra)});
}

/// Silenced by a write to offset 8, raised by one to offset 0.
void wire(Machine& machine) {
  machine.on_access = [&machine] {
    const Machine::Access& access = machine.accesses.back();
    if (!access.write) return machine.hart.stall(7);
    machine.hart.set_interrupt(Interrupt::external, access.address == kDevice);
  };
}

struct Heard : HartListener {
  explicit Heard(Hart& listened) : hart(listened) {}
  void trapped(const Trap& trap) override { traps.push_back(trap.cause); }
  void returned() override { ++returns; }
  void executed(u32 pc, const Instruction& instruction) override {
    ++instructions;
    if (instruction.operation == Operation::jal && instruction.rd == ra) calls.push_back(pc);
    CHECK(instruction.operation != Operation::undecoded);
  }
  Hart& hart;
  std::vector<u32> traps, calls;
  std::size_t returns = 0, instructions = 0;
};

}  // namespace

TEST_CASE("Hart: with a listener of instructions it does the same, however it is sliced") {
  Machine plain;
  put_program(plain);
  wire(plain);
  while (plain.hart.run(1000) != Stop::waiting) {
  }
  REQUIRE(plain.hart.instructions() > 40);
  for (const std::uint64_t slice : {1u, 2u, 3u, 5u, 1000u}) {
    Machine told;
    put_program(told);
    wire(told);
    Heard heard(told.hart);
    told.hart.set_listener(&heard, true);
    while (told.hart.run(slice, told.hart.cycles() + 4 * slice) != Stop::waiting) {
    }
    CHECK(told.hart.instructions() == plain.hart.instructions());
    CHECK(told.hart.cycles() == plain.hart.cycles());
    CHECK(told.hart.pc() == plain.hart.pc());
    for (int i = 0; i < 32; ++i) CHECK(told.hart.reg(i) == plain.hart.reg(i));
    CHECK(told.accesses == plain.accesses);
    CHECK(told.memory == plain.memory);
    CHECK(heard.instructions == told.hart.instructions());
    // Three rounds with an interrupt and an ecall each, and an illegal instruction.
    CHECK(heard.traps.size() == 7);
    CHECK(heard.returns == 7);
    CHECK(heard.calls.size() == 4);
  }
}

TEST_CASE("Hart: a listener of traps alone hears of them and of mret") {
  Machine machine;
  put_program(machine);
  wire(machine);
  Heard heard(machine.hart);
  machine.hart.set_listener(&heard, false);
  while (machine.hart.run(1000) != Stop::waiting) {
  }
  CHECK(heard.traps.size() == 7);
  CHECK(heard.returns == 7);
  CHECK(heard.instructions == 0);
}

TEST_CASE("Hart: a listener and breakpoints do not disturb each other") {
  Machine machine;
  machine.put(kMemory, {li(a0, 1), li(a1, 2), li(a2, 3), wfi});
  Heard heard(machine.hart);
  machine.hart.set_listener(&heard, true);
  machine.hart.set_breakpoint(kMemory + 4, true);
  CHECK(machine.hart.run(10) == Stop::breakpoint);
  CHECK(heard.instructions == 1);
  CHECK(machine.hart.run(10) == Stop::waiting);
  CHECK(machine.hart.run(0) == Stop::waiting);
  CHECK(heard.instructions == 4);
}
