// The inner loop: threaded code. Registers of the machine hold the instruction, what is left of the budget, and cycles;
// members get them before everything that may need them or take long (FLEXCIM_SPILL).
#include "platform/riscv/hart.h"

#include <cstddef>
#include <cstring>

namespace flexcim::riscv {
namespace {

std::int32_t as_signed(std::uint32_t value) { return static_cast<std::int32_t>(value); }
std::uint32_t high(std::int64_t product) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(product) >> 32);
}

/// By zero and beyond the range as the specification says (table 7.1).
std::uint32_t divide(std::uint32_t a, std::uint32_t b) {
  if (b == 0) return ~0u;
  return b == ~0u ? 0 - a : as_unsigned(as_signed(a) / as_signed(b));
}
std::uint32_t remainder(std::uint32_t a, std::uint32_t b) {
  if (b == 0) return a;
  return b == ~0u ? 0 : as_unsigned(as_signed(a) % as_signed(b));
}

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses): a label cannot stand in parentheses
#define FLEXCIM_PC() (base + static_cast<std::uint32_t>((now - page) * 2))
#define FLEXCIM_SPILL() (pc_ = FLEXCIM_PC(), cycles_ = cycles, steps_ = end - left)
#define FLEXCIM_GO() goto* labels[static_cast<std::size_t>(now->operation)]
#define FLEXCIM_COUNT_AND_GO()                           \
  if (--left == 0 || cycles >= until_cycle) goto budget; \
  FLEXCIM_GO()
#define FLEXCIM_NEXT()   \
  cycles += now->cycles; \
  now += now->step;      \
  FLEXCIM_COUNT_AND_GO()
#define FLEXCIM_JUMP()                              \
  if (((target ^ base) & kPageMask) != 0) goto far; \
  now = page + (target & ~kPageMask) / 2;           \
  FLEXCIM_COUNT_AND_GO()
#define FLEXCIM_COMPUTE(name, expression)                                              \
  name : {                                                                             \
    const std::uint32_t a = x[now->rs1], b = x[now->rs2], imm = as_unsigned(now->imm); \
    static_cast<void>(a), static_cast<void>(b), static_cast<void>(imm);                \
    x[now->rd] = (expression);                                                         \
    FLEXCIM_NEXT();                                                                    \
  }
#define FLEXCIM_LOAD(name, type)                                                   \
  name : {                                                                         \
    const std::uint32_t address = x[now->rs1] + as_unsigned(now->imm);             \
    const Direct& entry = direct(address);                                         \
    if ((address & (kPageMask | (sizeof(type) - 1))) != entry.read_tag) goto slow; \
    type value;                                                                    \
    std::memcpy(&value, entry.page + (address & ~kPageMask), sizeof value);        \
    x[now->rd] = static_cast<std::uint32_t>(value);                                \
    read_bytes_ += sizeof(type);                                                   \
    cycles += entry.read_cycles;                                                   \
    FLEXCIM_NEXT();                                                                \
  }
#define FLEXCIM_STORE(name, type)                                                   \
  name : {                                                                          \
    const std::uint32_t address = x[now->rs1] + as_unsigned(now->imm);              \
    const Direct& entry = direct(address);                                          \
    if ((address & (kPageMask | (sizeof(type) - 1))) != entry.write_tag) goto slow; \
    const auto value = static_cast<type>(x[now->rs2]);                              \
    std::memcpy(entry.page + (address & ~kPageMask), &value, sizeof value);         \
    write_bytes_ += sizeof(type);                                                   \
    cycles += entry.write_cycles;                                                   \
    FLEXCIM_NEXT();                                                                 \
  }
#define FLEXCIM_BRANCH(name, condition)                   \
  name : {                                                \
    const std::uint32_t a = x[now->rs1], b = x[now->rs2]; \
    if (!(condition)) {                                   \
      FLEXCIM_NEXT();                                     \
    }                                                     \
    target = FLEXCIM_PC() + as_unsigned(now->imm);        \
    cycles += timing_.branch_taken;                       \
    FLEXCIM_JUMP();                                       \
  }
#define FLEXCIM_LABEL(name) &&name,
#define FLEXCIM_SLOW_LABEL(name) &&slow,
// NOLINTEND(bugprone-macro-parentheses)

