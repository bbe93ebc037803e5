#include "platform/host/debugged_hart.h"

#include "platform/host/host.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace flexcim {
namespace {

using debug::Resume;
using debug::Signal;

struct Csr {
  std::uint32_t number;
  const char* name;
};
/// What the hart has; counters of events that it does not count are left out.
constexpr Csr kCsrs[] = {{0x300, "mstatus"},  {0x301, "misa"},          {0x304, "mie"},       {0x305, "mtvec"},
                         {0x310, "mstatush"}, {0x320, "mcountinhibit"}, {0x340, "mscratch"},  {0x341, "mepc"},
                         {0x342, "mcause"},   {0x343, "mtval"},         {0x344, "mip"},       {0xB00, "mcycle"},
                         {0xB02, "minstret"}, {0xB80, "mcycleh"},       {0xB82, "minstreth"}, {0xC00, "cycle"},
                         {0xC02, "instret"},  {0xC80, "cycleh"},        {0xC82, "instreth"},  {0xF11, "mvendorid"},
                         {0xF12, "marchid"},  {0xF13, "mimpid"},        {0xF14, "mhartid"},   {0xF15, "mconfigptr"}};
constexpr const char* kNames[] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "fp", "s1", "a0",
                                  "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                  "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6", "pc"};

std::vector<debug::RegisterName> register_names() {
  std::vector<debug::RegisterName> names;
  for (const char* name : kNames) names.push_back({static_cast<int>(names.size()), name, false});
  for (const Csr& csr : kCsrs) names.push_back({debug::kFirstCsr + static_cast<int>(csr.number), csr.name, true});
  return names;
}

Signal signal_of(std::uint32_t cause) {
  switch (cause) {
    case riscv::illegal_instruction:
      return Signal::illegal_instruction;
    case riscv::breakpoint_trap:
      return Signal::trap;
    case riscv::load_misaligned:
    case riscv::store_misaligned:
      return Signal::misaligned;
    case riscv::ecall_machine:
      return Signal::environment_call;
    default:
      return Signal::access_fault;
  }
}

}  // namespace

DebuggedHart::DebuggedHart(riscv::Hart& hart, tlm::tlm_initiator_socket<>& bus, const sc_core::sc_time& period,
                           debug::Debugger& debugger, std::function<void()> reset)
    : hart_(hart), bus_(bus), period_(period), debugger_(debugger), reset_(std::move(reset)) {}

riscv::Stop DebuggedHart::run(std::uint64_t until_cycle) {
  if (debugger_.wants_stop()) stop({Signal::interrupted});
  for (;;) {
    stop_if_due(hart_.cycles());
    const bool step = resume_ == Resume::step;
    // While the end of a command is waited for, the hart does not run ahead of what may end one.
    const bool looks = command_stop_.has_value();
    if (looks) until_cycle = std::min(until_cycle, next_edge());
    if (looks && hart_.cycles() >= until_cycle) return riscv::Stop::budget;
    const riscv::Stop why = hart_.run(step || looks ? 1 : UINT64_MAX, std::min(until_cycle, stop_cycle_));
    if (why == riscv::Stop::breakpoint) {
      stop({Signal::trap});
    } else if (why == riscv::Stop::watchpoint) {
      stop(watchpoint());
    } else if (why == riscv::Stop::unhandled_trap) {
      stop({signal_of(hart_.trap().cause), {}, 0, true});
      if (resume_ == Resume::give_up) return why;
    } else {
      if (step) stop({Signal::trap});
      if (why == riscv::Stop::waiting || hart_.cycles() >= until_cycle) return why;
    }
  }
}

void DebuggedHart::wait_asleep(const sc_core::sc_event_or_list& events) {
  const sc_core::sc_time between_looks(10, sc_core::SC_US);
  while (hart_.waiting()) {
    if (debugger_.wants_stop()) stop({Signal::interrupted});
    stop_if_due(sc_core::sc_time_stamp().value() / period_.value());
    if (!hart_.waiting()) return;  // it has been reset
    if (!sc_core::sc_pending_activity()) {
      stop({Signal::abort, {}, 0, true});
      sc_core::wait(events);
      return;
    }
    sc_core::sc_time until_stop = sc_core::sc_max_time();
    const std::uint64_t cycle = std::min(stop_cycle_, command_stop_ ? next_edge() : kNever);
    if (cycle < until_stop.value() / period_.value()) {
      until_stop = sc_core::sc_time::from_value(cycle * period_.value()) - sc_core::sc_time_stamp();
    }
    sc_core::wait(std::min(between_looks, until_stop), events);
    if (!sc_core::timed_out()) return;
  }
}

/// The hart's first cycle that begins after the next thing that happens.
std::uint64_t DebuggedHart::next_edge() const {
  const std::uint64_t now = sc_core::sc_time_stamp().value();
  return (now + sc_core::sc_time_to_pending_activity().value()) / period_.value() + 1;
}

