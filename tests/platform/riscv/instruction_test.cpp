// What every instruction does, class by class, in values of the unprivileged architecture.
#include "tests/platform/riscv/assembler.h"

#include <catch2/catch.hpp>

namespace flexcim::riscv::test {
namespace {

/// a0 after one instruction with these operands in a1 and a2.
u32 result_of(u32 instruction, u32 value_a1, u32 value_a2 = 0) {
  Machine m;
  m.put(kMemory, {instruction});
  m.hart.set_reg(a1, value_a1);
  m.hart.set_reg(a2, value_a2);
  REQUIRE(m.hart.run(1) == Stop::budget);
  REQUIRE(m.hart.instructions() == 1);
  CHECK(m.hart.pc() == kMemory + (is_long(instruction) ? 4 : 2));
  return m.hart.reg(a0);
}

u32 op(u32 funct3, u32 funct7) { return r_type(0x33, funct3, funct7, a0, a1, a2); }
u32 op_imm(u32 funct3, int imm) { return i_type(0x13, funct3, a0, a1, imm); }

constexpr u32 kMin = 0x8000'0000, kMinus1 = 0xFFFF'FFFF;

TEST_CASE("RISC-V: arithmetic with registers") {
  CHECK(result_of(op(0, 0), 7, kMinus1) == 6);           // add
  CHECK(result_of(op(0, 0x20), 3, 5) == kMinus1 - 1);    // sub
  CHECK(result_of(op(1, 0), 1, 33) == 2);                // sll: five bits count
  CHECK(result_of(op(2, 0), kMinus1, 0) == 1);           // slt
  CHECK(result_of(op(3, 0), kMinus1, 0) == 0);           // sltu
  CHECK(result_of(op(4, 0), 0xF0F0, 0xFF00) == 0x0FF0);  // xor
  CHECK(result_of(op(5, 0), kMin, 31) == 1);             // srl
  CHECK(result_of(op(5, 0x20), kMin, 31) == kMinus1);    // sra
  CHECK(result_of(op(6, 0), 0xF0, 0x0F) == 0xFF);        // or
  CHECK(result_of(op(7, 0), 0xF3, 0x3F) == 0x33);        // and
}

TEST_CASE("RISC-V: arithmetic with immediates") {
  CHECK(result_of(op_imm(0, -2048), 2047) == kMinus1);          // addi
  CHECK(result_of(op_imm(2, -1), kMin) == 1);                   // slti
  CHECK(result_of(op_imm(3, -1), 5) == 1);                      // sltiu: the immediate is extended first
  CHECK(result_of(op_imm(4, -1), 0x55) == ~0x55u);              // xori
  CHECK(result_of(op_imm(6, -16), 1) == 0xFFFF'FFF1);           // ori
  CHECK(result_of(op_imm(7, -16), 0x1234) == 0x1230);           // andi
  CHECK(result_of(op_imm(1, 31), 3) == kMin);                   // slli
  CHECK(result_of(op_imm(5, 4), kMin) == 0x0800'0000);          // srli
  CHECK(result_of(op_imm(5, 0x400 | 4), kMin) == 0xF800'0000);  // srai
  CHECK(result_of(lui(a0, 0x12345), 0) == 0x1234'5000);
  CHECK(result_of(auipc(a0, 0xFFFFF), 0) == kMemory - 0x1000);
}

TEST_CASE("RISC-V: multiplication and division") {
  CHECK(result_of(op(0, 1), 0x1234'5678, 0x9ABC'DEF0) == 0x1234'5678u * 0x9ABC'DEF0u);  // mul
  CHECK(result_of(op(1, 1), kMin, kMin) == 0x4000'0000);                                // mulh
  CHECK(result_of(op(1, 1), kMinus1, 1) == kMinus1);
  CHECK(result_of(op(2, 1), kMinus1, kMinus1) == kMinus1);      // mulhsu: -1 * (2^32 - 1)
  CHECK(result_of(op(3, 1), kMinus1, kMinus1) == kMinus1 - 1);  // mulhu
  CHECK(result_of(op(4, 1), 0u - 7, 2) == 0u - 3);              // div: towards zero
  CHECK(result_of(op(5, 1), 0u - 7, 2) == (0u - 7) / 2);        // divu
  CHECK(result_of(op(6, 1), 0u - 7, 2) == kMinus1);             // rem: the dividend's sign
  CHECK(result_of(op(7, 1), 0u - 7, 16) == 9);                  // remu
  for (const u32 a : {0u, 5u, kMin, kMinus1}) {                 // by zero (table 7.1)
    CHECK(result_of(op(4, 1), a, 0) == kMinus1);
    CHECK(result_of(op(5, 1), a, 0) == kMinus1);
    CHECK(result_of(op(6, 1), a, 0) == a);
    CHECK(result_of(op(7, 1), a, 0) == a);
  }
  CHECK(result_of(op(4, 1), kMin, kMinus1) == kMin);  // overflow
  CHECK(result_of(op(6, 1), kMin, kMinus1) == 0);
}

TEST_CASE("RISC-V: x0 stays 0, whoever writes") {
  Machine m;
  m.put(kMemory, {addi(zero, zero, 5), lui(zero, 1), jal(zero, 4), lw(zero, 0, sp), csrrw(zero, csrs::mscratch, sp),
                  amoadd(zero, sp, sp), add(a0, zero, zero)});
  m.hart.set_reg(sp, kMemory + 0x100);
  m.hart.set_reg(a0, 1);
  CHECK(m.hart.run(7) == Stop::budget);
  CHECK(m.hart.instructions() == 7);
  CHECK(m.hart.reg(zero) == 0);
  CHECK(m.hart.reg(a0) == 0);
}

TEST_CASE("RISC-V: loads extend, stores cut") {
  Machine m;
  const u32 data = kMemory + 0x800;
  m.set_word(data, 0x8081'82F3);
  m.put(kMemory, {lb(a0, 0, sp), lbu(a1, 3, sp), lh(a2, 2, sp), lhu(a3, 2, sp), lw(a4, 0, sp), sb(a4, 9, sp),
                  sh(a4, 12, sp), sw(a4, -4, sp)});
  m.hart.set_reg(sp, data);
  CHECK(m.hart.run(8) == Stop::budget);
  CHECK(m.hart.reg(a0) == 0xFFFF'FFF3);
  CHECK(m.hart.reg(a1) == 0x80);
  CHECK(m.hart.reg(a2) == 0xFFFF'8081);
  CHECK(m.hart.reg(a3) == 0x8081);
  CHECK(m.hart.reg(a4) == 0x8081'82F3);
  CHECK(m.word(data + 8) == 0x0000'F300);
  CHECK(m.word(data + 12) == 0x0000'82F3);
  CHECK(m.word(data - 4) == 0x8081'82F3);
}

TEST_CASE("RISC-V: what is not memory goes over the bus in the size of the access") {
  Machine m;
  m.device = 0x8283;
  m.put(kMemory, {lh(a0, 2, sp), lbu(a1, 3, sp), sb(a2, 5, sp), sh(a2, 6, sp), sw(a2, 8, sp)});
  m.hart.set_reg(sp, kDevice);
  m.hart.set_reg(a2, 0xAABB'CCDD);
  CHECK(m.hart.run(5) == Stop::budget);
  CHECK(m.hart.reg(a0) == 0xFFFF'8283);
  CHECK(m.accesses == std::vector<Machine::Access>{{false, kDevice + 2, 2, 0x8283},
                                                   {false, kDevice + 3, 1, 0x8283},
                                                   {true, kDevice + 5, 1, 0xDD},
                                                   {true, kDevice + 6, 2, 0xCCDD},
                                                   {true, kDevice + 8, 4, 0xAABB'CCDD}});
}

TEST_CASE("RISC-V: branches compare as their names say") {
  const auto taken = [](u32 funct3, u32 a, u32 b) {
    Machine m;
    m.put(kMemory, {b_type(funct3, a1, a2, -2048)});
    m.put(kMemory + 0x800, {b_type(funct3, a1, a2, -2048)});
    m.hart.set_pc(kMemory + 0x800);
    m.hart.set_reg(a1, a);
    m.hart.set_reg(a2, b);
    REQUIRE(m.hart.run(1) == Stop::budget);
    REQUIRE((m.hart.pc() == kMemory || m.hart.pc() == kMemory + 0x804));
    return m.hart.pc() == kMemory;
  };
  CHECK((taken(0, 5, 5) && !taken(0, 5, 6)));              // beq
  CHECK((!taken(1, 5, 5) && taken(1, 5, 6)));              // bne
  CHECK((taken(4, kMinus1, 0) && !taken(4, 0, 0)));        // blt
  CHECK((taken(5, 0, kMinus1) && taken(5, 0, 0)));         // bge
  CHECK((!taken(6, kMinus1, 0) && taken(6, 0, kMinus1)));  // bltu
  CHECK((taken(7, kMinus1, 0) && !taken(7, 0, kMinus1)));  // bgeu
}

TEST_CASE("RISC-V: jumps link to the instruction behind them, near and far") {
  Machine m;
  m.put(kMemory, {jal(ra, 0x4000)});
  m.put(kMemory + 0x4000, {jalr(ra, 0x21, ra)});  // to an even address
  m.put(kMemory + 0x24, {0x9082});                // c.jalr ra
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK((m.hart.pc() == kMemory + 0x4000 && m.hart.reg(ra) == kMemory + 4));
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK((m.hart.pc() == kMemory + 0x24 && m.hart.reg(ra) == kMemory + 0x4004));
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK((m.hart.pc() == kMemory + 0x4004 && m.hart.reg(ra) == kMemory + 0x26));
}

TEST_CASE("RISC-V: a compressed jump links to two bytes behind it") {
  Machine m;
  m.put(kMemory, {0x2011 /* c.jal 4 */});
  CHECK(m.hart.run(1) == Stop::budget);
  CHECK((m.hart.pc() == kMemory + 4 && m.hart.reg(ra) == kMemory + 2));
}

TEST_CASE("RISC-V: compressed instructions are what they expand to") {
  CHECK(result_of(0x55FD & ~0xF80u | 10u << 7, 0) == kMinus1);  // c.li a0, -1
  Machine m;
  m.put(kMemory, {c_li(a0, 31), c_addi(a0, -32), 0x157D /* c.addi a0, -1 */, 0x0512 /* c.slli a0, 4 */,
                  0x8509 /* c.srai a0, 2 */, 0x8905 /* c.andi a0, 1 */, 0x0808 /* c.addi4spn a0, sp, 16 */,
                  0xC10C /* c.sw a1, 0(a0) */, 0x4110 /* c.lw a2, 0(a0) */, 0x8E0D /* c.sub a2, a1 */,
                  0xD02E /* c.swsp a1, 32(sp) */, 0x5682 /* c.lwsp a3, 32(sp) */, 0x86AE /* c.mv a3, a1 */,
                  0x96AE /* c.add a3, a1 */, 0x7139 /* c.addi16sp -64 */, 0x7105 /* c.addi16sp -480 */});
  m.hart.set_reg(sp, kMemory + 0x1000);
  m.hart.set_reg(a1, 0x1234);
  const auto a0_after = [&](int steps) {
    REQUIRE(m.hart.run(static_cast<u32>(steps)) == Stop::budget);
    return m.hart.reg(a0);
  };
  CHECK(a0_after(1) == 31);
  CHECK(a0_after(1) == kMinus1);
  CHECK(a0_after(1) == kMinus1 - 1);
  CHECK(a0_after(1) == 0xFFFF'FFE0);
  CHECK(a0_after(1) == 0xFFFF'FFF8);
  CHECK(a0_after(1) == 0);
  CHECK(a0_after(1) == kMemory + 0x1010);
  CHECK(a0_after(1) == kMemory + 0x1010);
  CHECK(m.word(kMemory + 0x1010) == 0x1234);
  a0_after(2);
  CHECK(m.hart.reg(a2) == 0);
  a0_after(2);
  CHECK(m.word(kMemory + 0x1020) == 0x1234);
  CHECK(m.hart.reg(a3) == 0x1234);
  a0_after(2);
  CHECK(m.hart.reg(a3) == 0x2468);
  a0_after(1);
  CHECK(m.hart.reg(sp) == kMemory + 0x1000 - 64);
  a0_after(1);
  CHECK(m.hart.reg(sp) == kMemory + 0x1000 - 64 - 480);
}

TEST_CASE("RISC-V: atomic instructions return what was there") {
  const u32 at = kMemory + 0x400;
  const auto memory_after = [&](u32 funct5, u32 memory, u32 operand) {
    Machine m;
    m.put(kMemory, {amo(funct5, a0, a2, a1)});
    m.set_word(at, memory);
    m.hart.set_reg(a1, at);
    m.hart.set_reg(a2, operand);
    REQUIRE(m.hart.run(1) == Stop::budget);
    CHECK(m.hart.reg(a0) == memory);
    return m.word(at);
  };
  CHECK(memory_after(0x01, 7, 9) == 9);              // amoswap
  CHECK(memory_after(0x00, 7, kMinus1) == 6);        // amoadd
  CHECK(memory_after(0x04, 0xFF, 0x0F) == 0xF0);     // amoxor
  CHECK(memory_after(0x0C, 0xF3, 0x3F) == 0x33);     // amoand
  CHECK(memory_after(0x08, 0xF0, 0x0F) == 0xFF);     // amoor
  CHECK(memory_after(0x10, kMinus1, 1) == kMinus1);  // amomin
  CHECK(memory_after(0x14, kMinus1, 1) == 1);        // amomax
  CHECK(memory_after(0x18, kMinus1, 1) == 1);        // amominu
  CHECK(memory_after(0x1C, kMinus1, 1) == kMinus1);  // amomaxu
}

TEST_CASE("RISC-V: a store conditional succeeds once after a reservation of its address") {
  const u32 at = kMemory + 0x400;
  Machine m;
  m.put(kMemory, {sc(a0, a2, a1), lr(a3, a1), sc(a0, a2, a1), sc(a4, a2, a1), lr(a3, a1), sc(a5, a2, sp),
                  sc(a5, a2, a1), lr(a3, a1), sc(a5, a2, a1)});
  m.set_word(at, 11);
  m.hart.set_reg(a1, at);
  m.hart.set_reg(sp, at + 4);
  m.hart.set_reg(a2, 22);
  const auto step = [&] { REQUIRE(m.hart.run(1) == Stop::budget); };
  step();
  CHECK((m.hart.reg(a0) == 1 && m.word(at) == 11));
  step();
  CHECK(m.hart.reg(a3) == 11);
  step();
  CHECK((m.hart.reg(a0) == 0 && m.word(at) == 22));
  step();
  CHECK(m.hart.reg(a4) == 1);
  step(), step();
  CHECK((m.hart.reg(a5) == 1 && m.word(at + 4) == 0));  // of another address; the reservation is gone
  step();
  CHECK(m.hart.reg(a5) == 1);
  step();
  m.set_word(at, 33);  // somebody else has written
  step();
  CHECK((m.hart.reg(a5) == 1 && m.word(at) == 33));
}

}  // namespace
}  // namespace flexcim::riscv::test
