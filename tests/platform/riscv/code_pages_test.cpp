// Decoded code: where pages end, where code and memory change, what is taken away.
#include "tests/platform/riscv/assembler.h"

#include <catch2/catch.hpp>

namespace flexcim::riscv::test {
namespace {

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
