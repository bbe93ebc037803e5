// A RISC-V hart: RV32IMAC_Zicsr_Zifencei with machine mode only, as an interpreter (unprivileged architecture 20191213,
// privileged architecture 20211203). Exact to the instruction and the same on every run, however it is cut into slices.
#pragma once

#include "platform/riscv/code_pages.h"
#include "platform/riscv/instruction.h"

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace flexcim::riscv {

/// Cycles of an instruction by its class, of a four-stage in-order pipeline; what memory takes comes on top (Memory).
/// Fetches take none. The defaults are those of the user manual of CV32E40P (Pipeline Details, cycle counts per
/// instruction type), the longest where they depend on an operand or on the CSR, without stalls for a load's result or
/// for an unaligned target. Of what it has not, atomic instructions are as loads, mret and a trap as jumps. One of
/// branch_taken, jump, mret and trap is in every loop: where they are 0, Hart::run() may go on for ever.
struct Timing {
  std::uint16_t alu = 1;  ///< what is in no other class
  std::uint16_t mul = 1;
  std::uint16_t mulh = 5;
  std::uint16_t div = 35;
  std::uint16_t load = 1;
  std::uint16_t store = 1;
  std::uint16_t atomic = 1;
  std::uint16_t branch = 1;        ///< not taken
  std::uint16_t branch_taken = 3;  ///< in all
  std::uint16_t jump = 2;
  std::uint16_t csr = 4;
  std::uint16_t mret = 2;
  std::uint16_t trap = 2;  ///< in place of the instruction that traps, or between two for an interrupt
};

/// Memory that is accessed without asking the bus.
struct Memory {
  std::uint32_t first = 0, last = 0;  ///< addresses
  std::uint8_t* data = nullptr;       ///< the byte at `first`
  bool writable = true;               ///< otherwise writes go to the bus
  std::uint32_t read_cycles = 0;      ///< that an access takes beyond those of its class
  std::uint32_t write_cycles = 0;
};

/// What is not Memory. A call may call Hart::map(), unmap(), stall() and set_interrupt(), and may suspend the thread in
/// which the hart runs.
class Bus {
 public:
  virtual ~Bus() = default;
  /// Of 1, 2 or 4 bytes, aligned; little-endian in `value`. False for a refused access: the hart traps.
  virtual bool read(std::uint32_t address, unsigned bytes, std::uint32_t& value) = 0;
  virtual bool write(std::uint32_t address, unsigned bytes, std::uint32_t value) = 0;
  /// An instruction is to be fetched, or a word changed atomically, where no Memory is mapped: the last occasion to.
  virtual void need_memory(std::uint32_t address) = 0;
};

constexpr std::uint32_t kInterruptCause = 0x8000'0000;
/// Exceptions by their number in `mcause` (privileged architecture, table 3.6).
enum Cause : std::uint32_t {
  fetch_access = 1,
  illegal_instruction,
  breakpoint_trap,
  load_misaligned,
  load_access,
  store_misaligned,
  store_access,
  ecall_machine = 11
};

constexpr std::uint32_t kMtvec = 0x305, kMepc = 0x341;  ///< CSR numbers

/// By their number in `mip`, `mie` and `mcause`.
enum class Interrupt : std::uint8_t { software = 3, timer = 7, external = 11 };

/// An exception or an interrupt.
struct Trap {
  std::uint32_t pc = 0;     ///< of the instruction that was not executed
  std::uint32_t cause = 0;  ///< as in `mcause`
  std::uint32_t value = 0;  ///< as in `mtval`: an address, or an illegal instruction's bits
};
/// In words: "illegal instruction".
const char* cause_name(std::uint32_t cause);

/// The hart stops before a load, a store or an atomic instruction that touches one of these bytes.
struct Watchpoint {
  std::uint32_t first = 0, last = 0;  ///< addresses
  bool reads = false, writes = false;
  bool operator==(const Watchpoint& o) const {
    return first == o.first && last == o.last && reads == o.reads && writes == o.writes;
  }
};

/// Hears of what a hart does while it does it, and changes nothing.
class HartListener {
 public:
  virtual ~HartListener() = default;
  /// An exception or an interrupt: Hart::pc() is that of the handler's first instruction now.
  virtual void trapped(const Trap& trap) = 0;
  virtual void returned() = 0;  ///< by mret: Hart::pc() is where it has gone
  /// The instruction at `pc` has retired, Hart::pc() is the next one's. Only where instructions were asked for.
  virtual void executed(std::uint32_t pc, const Instruction& instruction) = 0;
};

/// Why Hart::run() has returned.
enum class Stop {
  budget,
  waiting,        ///< for an interrupt, by `wfi`; run() returns so until one is pending that `mie` enables
  breakpoint,     ///< before the instruction at pc; the next run() executes it
  watchpoint,     ///< the same; watched() says what it would access
  unhandled_trap  ///< trap() says which; no instruction can be executed: no handler is set, or its first one traps
};

class Hart {
 public:
  /// All registers are 0; `bus` outlives it.
  explicit Hart(Bus& bus, const Timing& timing = {});

  /// Executes instructions until `count` have been executed, those that trapped among them, or until cycles() is at
  /// least `until_cycle`, whichever comes first; at least one if `count` is not 0.
  Stop run(std::uint64_t count, std::uint64_t until_cycle = UINT64_MAX);

  /// Registers, CSRs and counters as in the beginning, pc at `pc`; nothing is waited for. cycles() and instructions()
  /// go on, and mcycle and minstret are the same as they; maps, break- and watchpoints stay. All lines are low.
  void reset(std::uint32_t pc);
  /// Whether it waits for an interrupt, by `wfi`.
  bool waiting() const { return waiting_; }

  /// Since the beginning; software cannot change them, other than mcycle and minstret.
  std::uint64_t cycles() const { return cycles_; }
  std::uint64_t instructions() const { return steps_ - trapped_; }  ///< retired ones
  /// Moved by loads, stores and atomic instructions from and to mapped memory.
  std::uint64_t read_bytes() const { return read_bytes_; }
  std::uint64_t write_bytes() const { return write_bytes_; }
  /// The hart does nothing for that long.
  void stall(std::uint64_t cycles) { cycles_ += cycles; }

  std::uint32_t pc() const { return pc_; }
  void set_pc(std::uint32_t pc) { pc_ = pc & ~1u; }
  std::uint32_t reg(int number) const { return x_[static_cast<std::size_t>(number)]; }
  void set_reg(int number, std::uint32_t value) {
    if (number != 0) x_[static_cast<std::size_t>(number)] = value;
  }
  /// Empty where there is none of that number.
  std::optional<std::uint32_t> csr(std::uint32_t number) const;
  /// As csrw does it. False where there is none of that number, or it is read-only.
  bool set_csr(std::uint32_t number, std::uint32_t value) { return write_csr(number, value, 0, 0); }

  /// A level.
  void set_interrupt(Interrupt line, bool level);
  /// Whether a line is high that `mie` enables.
  bool interrupt_pending() const { return (mip_ & mie_) != 0; }
  /// Interrupts that `mie` enables, a bit each, whether or not `mstatus.MIE` does.
  std::uint32_t enabled_interrupts() const { return mie_; }
  const Trap& trap() const { return trap_; }  ///< the last one

  /// Maps overlap none that is mapped.
  void map(const Memory& memory) { memories_.push_back(memory); }
  /// Takes away every map that has one of these addresses.
  void unmap(std::uint32_t first, std::uint32_t last);
  /// Somebody else has written to [first, last] of a mapped memory.
  void invalidate(std::uint32_t first, std::uint32_t last) { code_.invalidate(first, last); }
  /// Null for none; outlives the hart. With `instructions` the hart runs them one by one, to the same effect.
  void set_listener(HartListener* listener, bool instructions) {
    listener_ = listener;
    tells_instructions_ = instructions;
  }
  /// Where `address` is mapped.
  const Memory* find_memory(std::uint32_t address) const;

  void set_breakpoint(std::uint32_t address, bool set);
  /// Accesses of a page in which bytes are watched are slower. One that is set twice has to be taken away twice.
  void set_watchpoint(const Watchpoint& watchpoint, bool set);
  /// The one that run() has stopped at, and the first byte of it that would be accessed.
  const Watchpoint& watched() const { return watched_; }
  std::uint32_t watched_address() const { return watched_address_; }

 private:
  /// Of a page of mapped memory: what inner loops need. A tag is the page's base, or matches no address.
  struct Direct {
    std::uint32_t read_tag = no_tag, write_tag = no_tag;
    std::uint32_t read_cycles = 0, write_cycles = 0;
    std::uint8_t* page = nullptr;
  };
  static constexpr std::uint32_t no_tag = 0x800;
  static constexpr std::uint32_t kPageMask = ~(CodePages::page_bytes - 1);
  struct Counter {
    std::uint64_t offset = 0;  ///< to what is counted; while it is stopped its value
    bool stopped = false;
    std::uint64_t value(std::uint64_t total) const { return stopped ? offset : total + offset; }
    void set(std::uint64_t total, std::uint64_t value) { offset = stopped ? value : value - total; }
    void stop(std::uint64_t total, bool stop);
  };

  Stop go(std::uint64_t count, std::uint64_t until_cycle) {
    return tells_instructions_ ? execute_and_tell(count, until_cycle) : execute(count, until_cycle);
  }
  Stop execute(std::uint64_t count, std::uint64_t until_cycle);
  Stop execute_and_tell(std::uint64_t count, std::uint64_t until_cycle);
  bool step(Instruction instruction);
  bool step_csr(const Instruction& instruction);
  bool step_atomic(const Instruction& instruction);
  bool load(const Instruction& instruction);
  bool store(const Instruction& instruction);
  bool raise(std::uint32_t cause, std::uint32_t value);
  bool hits_watchpoint(const Instruction& instruction);
  bool watches_page(std::uint32_t page) const;
  bool enter_trap(std::uint32_t cause, std::uint32_t value);
  bool take_interrupt();
  bool write_csr(std::uint32_t number, std::uint32_t value, std::uint64_t own_instructions, std::uint64_t own_cycles);
  Direct& direct(std::uint32_t address) { return direct_[address / CodePages::page_bytes % direct_.size()]; }
  std::uint8_t* memory(std::uint32_t address, unsigned bytes, bool write);
  std::optional<std::uint32_t> fetch_half(std::uint32_t address);
  bool decode_at(std::uint32_t pc, Instruction& instruction);
  std::uint16_t cycles_of(Operation operation) const;

  Bus& bus_;
  const Timing timing_;
  HartListener* listener_ = nullptr;
  bool tells_instructions_ = false;
  std::array<std::uint32_t, 33> x_{};  ///< and kNowhere
  std::uint32_t pc_ = 0;
  std::uint64_t cycles_ = 0;
  std::uint64_t steps_ = 0;    ///< instructions executed, those that trapped among them
  std::uint64_t trapped_ = 0;  ///< ... which are so many
  std::uint64_t read_bytes_ = 0, write_bytes_ = 0;
  bool waiting_ = false;

  bool mie_bit_ = false, mpie_bit_ = false;  ///< of mstatus; MPP is machine mode
  std::uint32_t mie_ = 0, mip_ = 0, mtvec_ = 0, mscratch_ = 0, mepc_ = 0, mcause_ = 0, mtval_ = 0;
  Counter mcycle_, minstret_;
  Trap trap_;

  struct Reservation {
    std::uint32_t address, value;
  };
  std::optional<Reservation> reservation_;

  std::vector<Memory> memories_;
  std::array<Direct, 256> direct_;
  CodePages code_;
  std::set<std::uint32_t> breakpoints_;
  std::vector<Watchpoint> watchpoints_;
  Watchpoint watched_;
  std::uint32_t watched_address_ = 0;
  std::optional<std::uint32_t> stopped_at_;  ///< pc of a break- or watchpoint that the next run() does not stop at
  bool stopped_to_watch_ = false;            ///< a watchpoint
  std::optional<std::uint32_t> unwatched_;   ///< pc of an instruction that may access what is watched
};

}  // namespace flexcim::riscv
