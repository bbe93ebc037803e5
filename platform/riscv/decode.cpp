#include "platform/riscv/instruction.h"

namespace flexcim::riscv {
namespace {

using O = Operation;

constexpr std::uint32_t bits_of(std::uint32_t word, int high, int low) {
  return word >> low & ((std::uint32_t{2} << (high - low)) - 1);
}
constexpr std::uint32_t bit_of(std::uint32_t word, int at) { return word >> at & 1; }
/// The lowest `width` bits as a signed number.
constexpr std::int32_t sign_extend(std::uint32_t value, int width) {
  return static_cast<std::int32_t>(value << (32 - width)) >> (32 - width);
}

Instruction make(O operation, std::uint32_t rd, std::uint32_t rs1, std::uint32_t rs2, std::int32_t imm) {
  Instruction result;
  result.operation = operation;
  result.rd = rd == 0 ? kNowhere : static_cast<std::uint8_t>(rd);
  result.rs1 = static_cast<std::uint8_t>(rs1);
  result.rs2 = static_cast<std::uint8_t>(rs2);
  result.imm = imm;
  return result;
}
Instruction illegal(std::uint32_t bits) { return make(O::illegal, 0, 0, 0, static_cast<std::int32_t>(bits)); }

constexpr O N = O::illegal;  // none

/// By funct3.
constexpr O kImmediate[8] = {O::addi, O::slli, O::slti, O::sltiu, O::xori, O::srli, O::ori, O::andi};
constexpr O kRegister[8] = {O::add, O::sll, O::slt, O::sltu, O::op_xor, O::srl, O::op_or, O::op_and};
constexpr O kMultiply[8] = {O::mul, O::mulh, O::mulhsu, O::mulhu, O::div, O::divu, O::rem, O::remu};
constexpr O kLoad[8] = {O::lb, O::lh, O::lw, N, O::lbu, O::lhu, N, N};
constexpr O kStore[8] = {O::sb, O::sh, O::sw, N, N, N, N, N};
/// By funct5.
constexpr O kAtomic[32] = {O::amoadd,  O::amoswap, O::lr, O::sc, O::amoxor,  N, N, N, O::amoor,  N, N, N,
                           O::amoand,  N,          N,     N,     O::amomin,  N, N, N, O::amomax, N, N, N,
                           O::amominu, N,          N,     N,     O::amomaxu, N, N, N};
constexpr O kBranch[8] = {O::beq, O::bne, N, N, O::blt, O::bge, O::bltu, O::bgeu};
constexpr O kCsr[8] = {N, O::csrrw, O::csrrs, O::csrrc, N, O::csrrwi, O::csrrsi, O::csrrci};

O register_operation(std::uint32_t funct7, std::uint32_t funct3) {
  if (funct7 == 0x00) return kRegister[funct3];
  if (funct7 == 0x01) return kMultiply[funct3];
  if (funct7 == 0x20 && funct3 == 0) return O::sub;
  if (funct7 == 0x20 && funct3 == 5) return O::sra;
  return O::illegal;
}

O system_operation(std::uint32_t w, std::uint32_t funct3) {
  if (funct3 != 0) return kCsr[funct3];
  if (w == 0x0000'0073) return O::ecall;
  if (w == 0x0010'0073) return O::ebreak;
  if (w == 0x3020'0073) return O::mret;
  return w == 0x1050'0073 ? O::wfi : O::illegal;
}

Instruction decode_long(std::uint32_t w) {
  const std::uint32_t rd = bits_of(w, 11, 7), rs1 = bits_of(w, 19, 15), rs2 = bits_of(w, 24, 20);
  const std::uint32_t funct3 = bits_of(w, 14, 12), funct7 = bits_of(w, 31, 25);
  const std::int32_t imm_i = sign_extend(w >> 20, 12);
  const auto imm_u = static_cast<std::int32_t>(w & 0xFFFF'F000);
  switch (bits_of(w, 6, 0)) {
    case 0x37:
      return make(O::li, rd, 0, 0, imm_u);
    case 0x17:
      return make(O::auipc, rd, 0, 0, imm_u);
    case 0x6F:
      return make(
          O::jal, rd, 0, 0,
          sign_extend(bit_of(w, 31) << 20 | bits_of(w, 19, 12) << 12 | bit_of(w, 20) << 11 | bits_of(w, 30, 21) << 1,
                      21));
    case 0x67:
      if (funct3 != 0) break;
      return make(O::jalr, rd, rs1, 0, imm_i);
    case 0x63:
      if (kBranch[funct3] == O::illegal) break;
      return make(
          kBranch[funct3], 0, rs1, rs2,
          sign_extend(bit_of(w, 31) << 12 | bit_of(w, 7) << 11 | bits_of(w, 30, 25) << 5 | bits_of(w, 11, 8) << 1, 13));
    case 0x03:
      if (kLoad[funct3] == O::illegal) break;
      return make(kLoad[funct3], rd, rs1, 0, imm_i);
    case 0x23:
      if (kStore[funct3] == O::illegal) break;
      return make(kStore[funct3], 0, rs1, rs2, sign_extend(funct7 << 5 | rd, 12));
    case 0x13:
      if (funct3 == 1 && funct7 != 0) break;
      if (funct3 == 5 && funct7 != 0 && funct7 != 0x20) break;
      if (funct3 == 5 && funct7 == 0x20) return make(O::srai, rd, rs1, 0, static_cast<std::int32_t>(rs2));
      return make(kImmediate[funct3], rd, rs1, 0, imm_i);
    case 0x33:
      if (register_operation(funct7, funct3) == O::illegal) break;
      return make(register_operation(funct7, funct3), rd, rs1, rs2, 0);
    case 0x0F:
      if (funct3 > 1) break;
      return make(O::nop, 0, 0, 0, 0);
    case 0x73:
      if (system_operation(w, funct3) == O::illegal) break;
      return make(system_operation(w, funct3), rd, rs1, 0, static_cast<std::int32_t>(w >> 20));
    case 0x2F:
      if (funct3 != 2 || kAtomic[w >> 27] == O::illegal || (kAtomic[w >> 27] == O::lr && rs2 != 0)) break;
      return make(kAtomic[w >> 27], rd, rs1, rs2, 0);
    default:
      break;
  }
  return illegal(w);
}

Instruction decode_quadrant0(std::uint32_t w, std::uint32_t rd, std::uint32_t rs1) {
  const std::uint32_t offset = bits_of(w, 12, 10) << 3 | bit_of(w, 6) << 2 | bit_of(w, 5) << 6;
  switch (bits_of(w, 15, 13)) {
    case 0: {
      const std::uint32_t imm =
          bits_of(w, 12, 11) << 4 | bits_of(w, 10, 7) << 6 | bit_of(w, 6) << 2 | bit_of(w, 5) << 3;
      if (imm == 0) break;
      return make(O::addi, rd, kSp, 0, static_cast<std::int32_t>(imm));
    }
    case 2:
      return make(O::lw, rd, rs1, 0, static_cast<std::int32_t>(offset));
    case 6:
      return make(O::sw, 0, rs1, rd, static_cast<std::int32_t>(offset));
    default:
      break;
  }
  return illegal(w);
}

/// funct3 4 of quadrant 1; `r` is rd' and rs1'.
Instruction decode_compressed_alu(std::uint32_t w, std::uint32_t r, std::uint32_t rs2, std::int32_t imm) {
  constexpr O kOperations[4] = {O::sub, O::op_xor, O::op_or, O::op_and};
  const std::uint32_t which = bits_of(w, 11, 10);
  if (which == 2) return make(O::andi, r, r, 0, imm);
  if (bit_of(w, 12) != 0) return illegal(w);  // shifts by 32 and more; addw, subw
  if (which == 3) return make(kOperations[bits_of(w, 6, 5)], r, r, rs2, 0);
  return make(which == 0 ? O::srli : O::srai, r, r, 0, imm);
}

Instruction decode_quadrant1(std::uint32_t w, std::uint32_t rd) {
  const std::uint32_t rd_short = bits_of(w, 9, 7) + 8;
  const std::int32_t imm = sign_extend(bit_of(w, 12) << 5 | bits_of(w, 6, 2), 6);
  const std::int32_t jump =
      sign_extend(bit_of(w, 12) << 11 | bit_of(w, 11) << 4 | bits_of(w, 10, 9) << 8 | bit_of(w, 8) << 10 |
                      bit_of(w, 7) << 6 | bit_of(w, 6) << 7 | bits_of(w, 5, 3) << 1 | bit_of(w, 2) << 5,
                  12);
  const std::int32_t branch = sign_extend(
      bit_of(w, 12) << 8 | bits_of(w, 11, 10) << 3 | bits_of(w, 6, 5) << 6 | bits_of(w, 4, 3) << 1 | bit_of(w, 2) << 5,
      9);
  switch (bits_of(w, 15, 13)) {
    case 0:
      return make(O::addi, rd, rd, 0, imm);
    case 1:
      return make(O::jal, kRa, 0, 0, jump);
    case 2:
      return make(O::li, rd, 0, 0, imm);
    case 3: {
      const std::int32_t imm_sp = sign_extend(
          bit_of(w, 12) << 9 | bit_of(w, 6) << 4 | bit_of(w, 5) << 6 | bits_of(w, 4, 3) << 7 | bit_of(w, 2) << 5, 10);
      if (imm == 0) return illegal(w);
      return rd == kSp ? make(O::addi, kSp, kSp, 0, imm_sp) : make(O::li, rd, 0, 0, imm * 4096);
    }
    case 4:
      return decode_compressed_alu(w, rd_short, bits_of(w, 4, 2) + 8, imm);
    case 5:
      return make(O::jal, 0, 0, 0, jump);
    case 6:
      return make(O::beq, 0, rd_short, 0, branch);
    default:
      return make(O::bne, 0, rd_short, 0, branch);
  }
}

Instruction decode_quadrant2(std::uint32_t w, std::uint32_t rd) {
  const std::uint32_t rs2 = bits_of(w, 6, 2);
  switch (bits_of(w, 15, 13)) {
    case 0:
      if (bit_of(w, 12) != 0) break;
      return make(O::slli, rd, rd, 0, static_cast<std::int32_t>(rs2));
    case 2:
      if (rd == 0) break;
      return make(O::lw, rd, kSp, 0,
                  static_cast<std::int32_t>(bit_of(w, 12) << 5 | bits_of(w, 6, 4) << 2 | bits_of(w, 3, 2) << 6));
    case 4: {
      const bool link = bit_of(w, 12) != 0;
      if (rs2 != 0) return make(O::add, rd, link ? rd : 0, rs2, 0);
      if (rd != 0) return make(O::jalr, link ? kRa : 0, rd, 0, 0);
      if (link) return make(O::ebreak, 0, 0, 0, 0);
      break;
    }
    case 6:
      return make(O::sw, 0, kSp, rs2, static_cast<std::int32_t>(bits_of(w, 12, 9) << 2 | bits_of(w, 8, 7) << 6));
    default:
      break;
  }
  return illegal(w);
}

}  // namespace

Instruction decode(std::uint32_t bits) {
  const std::uint32_t half = bits & 0xFFFF;
  const std::uint32_t middle = bits_of(half, 11, 7), quadrant = half & 3;
  Instruction result = quadrant == 0   ? decode_quadrant0(half, bits_of(half, 4, 2) + 8, bits_of(half, 9, 7) + 8)
                       : quadrant == 1 ? decode_quadrant1(half, middle)
                       : quadrant == 2 ? decode_quadrant2(half, middle)
                                       : decode_long(bits);
  result.step = quadrant == 3 ? 2 : 1;
  return result;
}

}  // namespace flexcim::riscv
