// Random programs on the hart and on Unicorn, which is QEMU's processor: registers, pc and memory must be the same.
#include "tests/platform/riscv/assembler.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <random>
#include <unicorn/unicorn.h>

namespace flexcim::riscv::test {
namespace {

constexpr u32 kData = kMemory + 0x8000;  // s0, s1 point into it
constexpr u32 kLoop = 31;                // counts rounds

/// Instructions without traps. s0, s1 and the counter keep their values; branches go forward, but for loops.
class Program {
 public:
  explicit Program(unsigned seed) : random_(seed) {}

  std::vector<u32> make(int blocks) {
    for (int i = 0; i < blocks; ++i) block();
    return code_;
  }

 private:
  u32 below(u32 n) { return static_cast<u32>(random_()) % n; }
  u32 any() { return below(32); }
  u32 destination() {
    for (;;) {
      const u32 rd = any();
      if (rd != s0 && rd != s1 && rd != kLoop) return rd;
    }
  }
  int immediate() { return static_cast<int>(below(4096)) - 2048; }
  u32 pointer() { return below(2) == 0 ? s0 : s1; }

  void block() {
    const bool loop = below(3) == 0;
    if (loop) code_.push_back(li(kLoop, 1 + static_cast<int>(below(5))));
    const std::size_t begin = code_.size();
    for (u32 i = 0, count = 1 + below(10); i < count; ++i) instruction(below(16));
    if (!loop) return;
    code_.push_back(addi(kLoop, kLoop, -1));
    int back = 0;
    for (std::size_t i = begin; i < code_.size(); ++i) back += is_long(code_[i]) ? 4 : 2;
    code_.push_back(bne(kLoop, zero, -back));
  }

  void instruction(u32 kind) {
    constexpr u32 branches[] = {0, 1, 4, 5, 6, 7}, loads[] = {0, 1, 2, 4, 5};
    constexpr u32 atomics[] = {0x00, 0x01, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x18, 0x1C};
    switch (kind) {
      case 0:
        return code_.push_back(below(2) == 0 ? lui(destination(), below(1 << 20))
                                             : auipc(destination(), below(1 << 20)));
      case 1:
      case 2: {
        const u32 funct3 = below(8);
        const bool shift = funct3 % 4 == 1;
        const int imm = !shift ? immediate() : static_cast<int>(below(32) | (funct3 == 5 ? below(2) << 10 : 0));
        return code_.push_back(i_type(0x13, funct3, destination(), any(), imm));
      }
      case 3:
      case 4: {
        const u32 funct3 = below(8);
        const u32 funct7 = funct3 == 0 || funct3 == 5 ? below(2) << 5 : 0;
        return code_.push_back(r_type(0x33, funct3, funct7, destination(), any(), any()));
      }
      case 5:
      case 6:
        return code_.push_back(r_type(0x33, below(8), 1, destination(), any(), any()));
      case 7: {
        const u32 funct3 = loads[below(5)], size = 1u << funct3 % 4;
        return code_.push_back(i_type(0x03, funct3, destination(), pointer(), offset(size)));
      }
      case 8: {
        const u32 funct3 = below(3);
        return code_.push_back(s_type(funct3, any(), pointer(), offset(1u << funct3)));
      }
      case 9:
        return code_.push_back(amo(atomics[below(9)], destination(), any(), pointer()) | below(4) << 25);
      case 10: {
        const u32 reserved = pointer();
        code_.push_back(lr(destination(), reserved));
        if (below(4) == 0) return;
        return code_.push_back(sc(destination(), any(), below(4) == 0 ? pointer() : reserved));
      }
      case 11: {  // over an instruction or two of 32 bits
        const u32 over = 1 + below(2);
        code_.push_back(b_type(branches[below(6)], any(), any(), static_cast<int>(4 + 4 * over)));
        for (u32 i = 0; i < over; ++i) code_.push_back(add(destination(), any(), any()));
        return;
      }
      case 12: {
        const u32 link = destination();
        if (below(2) == 0 || link == zero) {
          code_.push_back(jal(link, 8));
        } else {
          code_.push_back(auipc(link, 0));
          code_.push_back(jalr(link, 12 + static_cast<int>(below(2)), link));
        }
        return code_.push_back(mul(destination(), any(), any()));
      }
      default:
        return compressed();
    }
  }

