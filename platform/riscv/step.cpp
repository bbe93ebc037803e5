// Instructions that the inner loop leaves to others: what may ask the bus, changes the hart's state, or traps.
#include "platform/riscv/hart.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace flexcim::riscv {
namespace {

using O = Operation;

/// Of a load or store.
unsigned bytes_of(Operation operation) {
  constexpr unsigned bytes[] = {1, 2, 4, 1, 2, 1, 2, 4};
  return bytes[static_cast<unsigned>(operation) - static_cast<unsigned>(O::lb)];
}

/// What an atomic instruction writes.
std::uint32_t combine(Operation operation, std::uint32_t memory, std::uint32_t operand) {
  const auto a = static_cast<std::int32_t>(memory), b = static_cast<std::int32_t>(operand);
  if (operation == O::amoadd) return memory + operand;
  if (operation == O::amoxor) return memory ^ operand;
  if (operation == O::amoand) return memory & operand;
  if (operation == O::amoor) return memory | operand;
  if (operation == O::amomin) return as_unsigned(std::min(a, b));
  if (operation == O::amomax) return as_unsigned(std::max(a, b));
  if (operation == O::amominu) return std::min(memory, operand);
  if (operation == O::amomaxu) return std::max(memory, operand);
  return operand;
}

}  // namespace

/// An access of mapped memory, or null. Counts its cycles. From now on direct() has the page, if it can.
std::uint8_t* Hart::memory(std::uint32_t address, unsigned bytes, bool write) {
  const Memory* found = find_memory(address);
  if (found == nullptr || found->last - address < bytes - 1 || (write && !found->writable)) return nullptr;
  const std::uint32_t page = address & kPageMask;
  const bool code = code_.holds(address);
  if (write && code) code_.invalidate(address, address + bytes - 1);
  if (page >= found->first && page + ~kPageMask <= found->last && !watches_page(page)) {
    direct(page) = {page, found->writable && !code ? page : no_tag, found->read_cycles, found->write_cycles,
                    found->data + (page - found->first)};
  }
  cycles_ += write ? found->write_cycles : found->read_cycles;
  (write ? write_bytes_ : read_bytes_) += bytes;
  return found->data + (address - found->first);
}

std::optional<std::uint32_t> Hart::fetch_half(std::uint32_t address) {
  if (find_memory(address) == nullptr) bus_.need_memory(address);
  const Memory* found = find_memory(address);
  if (found == nullptr || found->last == address) return std::nullopt;
  code_.keep(address);
  direct(address).write_tag = no_tag;  // writes have to ask code_
  std::uint16_t half = 0;
  std::memcpy(&half, found->data + (address - found->first), sizeof half);
  return half;
}

/// False after a trap.
bool Hart::decode_at(std::uint32_t pc, Instruction& instruction) {
  const std::optional<std::uint32_t> first = fetch_half(pc);
  if (!first) return raise(fetch_access, pc);
  const std::optional<std::uint32_t> second = is_long(*first) ? fetch_half(pc + 2) : 0;
  if (!second) return raise(fetch_access, pc + 2);
  instruction = decode(*first | *second << 16);
  if (instruction.operation == O::auipc) {
    instruction.operation = O::li;
    instruction.imm = static_cast<std::int32_t>(pc + as_unsigned(instruction.imm));
  }
  if (breakpoints_.count(pc) != 0) instruction.operation = O::breakpoint;
  instruction.cycles = cycles_of(instruction.operation);
  return true;
}

/// The instruction at pc has trapped.
bool Hart::raise(std::uint32_t cause, std::uint32_t value) {
  trap_ = {pc_, cause, value};
  return false;
}

/// Whether the instruction at pc is about to access what is watched. One that will trap accesses nothing; sc is taken
/// to write.
bool Hart::hits_watchpoint(const Instruction& instruction) {
  const Operation operation = instruction.operation;
  const bool atomic = operation >= O::lr && operation <= O::amomaxu;
  const bool loads = operation >= O::lb && operation <= O::lhu, stores = operation >= O::sb && operation <= O::sw;
  if ((!atomic && !loads && !stores) || unwatched_ == pc_) return false;
  const bool reads = loads || (atomic && operation != O::sc), writes = stores || (atomic && operation != O::lr);
  const unsigned bytes = atomic ? 4 : bytes_of(operation);
  const std::uint32_t first = x_[instruction.rs1] + (atomic ? 0 : as_unsigned(instruction.imm));
  if (first % bytes != 0) return false;
  const std::uint32_t last = first + (bytes - 1);
  const auto hit = std::find_if(watchpoints_.begin(), watchpoints_.end(), [&](const Watchpoint& w) {
    return w.first <= last && first <= w.last && ((w.reads && reads) || (w.writes && writes));
  });
  if (hit == watchpoints_.end()) return false;
  watched_ = *hit;
  watched_address_ = std::max(first, hit->first);
  stopped_at_ = pc_;
  stopped_to_watch_ = true;
  return true;
}

