// Control and status registers of machine mode (privileged architecture, chapters 2 and 3).
#include "platform/riscv/hart.h"

namespace flexcim::riscv {
namespace {

constexpr std::uint32_t kMisa = 1u << 30 | 1u << ('I' - 'A') | 1u << ('M' - 'A') | 1u << ('C' - 'A') | 1u;
constexpr std::uint32_t kInterrupts = 1u << 3 | 1u << 7 | 1u << 11;
constexpr std::uint32_t kStopCycle = 1, kStopInstret = 4;

constexpr std::uint32_t kMstatus = 0x300, kMisaNumber = 0x301, kMie = 0x304, kMstatush = 0x310;
constexpr std::uint32_t kMcountinhibit = 0x320, kFirstMhpmevent = 0x323, kLastMhpmevent = 0x33F;
constexpr std::uint32_t kMscratch = 0x340, kMcause = 0x342, kMtval = 0x343, kMip = 0x344;
constexpr std::uint32_t kMvendorid = 0xF11, kMconfigptr = 0xF15;
/// Counters by what is beside the last five bits of their number; mcycle is 0 of them, minstret 2.
constexpr std::uint32_t kCounter = 0xB00, kCounterHigh = 0xB80, kUserCounter = 0xC00, kUserCounterHigh = 0xC80;
constexpr std::uint32_t kCycle = 0, kTime = 1, kInstret = 2;

std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

}  // namespace

void Hart::Counter::stop(std::uint64_t total, bool stop) {
  const std::uint64_t now = value(total);
  stopped = stop;
  set(total, now);
}

std::optional<std::uint32_t> Hart::csr(std::uint32_t number) const {
  if (number == kMstatus) return 0x1800u | (mpie_bit_ ? 0x80u : 0u) | (mie_bit_ ? 0x8u : 0u);
  if (number == kMisaNumber) return kMisa;
  if (number == kMie) return mie_;
  if (number == kMtvec) return mtvec_;
  if (number == kMcountinhibit) return (mcycle_.stopped ? kStopCycle : 0) | (minstret_.stopped ? kStopInstret : 0);
  if (number == kMscratch) return mscratch_;
  if (number == kMepc) return mepc_;
  if (number == kMcause) return mcause_;
  if (number == kMtval) return mtval_;
  if (number == kMip) return mip_;
  if (number == kMstatush || (number >= kFirstMhpmevent && number <= kLastMhpmevent)) return 0;
  if (number >= kMvendorid && number <= kMconfigptr) return 0;  // no vendor, hart 0
  const std::uint32_t counter = number & 0x1F, kind = number & ~std::uint32_t{0x1F};
  const bool user = kind == kUserCounter || kind == kUserCounterHigh;
  // The hart has no clock besides its cycles: mtime is in the memory map, `time` is illegal.
  if ((!user && kind != kCounter && kind != kCounterHigh) || counter == kTime) return std::nullopt;
  if (counter != kCycle && counter != kInstret) return 0;  // they count nothing
  const std::uint64_t value = counter == kCycle ? mcycle_.value(cycles_) : minstret_.value(instructions());
  return (number & 0x80) != 0 ? high(value) : static_cast<std::uint32_t>(value);
}

/// The instruction that writes has not been counted yet: a counter has its value after it (3.1.10).
bool Hart::write_csr(std::uint32_t number, std::uint32_t value, std::uint64_t own_instructions,
                     std::uint64_t own_cycles) {
  if (number >> 10 == 3 || !csr(number)) return false;
  const std::uint64_t instructions_after = instructions() + own_instructions, cycles_after = cycles_ + own_cycles;
  if (number == kMstatus) mie_bit_ = (value & 0x8) != 0, mpie_bit_ = (value & 0x80) != 0;
  if (number == kMie) mie_ = value & kInterrupts;
  if (number == kMtvec) mtvec_ = (value & ~3u) | ((value & 2) == 0 ? value & 1 : mtvec_ & 1);  // 2 and 3 are reserved
  if (number == kMcountinhibit) {
    mcycle_.stop(cycles_after, (value & kStopCycle) != 0);
    minstret_.stop(instructions_after, (value & kStopInstret) != 0);
  }
  if (number == kMscratch) mscratch_ = value;
  if (number == kMepc) mepc_ = value & ~1u;
  if (number == kMcause) mcause_ = value;
  if (number == kMtval) mtval_ = value;
  const std::uint32_t counter = number & 0x1F, kind = number & ~std::uint32_t{0x1F};
  if ((kind != kCounter && kind != kCounterHigh) || (counter != kCycle && counter != kInstret)) return true;
  Counter& written = counter == kCycle ? mcycle_ : minstret_;
  const std::uint64_t old = written.value(counter == kCycle ? cycles_ : instructions());
  written.set(counter == kCycle ? cycles_after : instructions_after,
              kind == kCounterHigh ? std::uint64_t{value} << 32 | static_cast<std::uint32_t>(old)
                                   : std::uint64_t{high(old)} << 32 | value);
  return true;
}

}  // namespace flexcim::riscv
