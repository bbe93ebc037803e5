// Which functions a RISC-V program is in, and what it spends in each, from its instructions and its symbols.
#pragma once

#include "platform/riscv/elf.h"
#include "platform/riscv/hart.h"
#include "platform/riscv/instruction.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// Hears of functions as a program enters and leaves them; those that are open enclose each other.
class CallListener {
 public:
  virtual ~CallListener() = default;
  virtual void entered(std::size_t function, std::uint64_t cycle) = 0;  ///< place in CallProfile::functions()
  virtual void left(std::uint64_t cycle) = 0;                           ///< the last one that was entered
};

/// Keeps a stack of the functions that have been called. Calls and returns are told by the registers that they use
/// (unprivileged architecture, table 2.1: x1 and x5 are link registers). A jump or a branch into another function
/// replaces the innermost one, as a tail call does. A trap opens a stack of its own, which ends with mret; what happens
/// in it counts as nobody's else. A return to none of the callers (longjmp beyond the trap, a change of tasks) is a
/// jump: instructions and cycles stay exact, totals do not.
class CallProfile {
 public:
  struct Function {
    std::string name;                ///< "?" for code without symbol
    std::uint64_t calls = 0;         ///< times that it was called, or entered at its first instruction
    std::uint64_t instructions = 0;  ///< retired in it
    std::uint64_t self_cycles = 0;   ///< spent in it, accesses among them
    std::uint64_t total_cycles = 0;  ///< in it and in what it calls; of recursion once; traps and sleep left out
  };

  /// `listener`: null for none; outlives it.
  explicit CallProfile(const riscv::ElfFile& program, CallListener* listener = nullptr);

  /// The program begins there, in cycle 0. To be called first.
  void begin(std::uint32_t entry);
  /// The instruction at `pc` has retired, the next one is at `next`; `cycle`: Hart::cycles() now.
  void executed(std::uint32_t pc, const riscv::Instruction& instruction, std::uint32_t next, std::uint64_t cycle);
  /// An exception or an interrupt: the next instruction is the first one of its handler. Cycles up to here are those of
  /// the function that was interrupted.
  void trapped(const riscv::Trap& trap, std::uint32_t handler, std::uint64_t cycle);
  /// The hart has slept until now.
  void slept(std::uint64_t cycle);
  /// The run is over at `pc`, where an instruction may have been under way: all functions are left. To be called once,
  /// last.
  void finish(std::uint32_t pc, std::uint64_t cycle);

  const std::vector<Function>& functions() const { return functions_; }
  std::uint64_t instructions() const;  ///< of all functions
  std::uint64_t cycles() const;        ///< of all functions and of sleep
  std::uint64_t sleep_cycles() const { return asleep_; }

  /// Beyond that depth calls are taken for jumps.
  static constexpr std::size_t deepest = 1 << 16;

 private:
  /// Of addresses: one function's, or without symbol.
  struct Range {
    std::uint32_t first, last;
    std::size_t function;
    bool holds(std::uint32_t address) const { return address - first <= last - first; }
  };
  struct Frame {
    Range range;
    std::uint32_t return_address;
    std::uint64_t start;   ///< by the context's clock
    std::size_t previous;  ///< frame of the same function below, or kNone
  };
  /// What a trap has opened, and the program itself.
  struct Context {
    std::size_t base;     ///< its first frame
    std::uint64_t clock;  ///< cycles spent in it
  };
  static constexpr std::size_t kNone = SIZE_MAX;
  static constexpr std::size_t kMostContexts = 256;

  const Range& range_of(std::uint32_t address) const;
  void charge(std::uint64_t cycle);
  void push(std::uint32_t address, std::uint32_t return_address);
  void pop();
  void jump(std::uint32_t address);
  void call(std::uint32_t address, std::uint32_t return_address);
  void return_to(std::uint32_t address);

  CallListener* listener_;
  std::vector<Function> functions_;
  std::vector<Range> ranges_;  ///< of all addresses, in their order
  std::vector<Frame> frames_;
  std::vector<std::size_t> innermost_;  ///< frame of each function, or kNone
  std::vector<Context> contexts_;
  std::uint64_t last_ = 0;  ///< cycle up to which all are charged
  std::uint64_t asleep_ = 0;
};

/// A table for people: a line per function, most cycles first, then sleep and the sum. `program` is how it is called;
/// `period_ps` of the hart's clock.
std::string profile_text(const CallProfile& profile, const std::string& program, std::int64_t period_ps);

}  // namespace flexcim
