// A processor under a debugger, and the debugger that it asks: the seam between a host and who debugs its program.
#pragma once

#include "platform/debug/machine.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flexcim::debug {

/// A register of 32 bits.
struct RegisterName {
  int number;  ///< as gdb counts: x0 to x31, pc 32, CSRs from 65
  std::string name;
  bool csr;
};
constexpr int kPc = 32, kFirstCsr = 65;

enum class Watch : std::uint8_t { write = 2, read = 3, access = 4 };  ///< by the number of their Z packet

/// Numbers of gdb's, which are not those of every system.
enum class Signal : std::uint8_t {
  interrupted = 2,  ///< by the debugger, or by the time that it has set
  illegal_instruction = 4,
  trap = 5,   ///< break- or watchpoint, single step, ebreak, nothing yet
  abort = 6,  ///< the processor waits for what cannot come
  misaligned = 10,
  access_fault = 11,
  environment_call = 12
};

/// Why the processor stands still.
struct StopReason {
  Signal signal = Signal::trap;
  std::optional<Watch> watch{};  ///< the kind of watchpoint that it has come to ...
  std::uint32_t address = 0;     ///< ... and the byte that it is about to access
  bool fatal = false;            ///< the program cannot go on unless the debugger changes something
};

/// Which end of a command of the accelerator's stops the processor.
struct CommandStop {
  std::uint64_t count = 1;   ///< the how many-th from now on ...
  bool only_errors = false;  ///< ... of those that end with an error
};

/// What the debugger may do with a processor that stands still.
class DebugTarget {
 public:
  virtual ~DebugTarget() = default;

  /// x0 to x31 and pc first, in the order of their numbers.
  virtual const std::vector<RegisterName>& registers() const = 0;
  /// Empty where there is none of that number.
  virtual std::optional<std::uint32_t> read_register(int number) const = 0;
  /// False where there is none of that number, or it cannot be written.
  virtual bool write_register(int number, std::uint32_t value) = 0;
  /// Without side effects, devices' registers as well. Returns how many of the `bytes` can be accessed, from the first.
  virtual std::size_t read_memory(std::uint32_t address, std::uint8_t* data, std::size_t bytes) = 0;
  virtual std::size_t write_memory(std::uint32_t address, const std::uint8_t* data, std::size_t bytes) = 0;

  /// The processor stops before the instruction at `address`, even. Set and taken away once each.
  virtual void set_breakpoint(std::uint32_t address, bool set) = 0;
  /// The processor stops before it accesses one of [first, last]. Set and taken away once each.
  virtual void set_watchpoint(Watch kind, std::uint32_t first, std::uint32_t last, bool set) = 0;

  /// Simulated time, in picoseconds.
  virtual std::uint64_t time_ps() const = 0;
  /// The processor stops before the first instruction at or after that time, once; UINT64_MAX: never.
  virtual void stop_at(std::uint64_t ps) = 0;
  /// The processor stops, once, before the first instruction that begins after that end; empty: never. Commands count
  /// that end after time_ps().
  virtual void stop_after(const std::optional<CommandStop>& command) = 0;
  /// The processor gets the state that it has after reset, with its program loaded again, as do the devices of
  /// machine(). Time goes on.
  virtual void reset() = 0;
  /// What is around the processor; null where it is not known.
  virtual Machine* machine() const = 0;
};

/// How the processor goes on.
enum class Resume : std::uint8_t {
  run,
  step,     ///< one instruction
  give_up,  ///< after a fatal stop: what the program has done ends the run
  kill      ///< the debugger ends the run
};

/// The debugger as the processor sees it. Simulated time stands still while it is asked.
class Debugger {
 public:
  virtual ~Debugger() = default;
  /// The processor has stopped, or has not begun yet. Returns when it may go on.
  virtual Resume stopped(DebugTarget& target, const StopReason& reason) = 0;
  /// Whether the debugger asks for a stop. Quick: asked every few microseconds of simulated time.
  virtual bool wants_stop() = 0;
};

}  // namespace flexcim::debug
