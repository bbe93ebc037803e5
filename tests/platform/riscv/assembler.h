// Instructions as bits, in the words of the assembler, and a hart with memory to run them.
#pragma once

#include "platform/riscv/hart.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

namespace flexcim::riscv::test {

using u32 = std::uint32_t;
enum Register : u32 { zero, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5 };

// Formats of chapter 2.2 of the unprivileged architecture.
inline u32 r_type(u32 opcode, u32 funct3, u32 funct7, u32 rd, u32 rs1, u32 rs2) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
inline u32 i_type(u32 opcode, u32 funct3, u32 rd, u32 rs1, int imm) {
  return static_cast<u32>(imm) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
inline u32 s_type(u32 funct3, u32 rs2, u32 rs1, int imm) {
  const u32 bits = static_cast<u32>(imm);
  return (bits >> 5 & 0x7F) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (bits & 0x1F) << 7 | 0x23;
}
inline u32 b_type(u32 funct3, u32 rs1, u32 rs2, int offset) {
  const u32 bits = static_cast<u32>(offset);
  return (bits >> 12 & 1) << 31 | (bits >> 5 & 0x3F) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 |
         (bits >> 1 & 0xF) << 8 | (bits >> 11 & 1) << 7 | 0x63;
}

inline u32 lui(u32 rd, u32 imm20) { return imm20 << 12 | rd << 7 | 0x37; }
inline u32 auipc(u32 rd, u32 imm20) { return imm20 << 12 | rd << 7 | 0x17; }
inline u32 addi(u32 rd, u32 rs1, int imm) { return i_type(0x13, 0, rd, rs1, imm); }
inline u32 li(u32 rd, int imm) { return addi(rd, zero, imm); }
inline u32 nop() { return addi(zero, zero, 0); }
inline u32 add(u32 rd, u32 rs1, u32 rs2) { return r_type(0x33, 0, 0, rd, rs1, rs2); }
inline u32 mul(u32 rd, u32 rs1, u32 rs2) { return r_type(0x33, 0, 1, rd, rs1, rs2); }
inline u32 mulh(u32 rd, u32 rs1, u32 rs2) { return r_type(0x33, 1, 1, rd, rs1, rs2); }
inline u32 div(u32 rd, u32 rs1, u32 rs2) { return r_type(0x33, 4, 1, rd, rs1, rs2); }
inline u32 lb(u32 rd, int offset, u32 rs1) { return i_type(0x03, 0, rd, rs1, offset); }
inline u32 lh(u32 rd, int offset, u32 rs1) { return i_type(0x03, 1, rd, rs1, offset); }
inline u32 lw(u32 rd, int offset, u32 rs1) { return i_type(0x03, 2, rd, rs1, offset); }
inline u32 lbu(u32 rd, int offset, u32 rs1) { return i_type(0x03, 4, rd, rs1, offset); }
inline u32 lhu(u32 rd, int offset, u32 rs1) { return i_type(0x03, 5, rd, rs1, offset); }
inline u32 sb(u32 rs2, int offset, u32 rs1) { return s_type(0, rs2, rs1, offset); }
inline u32 sh(u32 rs2, int offset, u32 rs1) { return s_type(1, rs2, rs1, offset); }
inline u32 sw(u32 rs2, int offset, u32 rs1) { return s_type(2, rs2, rs1, offset); }
inline u32 beq(u32 rs1, u32 rs2, int offset) { return b_type(0, rs1, rs2, offset); }
inline u32 bne(u32 rs1, u32 rs2, int offset) { return b_type(1, rs1, rs2, offset); }
inline u32 jal(u32 rd, int offset) {
  const u32 bits = static_cast<u32>(offset);
  return (bits >> 20 & 1) << 31 | (bits >> 1 & 0x3FF) << 21 | (bits >> 11 & 1) << 20 | (bits >> 12 & 0xFF) << 12 |
         rd << 7 | 0x6F;
}
inline u32 j(int offset) { return jal(zero, offset); }
inline u32 jalr(u32 rd, int offset, u32 rs1) { return i_type(0x67, 0, rd, rs1, offset); }
inline u32 csrrw(u32 rd, u32 csr, u32 rs1) { return csr << 20 | rs1 << 15 | 1u << 12 | rd << 7 | 0x73; }
inline u32 csrrs(u32 rd, u32 csr, u32 rs1) { return csr << 20 | rs1 << 15 | 2u << 12 | rd << 7 | 0x73; }
inline u32 csrrc(u32 rd, u32 csr, u32 rs1) { return csr << 20 | rs1 << 15 | 3u << 12 | rd << 7 | 0x73; }
inline u32 csrrwi(u32 rd, u32 csr, u32 imm) { return csr << 20 | imm << 15 | 5u << 12 | rd << 7 | 0x73; }
inline u32 csrrsi(u32 rd, u32 csr, u32 imm) { return csr << 20 | imm << 15 | 6u << 12 | rd << 7 | 0x73; }
inline u32 csrrci(u32 rd, u32 csr, u32 imm) { return csr << 20 | imm << 15 | 7u << 12 | rd << 7 | 0x73; }
inline u32 csrr(u32 rd, u32 csr) { return csrrs(rd, csr, zero); }
inline u32 csrw(u32 csr, u32 rs1) { return csrrw(zero, csr, rs1); }
inline u32 amo(u32 funct5, u32 rd, u32 rs2, u32 rs1) { return r_type(0x2F, 2, funct5 << 2, rd, rs1, rs2); }
inline u32 lr(u32 rd, u32 rs1) { return amo(0x02, rd, 0, rs1); }
inline u32 sc(u32 rd, u32 rs2, u32 rs1) { return amo(0x03, rd, rs2, rs1); }
inline u32 amoadd(u32 rd, u32 rs2, u32 rs1) { return amo(0x00, rd, rs2, rs1); }
constexpr u32 ecall = 0x0000'0073, ebreak = 0x0010'0073, mret = 0x3020'0073, wfi = 0x1050'0073, fence = 0x0FF0'000F,
              fence_i = 0x0000'100F;
// Compressed.
constexpr u32 c_nop = 0x0001, c_ebreak = 0x9002, c_j_self = 0xA001;
inline u32 c_li(u32 rd, int imm) {
  return 0x4001 | (static_cast<u32>(imm) >> 5 & 1) << 12 | rd << 7 | (static_cast<u32>(imm) & 0x1F) << 2;
}
inline u32 c_addi(u32 rd, int imm) { return c_li(rd, imm) & ~0x4000u; }

namespace csrs {
constexpr u32 mstatus = 0x300, misa = 0x301, mie = 0x304, mtvec = 0x305, mcountinhibit = 0x320, mscratch = 0x340,
              mepc = 0x341, mcause = 0x342, mtval = 0x343, mip = 0x344, mcycle = 0xB00, minstret = 0xB02,
              mcycleh = 0xB80, minstreth = 0xB82, cycle = 0xC00, time = 0xC01, instret = 0xC02, cycleh = 0xC80,
              instreth = 0xC82, mhartid = 0xF14;
}  // namespace csrs

constexpr u32 kMemory = 0x8000'0000, kMemoryBytes = 0x1'0000, kDevice = 0x1000'0000, kHandler = kMemory + 0x200;

/// A hart with 64 KiB of memory at kMemory, and a device that answers at [kDevice, kDevice + 0x100).
class Machine : public Bus {
 public:
  struct Access {
    bool write;
    u32 address;
    unsigned bytes;
    u32 value;
    bool operator==(const Access& o) const {
      return write == o.write && address == o.address && bytes == o.bytes && value == o.value;
    }
  };

  explicit Machine(const Timing& timing = {}, u32 read_cycles = 0, u32 write_cycles = 0) : hart(*this, timing) {
    Memory map;
    map.first = kMemory;
    map.last = kMemory + kMemoryBytes - 1;
    map.data = memory.data();
    map.read_cycles = read_cycles;
    map.write_cycles = write_cycles;
    hart.map(map);
    hart.set_pc(kMemory);
  }

  /// Puts instructions one behind the other; one whose upper half is 0 and that is compressed takes two bytes. Returns
  /// the address behind them.
  u32 put(u32 address, const std::vector<u32>& instructions) {
    for (const u32 instruction : instructions) {
      const unsigned bytes = is_long(instruction) ? 4 : 2;
      std::memcpy(&memory[address - kMemory], &instruction, bytes);
      address += bytes;
    }
    return address;
  }
  u32 word(u32 address) const {
    u32 value = 0;
    std::memcpy(&value, &memory[address - kMemory], sizeof value);
    return value;
  }
  void set_word(u32 address, u32 value) { std::memcpy(&memory[address - kMemory], &value, sizeof value); }

  bool read(u32 address, unsigned bytes, u32& value) override {
    value = device;
    accesses.push_back({false, address, bytes, value});
    if (on_access) on_access();
    return in_device(address);
  }
  bool write(u32 address, unsigned bytes, u32 value) override {
    accesses.push_back({true, address, bytes, value});
    if (on_access) on_access();
    return in_device(address);
  }
  void need_memory(u32) override {}

  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(kMemoryBytes);
  Hart hart;
  u32 device = 0;  ///< what a read returns
  std::vector<Access> accesses;
  std::function<void()> on_access;

 private:
  static bool in_device(u32 address) { return address - kDevice < 0x100; }
};

}  // namespace flexcim::riscv::test