Stop Hart::execute(std::uint64_t count, std::uint64_t until_cycle) {
  static const void* const labels[] = {FLEXCIM_RISCV_FAST(FLEXCIM_LABEL) FLEXCIM_RISCV_SLOW(FLEXCIM_SLOW_LABEL)
                                           FLEXCIM_RISCV_INTERNAL(FLEXCIM_LABEL)};
  if (waiting_ && !interrupt_pending()) return Stop::waiting;
  waiting_ = false;
  if (count == 0) return Stop::budget;

  std::uint32_t* const x = x_.data();
  const std::uint64_t end = steps_ + count;
  std::uint64_t left = count, cycles = 0;
  Instruction *now = nullptr, *page = nullptr;  // the latter: the first one of the page
  std::uint32_t base = 0, target = 0;
  goto check;

trapped:
  if (!enter_trap(trap_.cause, trap_.value)) return Stop::unhandled_trap;
  ++trapped_;
stepped:
  steps_ = end - --left;
  if (waiting_ && !interrupt_pending()) return Stop::waiting;
  waiting_ = false;
  if (left == 0 || cycles_ >= until_cycle) return Stop::budget;
check:
  if (mie_bit_ && interrupt_pending() && !take_interrupt()) return Stop::unhandled_trap;
  cycles = cycles_;
find : {
  CodePages::Page& found = code_.page(pc_);
  base = found.base;
  page = found.instructions.data();
  now = page + (pc_ - base) / 2;
}
  FLEXCIM_GO();
far:
  pc_ = target;
  if (--left != 0 && cycles < until_cycle) goto find;
  cycles_ = cycles, steps_ = end - left;
  return Stop::budget;
budget:
  FLEXCIM_SPILL();
  return Stop::budget;
slow:
  FLEXCIM_SPILL();
  if (!watchpoints_.empty() && hits_watchpoint(*now)) return Stop::watchpoint;
  if (!step(*now)) goto trapped;
  goto stepped;
undecoded : {
  FLEXCIM_SPILL();
  Instruction decoded;
  if (!decode_at(pc_, decoded)) goto trapped;
  // The page may be a new one: the bus may have taken memory away.
  page = code_.page(pc_).instructions.data();
  now = page + (pc_ - base) / 2;
  *now = decoded;
  FLEXCIM_GO();
}
page_end:
  pc_ = FLEXCIM_PC();
  goto find;
breakpoint:
  FLEXCIM_SPILL();
  stopped_at_ = pc_;
  stopped_to_watch_ = false;
  return Stop::breakpoint;

  FLEXCIM_COMPUTE(li, imm)
  FLEXCIM_COMPUTE(addi, a + imm)
  FLEXCIM_COMPUTE(slti, as_signed(a) < as_signed(imm) ? 1 : 0)
  FLEXCIM_COMPUTE(sltiu, a < imm ? 1 : 0)
  FLEXCIM_COMPUTE(xori, a ^ imm)
  FLEXCIM_COMPUTE(ori, a | imm)
  FLEXCIM_COMPUTE(andi, a & imm)
  FLEXCIM_COMPUTE(slli, a << imm)
  FLEXCIM_COMPUTE(srli, a >> imm)
  FLEXCIM_COMPUTE(srai, as_unsigned(as_signed(a) >> imm))
  FLEXCIM_COMPUTE(add, a + b)
  FLEXCIM_COMPUTE(sub, a - b)
  FLEXCIM_COMPUTE(sll, a << (b & 31))
  FLEXCIM_COMPUTE(slt, as_signed(a) < as_signed(b) ? 1 : 0)
  FLEXCIM_COMPUTE(sltu, a < b ? 1 : 0)
  FLEXCIM_COMPUTE(op_xor, a ^ b)
  FLEXCIM_COMPUTE(srl, a >> (b & 31))
  FLEXCIM_COMPUTE(sra, as_unsigned(as_signed(a) >> (b & 31)))
  FLEXCIM_COMPUTE(op_or, a | b)
  FLEXCIM_COMPUTE(op_and, a & b)
  FLEXCIM_COMPUTE(mul, a * b)
  FLEXCIM_COMPUTE(mulh, high(std::int64_t{as_signed(a)} * as_signed(b)))
  FLEXCIM_COMPUTE(mulhsu, high(std::int64_t{as_signed(a)} * std::int64_t{b}))
  FLEXCIM_COMPUTE(mulhu, static_cast<std::uint32_t>(std::uint64_t{a} * b >> 32))
  FLEXCIM_COMPUTE(div, divide(a, b))
  FLEXCIM_COMPUTE(divu, b == 0 ? ~0u : a / b)
  FLEXCIM_COMPUTE(rem, remainder(a, b))
  FLEXCIM_COMPUTE(remu, b == 0 ? a : a % b)
nop:
  FLEXCIM_NEXT();
jal:
  target = FLEXCIM_PC() + as_unsigned(now->imm);
  x[now->rd] = FLEXCIM_PC() + 2u * now->step;
  cycles += now->cycles;
  FLEXCIM_JUMP();
jalr:
  target = (x[now->rs1] + as_unsigned(now->imm)) & ~1u;
  x[now->rd] = FLEXCIM_PC() + 2u * now->step;
  cycles += now->cycles;
  FLEXCIM_JUMP();
  FLEXCIM_LOAD(lb, std::int8_t)
  FLEXCIM_LOAD(lh, std::int16_t)
  FLEXCIM_LOAD(lw, std::uint32_t)
  FLEXCIM_LOAD(lbu, std::uint8_t)
  FLEXCIM_LOAD(lhu, std::uint16_t)
  FLEXCIM_STORE(sb, std::uint8_t)
  FLEXCIM_STORE(sh, std::uint16_t)
  FLEXCIM_STORE(sw, std::uint32_t)
  FLEXCIM_BRANCH(beq, a == b)
  FLEXCIM_BRANCH(bne, a != b)
  FLEXCIM_BRANCH(blt, as_signed(a) < as_signed(b))
  FLEXCIM_BRANCH(bge, as_signed(a) >= as_signed(b))
  FLEXCIM_BRANCH(bltu, a < b)
  FLEXCIM_BRANCH(bgeu, a >= b)
}

}  // namespace flexcim::riscv
