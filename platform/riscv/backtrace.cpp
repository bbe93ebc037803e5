#include "platform/riscv/backtrace.h"

#include "platform/riscv/instruction.h"

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

namespace flexcim::riscv {
namespace {

using O = Operation;

constexpr std::uint32_t kT0 = 5, kS0 = 8;
constexpr std::size_t kMostInstructions = 16384;  // of a function
constexpr int kMostSaving = 32;                   // instructions of a routine that saves registers

std::optional<std::uint32_t> read(const Hart& hart, std::uint32_t address, std::uint32_t bytes) {
  const Memory* memory = hart.find_memory(address);
  if (memory == nullptr || memory->last - address < bytes - 1) return std::nullopt;
  std::uint32_t value = 0;
  std::memcpy(&value, memory->data + (address - memory->first), bytes);
  return value;
}

std::optional<Instruction> instruction_at(const Hart& hart, std::uint32_t pc) {
  const auto first = read(hart, pc, 2);
  if (!first) return std::nullopt;
  const auto second = is_long(*first) ? read(hart, pc + 2, 2) : 0;
  if (!second) return std::nullopt;
  return decode(*first | *second << 16);
}

bool is_call(const Instruction& instruction) {
  return (instruction.operation == O::jal || instruction.operation == O::jalr) && instruction.rd == kRa;
}

/// The call that returns to that address.
std::optional<std::uint32_t> call_before(const Hart& hart, std::uint32_t address) {
  for (const std::uint32_t bytes : {4u, 2u}) {
    const auto before = instruction_at(hart, address - bytes);
    if (before && 2u * before->step == bytes && is_call(*before)) return address - bytes;
  }
  return std::nullopt;
}

/// What is known of a register's value.
struct Value {
  enum class Kind { unknown, constant, at_entry /* of the register `number` */, stack /* sp at entry plus number */ };
  Kind kind = Kind::unknown;
  std::uint32_t number = 0;
  bool is(Kind other) const { return kind == other; }
  Value plus(std::uint32_t constant) const {
    if (constant == 0) return *this;
    return kind == Kind::constant || kind == Kind::stack ? Value{kind, number + constant} : Value{};
  }
};

/// Of a function, before one of its instructions.
struct State {
  std::array<Value, 32> registers;
  std::map<std::uint32_t, std::uint32_t> saved;  ///< where, from sp at entry: which register's value at entry

