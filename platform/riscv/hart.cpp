#include "platform/riscv/hart.h"

#include <algorithm>
#include <array>

namespace flexcim::riscv {
namespace {

using O = Operation;

}  // namespace

const char* cause_name(std::uint32_t cause) {
  constexpr std::array<const char*, 12> exceptions{
      "misaligned fetch", "instruction access fault", "illegal instruction",        "breakpoint",
      "misaligned load",  "load access fault",        "misaligned store or atomic", "store or atomic access fault"};
  if (cause == kInterruptCause + static_cast<std::uint32_t>(Interrupt::software)) return "software interrupt";
  if (cause == kInterruptCause + static_cast<std::uint32_t>(Interrupt::timer)) return "timer interrupt";
  if (cause == kInterruptCause + static_cast<std::uint32_t>(Interrupt::external)) return "external interrupt";
  if (cause == ecall_machine) return "environment call";
  return cause < exceptions.size() && exceptions[cause] != nullptr ? exceptions[cause] : "reserved cause";
}

Hart::Hart(Bus& bus, const Timing& timing) : bus_(bus), timing_(timing) {}

std::uint16_t Hart::cycles_of(Operation operation) const {
  if (operation == O::mul) return timing_.mul;
  if (operation >= O::mulh && operation <= O::mulhu) return timing_.mulh;
  if (operation >= O::div && operation <= O::remu) return timing_.div;
  if (operation == O::jal || operation == O::jalr) return timing_.jump;
  if (operation >= O::lb && operation <= O::lhu) return timing_.load;
  if (operation >= O::sb && operation <= O::sw) return timing_.store;
  if (operation >= O::beq && operation <= O::bgeu) return timing_.branch;
  if (operation >= O::csrrw && operation <= O::csrrci) return timing_.csr;
  if (operation == O::mret) return timing_.mret;
  if (operation >= O::lr && operation <= O::amomaxu) return timing_.atomic;
  return timing_.alu;
}

void Hart::reset(std::uint32_t pc) {
  x_.fill(0);
  set_pc(pc);
  waiting_ = mie_bit_ = mpie_bit_ = false;
  mie_ = mip_ = mtvec_ = mscratch_ = mepc_ = mcause_ = mtval_ = 0;
  mcycle_ = minstret_ = {};
  trap_ = {};
  reservation_.reset();
  stopped_at_.reset();
}

void Hart::set_interrupt(Interrupt line, bool level) {
  const std::uint32_t bit = 1u << static_cast<unsigned>(line);
  mip_ = level ? mip_ | bit : mip_ & ~bit;
}

void Hart::unmap(std::uint32_t first, std::uint32_t last) {
  const auto touched = [&](const Memory& memory) { return memory.first <= last && first <= memory.last; };
  const auto end = std::remove_if(memories_.begin(), memories_.end(), touched);
  if (end == memories_.end()) return;
  memories_.erase(end, memories_.end());
  direct_.fill({});
  code_.clear();
}

const Memory* Hart::find_memory(std::uint32_t address) const {
  const auto found = std::find_if(memories_.begin(), memories_.end(), [&](const Memory& memory) {
    return address >= memory.first && address <= memory.last;
  });
  return found == memories_.end() ? nullptr : &*found;
}

void Hart::set_breakpoint(std::uint32_t address, bool set) {
  set ? static_cast<void>(breakpoints_.insert(address)) : static_cast<void>(breakpoints_.erase(address));
  code_.invalidate(address, address);
}

void Hart::set_watchpoint(const Watchpoint& watchpoint, bool set) {
  if (set) {
    watchpoints_.push_back(watchpoint);
  } else if (const auto found = std::find(watchpoints_.begin(), watchpoints_.end(), watchpoint);
             found != watchpoints_.end()) {
    watchpoints_.erase(found);
  }
  direct_.fill({});  // accesses of pages that are watched must not be
}

bool Hart::watches_page(std::uint32_t page) const {
  return std::any_of(watchpoints_.begin(), watchpoints_.end(), [page](const Watchpoint& watchpoint) {
    return watchpoint.first <= page + ~kPageMask && page <= watchpoint.last;
  });
}

/// False where there is no handler, or its first instruction has trapped: it would for ever.
bool Hart::enter_trap(std::uint32_t cause, std::uint32_t value) {
  trap_ = {pc_, cause, value};
  const bool interrupt = (cause & kInterruptCause) != 0;
  const std::uint32_t base = mtvec_ & ~3u;
  if (base == 0 || (!interrupt && pc_ == base)) return false;
  mepc_ = pc_;
  mcause_ = cause;
  mtval_ = value;
  mpie_bit_ = mie_bit_;
  mie_bit_ = false;
  pc_ = interrupt && (mtvec_ & 1) != 0 ? base + 4 * (cause & ~kInterruptCause) : base;
  cycles_ += timing_.trap;
  if (listener_ != nullptr) listener_->trapped(trap_);
  return true;
}

/// In the order of 3.1.9: external, software, timer.
bool Hart::take_interrupt() {
  const std::uint32_t due = mip_ & mie_;
  const Interrupt first = (due >> static_cast<unsigned>(Interrupt::external) & 1) != 0   ? Interrupt::external
                          : (due >> static_cast<unsigned>(Interrupt::software) & 1) != 0 ? Interrupt::software
                                                                                         : Interrupt::timer;
  return enter_trap(kInterruptCause | static_cast<std::uint32_t>(first), 0);
}

Stop Hart::run(std::uint64_t count, std::uint64_t until_cycle) {
  const bool goes_on = stopped_at_ == pc_;
  stopped_at_.reset();
  if (!goes_on || count == 0) return go(count, until_cycle);
  const std::uint32_t pc = pc_;
  const bool breaks = breakpoints_.count(pc) != 0;
  if (breaks) set_breakpoint(pc, false);
  if (stopped_to_watch_) unwatched_ = pc;
  const Stop stop = go(1, until_cycle);
  unwatched_.reset();
  if (breaks) set_breakpoint(pc, true);
  if (stop != Stop::budget || cycles_ >= until_cycle) return stop;
  return go(count - 1, until_cycle);
}

/// As execute() does it, an instruction at a time.
Stop Hart::execute_and_tell(std::uint64_t count, std::uint64_t until_cycle) {
  if (count == 0) return execute(0, until_cycle);
  for (; count != 0; --count) {
    if (waiting_ && !interrupt_pending()) return Stop::waiting;
    if (mie_bit_ && interrupt_pending() && !take_interrupt()) return Stop::unhandled_trap;
    const std::uint32_t pc = pc_;
    const Instruction* decoded = &code_.page(pc).instructions[(pc % CodePages::page_bytes) / 2];
    Instruction instruction = *decoded;
    // It may trap where it cannot be fetched; execute() will say so.
    const bool fetched = instruction.operation != Operation::undecoded || decode_at(pc, instruction);
    const std::uint64_t retired = instructions();
    const Stop stop = execute(1, until_cycle);
    if (fetched && instructions() != retired) listener_->executed(pc, instruction);
    if (stop != Stop::budget || cycles_ >= until_cycle) return stop;
  }
  return Stop::budget;
}

}  // namespace flexcim::riscv