  int offset(u32 size) { return immediate() / static_cast<int>(size) * static_cast<int>(size); }

  /// Any of 16 bits that computes, loads from or stores to the data, or branches over one instruction.
  void compressed() {
    for (;;) {
      const u32 half = below(0x10000);
      if (is_long(half)) continue;
      const Instruction i = decode(half);
      const u32 rd = i.rd == kNowhere ? 0 : i.rd;
      const bool memory = i.operation == Operation::lw || i.operation == Operation::sw;
      const bool branch = i.operation == Operation::beq || i.operation == Operation::bne;
      if (i.operation > Operation::bgeu || i.operation == Operation::jalr || i.operation == Operation::jal) continue;
      if (rd == s0 || rd == s1 || rd == kLoop || (memory && i.rs1 != s0 && i.rs1 != s1)) continue;
      if (branch && i.imm != 4) continue;
      code_.push_back(half);
      if (branch) code_.push_back(c_addi(a0, 3));
      return;
    }
  }

  std::mt19937 random_;
  std::vector<u32> code_;
};

class Reference {
 public:
  explicit Reference(std::vector<std::uint8_t>& memory) {
    REQUIRE(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV32, &engine_) == UC_ERR_OK);
    REQUIRE(uc_mem_map_ptr(engine_, kMemory, kMemoryBytes, UC_PROT_ALL, memory.data()) == UC_ERR_OK);
  }
  ~Reference() { uc_close(engine_); }
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  void set_reg(int number, u32 value) { uc_reg_write(engine_, UC_RISCV_REG_X0 + number, &value); }
  u32 reg(int number) const { return read(UC_RISCV_REG_X0 + number); }
  u32 pc() const { return read(UC_RISCV_REG_PC); }
  void run(u32 from, u32 to) { REQUIRE(uc_emu_start(engine_, from, to, 0, 0) == UC_ERR_OK); }

 private:
  u32 read(int id) const {
    u32 value = 0;
    uc_reg_read(engine_, id, &value);
    return value;
  }
  uc_engine* engine_ = nullptr;
};

TEST_CASE("RISC-V: random programs end as on Unicorn") {
  const u32 first_seed = 1;
  for (u32 seed = first_seed; seed < first_seed + 300; ++seed) {
    INFO("seed " << seed);
    Machine m;
    std::mt19937 random(seed);
    for (std::size_t i = kData - kMemory - 0x1000; i < kMemoryBytes; ++i) {
      m.memory[i] = static_cast<std::uint8_t>(random());
    }
    const std::vector<u32> code = Program(seed).make(40);
    const u32 begin = kMemory + 2 * (seed % 2), end = m.put(begin, code);  // both alignments
    std::vector<std::uint8_t> memory = m.memory;
    Reference reference(memory);
    const u32 values[] = {0, 1, 0x8000'0000, 0xFFFF'FFFF, 0x7FFF'FFFF};
    for (int i = 1; i < 32; ++i) {
      const auto bits = static_cast<u32>(random());
      const u32 value = i == s0 ? kData : i == s1 ? kData + 0x2004 : bits % 3 == 0 ? values[bits / 4 % 5] : bits;
      m.hart.set_reg(i, value);
      reference.set_reg(i, value);
    }
    m.hart.set_pc(begin);
    m.hart.set_breakpoint(end, true);
    REQUIRE(m.hart.run(100'000) == Stop::breakpoint);
    reference.run(begin, end);
    CHECK(m.hart.pc() == reference.pc());
    for (int i = 0; i < 32; ++i) {
      INFO("x" << i);
      CHECK(m.hart.reg(i) == reference.reg(i));
    }
    CHECK((m.memory == memory));
  }
}

}  // namespace
}  // namespace flexcim::riscv::test
