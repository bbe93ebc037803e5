// Who has called the function that a hart is in, found without frame pointers and without debug information.
#pragma once

#include "platform/riscv/elf.h"
#include "platform/riscv/hart.h"

#include <cstdint>
#include <vector>

namespace flexcim::riscv {

/// A place that the program will come back to.
struct Caller {
  std::uint32_t pc = 0;  ///< of the call; of the instruction that was not executed where a trap has come from there
  bool trapped = false;  ///< a trap has called, by mtvec: `mcause` and `mtval` say which if none has come since
};

struct Backtrace {
  enum class End {
    outermost,  ///< the last caller is the program's first function, or has been called by nobody: ra is 0
    unsure,     ///< who called the last caller, or the hart's pc where there is none, cannot be told
    too_many    ///< there may be more
  };
  std::vector<Caller> callers;  ///< the innermost first
  End end = End::unsure;
};

constexpr std::size_t kMostCallers = 32;

/// The callers of where the hart stands. A function's instructions are followed from its symbol on to the place where
/// it is in: what they have taken from sp, and where they have put ra, says how to leave it (RISC-V calling convention:
/// ra, sp, s0). Of assembly code that keeps to it the same is true. Reads memory that the hart has mapped, no other,
/// and takes an address for that of a caller only where a call stands before it: what is damaged, or has no symbol,
/// ends the backtrace.
Backtrace backtrace(const Hart& hart, const ElfFile& program);

}  // namespace flexcim::riscv