  State() {
    for (std::uint32_t i = 0; i < registers.size(); ++i) registers[i] = {Value::Kind::at_entry, i};
    registers[0] = {Value::Kind::constant, 0};
    registers[kSp] = {Value::Kind::stack, 0};
  }
  Value result(const Instruction& instruction) const;
  void execute(const Instruction& instruction);
};

/// What the instruction leaves in rd.
Value State::result(const Instruction& instruction) const {
  const Value a = registers[instruction.rs1], b = registers[instruction.rs2];
  const std::uint32_t imm = as_unsigned(instruction.imm);
  switch (instruction.operation) {
    case O::li:
      return {Value::Kind::constant, imm};
    case O::addi:
      return a.plus(imm);
    case O::add:
      return b.is(Value::Kind::constant) ? a.plus(b.number) : a.is(Value::Kind::constant) ? b.plus(a.number) : Value{};
    case O::sub:
      return b.is(Value::Kind::constant) ? a.plus(0 - b.number) : Value{};
    case O::lw:
      if (const auto found = saved.find(a.plus(imm).number); a.is(Value::Kind::stack) && found != saved.end()) {
        return {Value::Kind::at_entry, found->second};
      }
      return {};
    default:
      return {};
  }
}

void State::execute(const Instruction& instruction) {
  if (instruction.operation == O::sw && registers[instruction.rs1].is(Value::Kind::stack)) {
    const std::uint32_t at = registers[instruction.rs1].plus(as_unsigned(instruction.imm)).number;
    const Value value = registers[instruction.rs2];
    saved.erase(at);
    if (value.is(Value::Kind::at_entry)) saved[at] = value.number;
  }
  if (is_call(instruction)) {
    for (std::uint32_t i = 1; i < registers.size(); ++i) {
      const bool kept = i == kSp || i == 3 || i == 4 || i == kS0 || i == 9 || (i >= 18 && i <= 27);
      if (!kept) registers[i] = {};
    }
  } else if (instruction.rd != kNowhere) {
    registers[instruction.rd] = result(instruction);
  }
}

/// What a routine does that saves registers and goes back by t0 (-msave-restore).
void save_by(const Hart& hart, std::uint32_t pc, State& state) {
  for (int i = 0; i < kMostSaving; ++i) {
    const auto instruction = instruction_at(hart, pc);
    if (!instruction || instruction->operation == O::jalr) return;
    state.execute(*instruction);
    pc += instruction->operation == O::jal ? as_unsigned(instruction->imm) : 2u * instruction->step;
  }
}

/// The state before the instruction at `pc`, on any way from the function's beginning: compilers let all ways to a
/// place have the same frame. A jump to an address that is computed may be a switch, whose cases lie behind it: they
/// are looked at last.
std::optional<State> state_at(const Hart& hart, const ElfFile::Function& function, std::uint32_t pc) {
  std::deque<std::pair<std::uint32_t, State>> ways;
  ways.emplace_back(function.address, State());
  std::unordered_set<std::uint32_t> seen;
  while (!ways.empty() && seen.size() < kMostInstructions) {
    auto [at, state] = std::move(ways.front());
    ways.pop_front();
    if (at == pc) return state;
    if (at < function.address || at >= function.end || !seen.insert(at).second) continue;
    const auto instruction = instruction_at(hart, at);
    if (!instruction || instruction->operation == O::illegal) continue;
    const std::uint32_t next = at + 2u * instruction->step, target = at + as_unsigned(instruction->imm);
    const bool jumps = instruction->operation == O::jal || instruction->operation == O::jalr;
    const bool saves = instruction->operation == O::jal && instruction->rd == kT0;
    state.execute(*instruction);
    if (saves) save_by(hart, target, state);
    if (jumps && !saves && !is_call(*instruction)) {
      if (instruction->operation == O::jal) {
        ways.emplace_front(target, std::move(state));
      } else if (instruction->rs1 != kRa) {
        ways.emplace_back(next, std::move(state));
      }
      continue;
    }
    if (instruction->operation == O::mret) continue;
    if (instruction->operation >= O::beq && instruction->operation <= O::bgeu) ways.emplace_front(target, state);
    ways.emplace_front(next, std::move(state));
  }
  return std::nullopt;
}

/// Registers of a function that has been left in the middle; what is not known is empty.
struct Frame {
  std::uint32_t pc = 0;
  std::optional<std::uint32_t> sp, ra, s0;
};

/// Those that its caller will have again, with its return address as pc; empty where that cannot be told.
std::optional<Frame> leave(const Hart& hart, const Frame& frame, const State& state) {
  const auto entry_sp = [&]() -> std::optional<std::uint32_t> {
    const Value sp = state.registers[kSp], s0 = state.registers[kS0];
    if (sp.is(Value::Kind::stack) && frame.sp) return *frame.sp - sp.number;
    if (s0.is(Value::Kind::stack) && frame.s0) return *frame.s0 - s0.number;
    return std::nullopt;
  }();
  if (!entry_sp) return std::nullopt;
  const auto at_entry = [&](std::uint32_t number, std::optional<std::uint32_t> now) -> std::optional<std::uint32_t> {
    const Value value = state.registers[number];
    if (now && value.is(Value::Kind::at_entry) && value.number == number) return now;
    for (const auto& [at, which] : state.saved) {
      if (which == number) return read(hart, *entry_sp + at, 4);
    }
    return std::nullopt;
  };
  const auto ra = at_entry(kRa, frame.ra);
  if (!ra) return std::nullopt;
  return Frame{*ra, entry_sp, ra, at_entry(kS0, frame.s0)};
}

}  // namespace

Backtrace backtrace(const Hart& hart, const ElfFile& program) {
  const std::uint32_t handler = hart.csr(kMtvec).value_or(0) & ~3u;
  const ElfFile::Function* const first = program.function(program.entry());
  Backtrace result;
  Frame frame{hart.pc(), hart.reg(kSp), hart.reg(kRa), hart.reg(kS0)};
  while (result.callers.size() < kMostCallers) {
    const ElfFile::Function* const function = program.function(frame.pc);
    const bool in_handler = handler != 0 && (function != nullptr ? function->address == handler : frame.pc == handler);
    // Where there is no function nothing has been done: somebody has called an address that is none.
    const std::optional<State> state =
        function != nullptr ? state_at(hart, *function, frame.pc) : std::optional(State());
    const std::optional<Frame> outer = state ? leave(hart, frame, *state) : std::nullopt;
    if (!in_handler && function != nullptr && function == first) {
      result.end = Backtrace::End::outermost;
      return result;
    }
    if (!outer) return result;
    if (in_handler) {
      frame = {hart.csr(kMepc).value_or(0), outer->sp, outer->ra, outer->s0};
      result.callers.push_back({frame.pc, true});
      if (program.function(frame.pc) == function) return result;  // it has trapped itself: who was first is lost
      continue;
    }
    if (outer->pc == 0) {
      result.end = Backtrace::End::outermost;
      return result;
    }
    const auto call = call_before(hart, outer->pc);
    if (!call) return result;
    frame = {*call, outer->sp, std::nullopt, outer->s0};  // the call has overwritten ra
    result.callers.push_back({*call, false});
  }
  result.end = Backtrace::End::too_many;
  return result;
}

}  // namespace flexcim::riscv