/// The one that is waited for. Each is looked at once.
bool DebuggedHart::command_has_ended() {
  if (!command_stop_) return false;
  while (commands_seen_ < machine_->command_count()) {
    const debug::EndedCommand command = machine_->command(commands_seen_++);
    const bool counts = !command_stop_->only_errors || command.error != ErrorCode::none;
    if (counts && command.end_ps > commands_after_ps_ && --command_stop_->count == 0) return true;
  }
  return false;
}

/// `cycle`: the one that it is.
void DebuggedHart::stop_if_due(std::uint64_t cycle) {
  const bool ended = command_has_ended();
  if (ended) command_stop_.reset();
  if (!ended && cycle < stop_cycle_) return;
  if (cycle >= stop_cycle_) stop_cycle_ = kNever;
  stop({Signal::interrupted});  // where a hart sleeps behind wfi gdb may take a trap for the end of its own step
}

void DebuggedHart::stop(const debug::StopReason& reason) {
  resume_ = debugger_.stopped(*this, reason);
  if (resume_ == Resume::kill) throw ProgramError("the debugger has killed the program");
}

debug::StopReason DebuggedHart::watchpoint() const {
  const riscv::Watchpoint& hit = hart_.watched();
  const debug::Watch kind = !hit.reads ? debug::Watch::write : !hit.writes ? debug::Watch::read : debug::Watch::access;
  return {Signal::trap, kind, hart_.watched_address()};
}

const std::vector<debug::RegisterName>& DebuggedHart::registers() const {
  static const std::vector<debug::RegisterName> names = register_names();
  return names;
}

std::optional<std::uint32_t> DebuggedHart::read_register(int number) const {
  if (number < 0) return std::nullopt;
  if (number < debug::kPc) return hart_.reg(number);
  if (number == debug::kPc) return hart_.pc();
  if (number < debug::kFirstCsr) return std::nullopt;
  return hart_.csr(static_cast<std::uint32_t>(number - debug::kFirstCsr));
}

bool DebuggedHart::write_register(int number, std::uint32_t value) {
  if (!read_register(number)) return false;
  if (number >= debug::kFirstCsr) return hart_.set_csr(static_cast<std::uint32_t>(number - debug::kFirstCsr), value);
  number == debug::kPc ? hart_.set_pc(value) : hart_.set_reg(number, value);
  return true;
}

void DebuggedHart::set_watchpoint(debug::Watch kind, std::uint32_t first, std::uint32_t last, bool set) {
  hart_.set_watchpoint({first, last, kind != debug::Watch::write, kind != debug::Watch::read}, set);
}

std::size_t DebuggedHart::read_memory(std::uint32_t address, std::uint8_t* data, std::size_t bytes) {
  std::size_t done = 0;
  while (done < bytes) {
    const std::uint32_t at = address + static_cast<std::uint32_t>(done);
    if (at < address) break;  // beyond the last address
    std::size_t got = access(tlm::TLM_READ_COMMAND, at, data + done, bytes - done);
    if (got == 0) {  // a register, which is read as a whole
      std::uint8_t word[4];
      const std::uint32_t part = at % sizeof word;
      if (access(tlm::TLM_READ_COMMAND, at - part, word, sizeof word) != sizeof word) break;
      got = std::min<std::size_t>(bytes - done, sizeof word - part);
      std::memcpy(data + done, word + part, got);
    }
    done += got;
  }
  return done;
}

std::size_t DebuggedHart::write_memory(std::uint32_t address, const std::uint8_t* data, std::size_t bytes) {
  std::vector<std::uint8_t> copy(data, data + bytes);
  return access(tlm::TLM_WRITE_COMMAND, address, copy.data(), bytes);
}

std::size_t DebuggedHart::access(tlm::tlm_command command, std::uint32_t address, std::uint8_t* data,
                                 std::size_t bytes) {
  if (bytes == 0) return 0;
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  return bus_->transport_dbg(payload);
}

std::uint64_t DebuggedHart::time_ps() const {
  const sc_core::sc_time hart = sc_core::sc_time::from_value(hart_.cycles() * period_.value());
  const double ps = std::max(hart, sc_core::sc_time_stamp()) / sc_core::sc_time(1, sc_core::SC_PS);
  return static_cast<std::uint64_t>(std::llround(ps));
}

void DebuggedHart::stop_at(std::uint64_t ps) {
  const sc_core::sc_time time(static_cast<double>(ps), sc_core::SC_PS);
  stop_cycle_ = ps == UINT64_MAX ? kNever : (time.value() - 1) / period_.value() + 1;
}

void DebuggedHart::stop_after(const std::optional<debug::CommandStop>& command) {
  command_stop_ = machine_ != nullptr ? command : std::nullopt;
  if (!command_stop_) return;
  commands_after_ps_ = time_ps();
  commands_seen_ = machine_->command_count();
}

void DebuggedHart::reset() {
  reset_();
  if (machine_ != nullptr) machine_->reset();
}

}  // namespace flexcim
