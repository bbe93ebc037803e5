// RV32IMAC with Zicsr and Zifencei, decoded (RISC-V unprivileged architecture 20191213, chapters 2, 7-9, 16, 24).
#pragma once

#include <cstdint>

namespace flexcim::riscv {

// clang-format lays these lists out differently each time.
// clang-format off
/// Every operation, in groups: what Hart's inner loop does itself comes first, up to `bgeu`. The last three are no
/// instructions: see CodePages.
#define FLEXCIM_RISCV_FAST(X) \
  X(li) X(addi) X(slti) X(sltiu) X(xori) X(ori) X(andi) X(slli) X(srli) X(srai) \
  X(add) X(sub) X(sll) X(slt) X(sltu) X(op_xor) X(srl) X(sra) X(op_or) X(op_and) \
  X(mul) X(mulh) X(mulhsu) X(mulhu) X(div) X(divu) X(rem) X(remu) X(nop) X(jal) X(jalr) \
  X(lb) X(lh) X(lw) X(lbu) X(lhu) X(sb) X(sh) X(sw) X(beq) X(bne) X(blt) X(bge) X(bltu) X(bgeu)
#define FLEXCIM_RISCV_SLOW(X) \
  X(auipc) X(csrrw) X(csrrs) X(csrrc) X(csrrwi) X(csrrsi) X(csrrci) X(ecall) X(ebreak) X(mret) X(wfi) \
  X(lr) X(sc) X(amoswap) X(amoadd) X(amoxor) X(amoand) X(amoor) X(amomin) X(amomax) X(amominu) X(amomaxu) X(illegal)
#define FLEXCIM_RISCV_INTERNAL(X) X(undecoded) X(page_end) X(breakpoint)
// clang-format on

enum class Operation : std::uint8_t {
#define FLEXCIM_RISCV_NAME(name) name,
  FLEXCIM_RISCV_FAST(FLEXCIM_RISCV_NAME) FLEXCIM_RISCV_SLOW(FLEXCIM_RISCV_NAME)
      FLEXCIM_RISCV_INTERNAL(FLEXCIM_RISCV_NAME)
#undef FLEXCIM_RISCV_NAME
};

/// Where writes to x0 go: registers are x0 to x31, and this one that nobody reads.
constexpr std::uint8_t kNowhere = 32;
constexpr std::uint32_t kRa = 1, kSp = 2;  ///< return address and stack pointer of the ABI

/// An instruction with its operands picked out. A compressed one is what it expands to.
struct Instruction {
  Operation operation = Operation::undecoded;
  std::uint8_t rd = kNowhere;  ///< kNowhere in place of x0
  std::uint8_t rs1 = 0;        ///< csrrwi, csrrsi, csrrci: the immediate
  std::uint8_t rs2 = 0;
  std::int32_t imm = 0;      ///< CSR instructions: the CSR's number; illegal: the instruction's bits
  std::uint16_t cycles = 0;  ///< what it costs, without waiting for memory; not set by decode()
  std::uint16_t step = 0;    ///< its length in halfwords
};

inline std::uint32_t as_unsigned(std::int32_t value) { return static_cast<std::uint32_t>(value); }

/// Whether an instruction that begins with these 16 bits has 32.
inline bool is_long(std::uint32_t first_half) { return (first_half & 3) == 3; }

/// `bits`: the instruction; its upper half is ignored where it has 16. Everything that RV32IMAC_Zicsr_Zifencei reserves
/// or leaves to others is `illegal`; hints, fence and fence.i are `nop`.
Instruction decode(std::uint32_t bits);

}  // namespace flexcim::riscv