bool Hart::load(const Instruction& instruction) {
  const std::uint32_t address = x_[instruction.rs1] + as_unsigned(instruction.imm);
  const unsigned bytes = bytes_of(instruction.operation);
  if (address % bytes != 0) return raise(load_misaligned, address);
  std::uint32_t value = 0;
  if (const std::uint8_t* data = memory(address, bytes, false); data != nullptr) {
    std::memcpy(&value, data, bytes);
  } else if (!bus_.read(address, bytes, value)) {
    return raise(load_access, address);
  }
  if (instruction.operation == O::lb) value = as_unsigned(static_cast<std::int8_t>(value));
  if (instruction.operation == O::lh) value = as_unsigned(static_cast<std::int16_t>(value));
  x_[instruction.rd] = value;
  return true;
}

bool Hart::store(const Instruction& instruction) {
  const std::uint32_t address = x_[instruction.rs1] + as_unsigned(instruction.imm);
  const unsigned bytes = bytes_of(instruction.operation);
  if (address % bytes != 0) return raise(store_misaligned, address);
  const std::uint32_t value = x_[instruction.rs2];
  if (std::uint8_t* data = memory(address, bytes, true); data != nullptr) {
    std::memcpy(data, &value, bytes);
  } else if (!bus_.write(address, bytes, bytes == 4 ? value : value & ((1u << 8 * bytes) - 1))) {
    return raise(store_access, address);
  }
  return true;
}

bool Hart::step_csr(const Instruction& instruction) {
  const auto number = as_unsigned(instruction.imm);
  const std::optional<std::uint32_t> old = csr(number);
  const unsigned which = static_cast<unsigned>(instruction.operation) - static_cast<unsigned>(O::csrrw);
  const bool immediate = which >= 3;
  const std::uint32_t operand = immediate ? instruction.rs1 : x_[instruction.rs1];
  const bool writes = which % 3 == 0 || instruction.rs1 != 0;
  const std::uint32_t value = which % 3 == 0   ? operand
                              : which % 3 == 1 ? old.value_or(0) | operand
                                               : old.value_or(0) & ~operand;
  if (!old || (writes && !write_csr(number, value, 1, instruction.cycles))) {
    const std::uint32_t funct3 = which + (immediate ? 2 : 1), rd = instruction.rd == kNowhere ? 0u : instruction.rd;
    return raise(illegal_instruction,
                 number << 20 | std::uint32_t{instruction.rs1} << 15 | funct3 << 12 | rd << 7 | 0x73);
  }
  x_[instruction.rd] = *old;
  return true;
}

/// A reservation is lost where the word's value has changed, whoever has written: other writes nobody can see.
bool Hart::step_atomic(const Instruction& instruction) {
  const std::uint32_t address = x_[instruction.rs1], operand = x_[instruction.rs2];
  const bool load_reserved = instruction.operation == O::lr, conditional = instruction.operation == O::sc;
  if (address % 4 != 0) return raise(load_reserved ? load_misaligned : store_misaligned, address);
  if (find_memory(address) == nullptr) bus_.need_memory(address);
  const Memory* found = find_memory(address);
  if (found == nullptr || found->last - address < 3 || (!load_reserved && !found->writable)) {
    return raise(load_reserved ? load_access : store_access, address);
  }
  std::uint32_t old = 0;
  std::memcpy(&old, found->data + (address - found->first), sizeof old);
  bool writes = !load_reserved;
  if (load_reserved) reservation_ = Reservation{address, old};
  if (conditional) {
    const std::optional<Reservation> reserved = std::exchange(reservation_, std::nullopt);
    writes = reserved && reserved->address == address && reserved->value == old;
  }
  if (!conditional) cycles_ += found->read_cycles, read_bytes_ += 4;
  const std::uint32_t result = combine(instruction.operation, old, operand);
  if (writes) std::memcpy(memory(address, 4, true), &result, sizeof result);
  x_[instruction.rd] = !conditional ? old : writes ? 0 : 1;
  return true;
}

/// One instruction at pc; false after a trap. It is a copy: what was decoded may be forgotten meanwhile.
bool Hart::step(const Instruction instruction) {
  const Operation operation = instruction.operation;
  std::uint32_t next = pc_ + 2u * instruction.step;
  if (operation == O::ecall) return raise(ecall_machine, 0);
  if (operation == O::ebreak) return raise(breakpoint_trap, pc_);
  if (operation == O::illegal) return raise(illegal_instruction, as_unsigned(instruction.imm));
  if (operation >= O::lb && operation <= O::lhu && !load(instruction)) return false;
  if (operation >= O::sb && operation <= O::sw && !store(instruction)) return false;
  if (operation >= O::csrrw && operation <= O::csrrci && !step_csr(instruction)) return false;
  if (operation >= O::lr && operation <= O::amomaxu && !step_atomic(instruction)) return false;
  if (operation == O::mret) mie_bit_ = mpie_bit_, mpie_bit_ = true, next = mepc_;
  if (operation == O::wfi) waiting_ = true;
  pc_ = next;
  cycles_ += instruction.cycles;
  if (operation == O::mret && listener_ != nullptr) listener_->returned();
  return true;
}

}  // namespace flexcim::riscv
