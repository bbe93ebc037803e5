#include "platform/visibility/call_profile.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace flexcim {
namespace {

using O = riscv::Operation;

constexpr std::uint32_t kLastAddress = 0xFFFF'FFFF;
constexpr std::size_t kUnknown = 0;  // place of code without symbol

bool is_link(int number) { return number == 1 || number == 5; }

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.2f}", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

CallProfile::CallProfile(const riscv::ElfFile& program, CallListener* listener)
    : listener_(listener), functions_{{"?", 0, 0, 0, 0}} {
  const auto& symbols = program.functions();
  std::uint64_t next = 0;  // address behind the last range
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const bool last = i + 1 == symbols.size();
    if (!last && symbols[i + 1].address == symbols[i].address) continue;  // ElfFile::symbol() takes the last one
    const std::uint64_t first = symbols[i].address;
    const std::uint64_t end = last ? symbols[i].end : std::min(symbols[i].end, symbols[i + 1].address);
    if (end <= first) continue;
    if (first > next) {
      ranges_.push_back({static_cast<std::uint32_t>(next), static_cast<std::uint32_t>(first - 1), kUnknown});
    }
    ranges_.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end - 1), functions_.size()});
    functions_.push_back({symbols[i].name, 0, 0, 0, 0});
    next = end;
  }
  if (next <= kLastAddress) ranges_.push_back({static_cast<std::uint32_t>(next), kLastAddress, kUnknown});
  innermost_.assign(functions_.size(), kNone);
}

void CallProfile::begin(std::uint32_t entry) {
  contexts_.push_back({0, 0});
  call(entry, 0);
}

const CallProfile::Range& CallProfile::range_of(std::uint32_t address) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                      [](std::uint32_t at, const Range& range) { return at < range.first; });
  return *std::prev(after);
}

void CallProfile::charge(std::uint64_t cycle) {
  functions_[frames_.back().range.function].self_cycles += cycle - last_;
  contexts_.back().clock += cycle - last_;
  last_ = cycle;
}

void CallProfile::push(std::uint32_t address, std::uint32_t return_address) {
  const Range& range = range_of(address);
  const std::size_t function = range.function;
  frames_.push_back({range, return_address, contexts_.back().clock, innermost_[function]});
  innermost_[function] = frames_.size() - 1;
  if (listener_ != nullptr) listener_->entered(function, last_);
}

void CallProfile::pop() {
  const Frame& frame = frames_.back();
  Function& function = functions_[frame.range.function];
  // Where it is on this stack once more, its caller of the same name counts.
  if (frame.previous == kNone || frame.previous < contexts_.back().base) {
    function.total_cycles += contexts_.back().clock - frame.start;
  }
  innermost_[frame.range.function] = frame.previous;
  frames_.pop_back();
  if (listener_ != nullptr) listener_->left(last_);
}

/// Into another function, or another part of code without symbols.
void CallProfile::jump(std::uint32_t address) {
  const Range& range = range_of(address);
  if (range.function == frames_.back().range.function) {
    frames_.back().range = range;
    return;
  }
  const std::uint32_t return_address = frames_.back().return_address;
  pop();
  push(address, return_address);
  if (address == range.first) ++functions_[range.function].calls;
}

void CallProfile::call(std::uint32_t address, std::uint32_t return_address) {
  if (frames_.size() >= deepest) return;
  push(address, return_address);
  ++functions_[frames_.back().range.function].calls;
}

void CallProfile::return_to(std::uint32_t address) {
  const std::size_t base = contexts_.back().base;
  std::size_t to = frames_.size() - 1;  // the frame that ends
  while (to > base && frames_[to].return_address != address) --to;
  if (to == base) return;  // its last frame has no caller
  while (frames_.size() > to) pop();
}

void CallProfile::executed(std::uint32_t pc, const riscv::Instruction& instruction, std::uint32_t next,
                           std::uint64_t cycle) {
  if (!frames_.back().range.holds(pc)) jump(pc);
  ++functions_[frames_.back().range.function].instructions;
  charge(cycle);
  const bool jumps_far = instruction.operation == O::jalr;
  if (!jumps_far && instruction.operation != O::jal && instruction.operation != O::mret) return;
  if (instruction.operation == O::mret) {
    if (contexts_.size() == 1) return;  // start-up code goes on by it
    while (frames_.size() > contexts_.back().base) pop();
    contexts_.pop_back();
    return;
  }
  const bool links = is_link(instruction.rd);
  const bool returns = jumps_far && is_link(instruction.rs1) && (!links || instruction.rs1 != instruction.rd);
  if (returns) return_to(next);
  if (links) call(next, pc + 2u * instruction.step);
}

void CallProfile::trapped(const riscv::Trap& trap, std::uint32_t handler, std::uint64_t cycle) {
  if (!frames_.back().range.holds(trap.pc)) jump(trap.pc);
  charge(cycle);
  if (contexts_.size() >= kMostContexts) return;
  contexts_.push_back({frames_.size(), 0});
  push(handler, 0);
  ++functions_[frames_.back().range.function].calls;
}

void CallProfile::slept(std::uint64_t cycle) {
  asleep_ += cycle - last_;
  last_ = cycle;
}

void CallProfile::finish(std::uint32_t pc, std::uint64_t cycle) {
  if (!frames_.back().range.holds(pc)) jump(pc);
  charge(cycle);
  for (;;) {
    while (frames_.size() > contexts_.back().base) pop();
    if (contexts_.size() == 1) return;
    contexts_.pop_back();
  }
}

std::uint64_t CallProfile::instructions() const {
  std::uint64_t sum = 0;
  for (const Function& function : functions_) sum += function.instructions;
  return sum;
}

std::uint64_t CallProfile::cycles() const {
  std::uint64_t sum = asleep_;
  for (const Function& function : functions_) sum += function.self_cycles;
  return sum;
}

std::string profile_text(const CallProfile& profile, const std::string& program, std::int64_t period_ps) {
  std::vector<CallProfile::Function> functions = profile.functions();
  std::stable_sort(functions.begin(), functions.end(),
                   [](const auto& a, const auto& b) { return a.self_cycles > b.self_cycles; });
  const std::uint64_t awake = profile.cycles() - profile.sleep_cycles();
  std::string text = fmt::format(
      "# {}: cycles of {} ps; % of those that the hart was awake; total: with what was called\n", program, period_ps);
  const auto line = [&](const auto& self, const auto& self_share, const auto& total, const auto& total_share,
                        const auto& instructions, const auto& calls, const std::string& name) {
    text += fmt::format("{:>15} {:>7} {:>15} {:>7} {:>15} {:>11}  {}\n", self, self_share, total, total_share,
                        instructions, calls, name);
  };
  line("self_cycles", "%", "total_cycles", "%", "instructions", "calls", "function");
  for (const auto& each : functions) {
    if (each.calls == 0 && each.instructions == 0 && each.self_cycles == 0) continue;
    line(each.self_cycles, percent(each.self_cycles, awake), each.total_cycles, percent(each.total_cycles, awake),
         each.instructions, each.calls, each.name);
  }
  line(profile.sleep_cycles(), "", "", "", "", "", "(asleep)");
  line(profile.cycles(), "", "", "", profile.instructions(), "", "(sum)");
  return text;
}

}  // namespace flexcim
