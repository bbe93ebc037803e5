#include "platform/host/riscv_host.h"

#include "platform/riscv/backtrace.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>
#include <vector>

namespace flexcim {
namespace {

constexpr std::size_t kHartStackBytes = 1 << 18;
constexpr std::uint32_t kAllAddresses = 0xFFFF'FFFF;
constexpr std::uint32_t kMcause = 0x342, kMtval = 0x343;
constexpr int kBootBlock = 11;  // a1, where boot loaders leave the address of what describes the machine
constexpr std::uint64_t kMostQuanta = 10;

/// What the bus makes of the payload's address is its own.
BusAccess access_of(const tlm::tlm_generic_payload& payload, std::uint32_t address) {
  BusAccess access{payload.is_write(), address, payload.get_data_length(), 0};
  std::memcpy(&access.value, payload.get_data_ptr(), access.bytes);
  return access;
}

// Not in line: accesses that nobody listens to were slower.
[[gnu::noinline]] void tell_begin(HostListener& listener, const tlm::tlm_generic_payload& payload,
                                  std::uint32_t address, const sc_core::sc_time& at) {
  listener.access_begins(access_of(payload, address), at);
}
[[gnu::noinline]] void tell_end(HostListener& listener, const tlm::tlm_generic_payload& payload, std::uint32_t address,
                                const sc_core::sc_time& at, bool memory) {
  listener.access_ends(access_of(payload, address), at, payload.get_response_status(), memory);
}

}  // namespace

RiscvHost::RiscvHost(const sc_core::sc_module_name& name, riscv::ElfFile program, const RiscvHostParameters& parameters)
    : Host(name),
      program_(std::move(program)),
      period_(sc_core::sc_time(static_cast<double>(parameters.clock.ps()), sc_core::SC_PS)),
      quantum_(parameters.quantum),
      boot_block_(parameters.boot_block),
      hart_(*this, parameters.timing) {
  begin();
  socket.bind(*this);
  if (parameters.debugger != nullptr) {
    debugged_.emplace(hart_, socket, period_, *parameters.debugger, [this] { reset(); });
  }
  SC_HAS_PROCESS(RiscvHost);
  SC_THREAD(run);
  set_stack_size(kHartStackBytes);
}

void RiscvHost::run() {
  lines_ = external_interrupt.value_changed_event() | timer_interrupt.value_changed_event() |
           software_interrupt.value_changed_event();
  if (debugged_) debugged_->begin();
  for (;;) {
    const std::uint64_t end = quantum_end();
    switch (debugged_ ? debugged_->run(end) : hart_.run(UINT64_MAX, end)) {
      case riscv::Stop::waiting:
        sleep();
        break;
      case riscv::Stop::unhandled_trap: {
        const riscv::Trap& trap = hart_.trap();
        const bool handled = hart_.csr(riscv::kMtvec).value_or(0) != 0;
        give_up(fmt::format(
            "{} ({:#x}), and {}", riscv::cause_name(trap.cause), trap.value,
            handled ? "this is the first instruction of the trap handler" : "no trap handler is set: mtvec is 0"));
      }
      default:
        synchronize();
    }
  }
}

/// Out of reset.
void RiscvHost::begin() {
  hart_.reset(program_.entry());
  hart_.set_reg(kBootBlock, boot_block_);
}

/// As in the beginning, with the program in memory again.
void RiscvHost::reset() {
  std::vector<riscv::Memory> memories;
  for (const auto address : {memory_map::sram, memory_map::dram}) {
    need_memory(static_cast<std::uint32_t>(address));
    const riscv::Memory* memory = hart_.find_memory(static_cast<std::uint32_t>(address));
    if (memory == nullptr) continue;
    memories.push_back(*memory);
    hart_.invalidate(memory->first, memory->last);
  }
  program_.load(memories);
  begin();
}

void RiscvHost::set_machine(debug::Machine& machine) {
  if (debugged_) debugged_->set_machine(machine);
}

/// The cycle at which the hart has to wait for simulated time.
std::uint64_t RiscvHost::quantum_end() const {
  const sc_core::sc_time& global = tlm::tlm_global_quantum::instance().get();
  const std::uint64_t quantum =
      std::max<std::uint64_t>(1, (global != sc_core::SC_ZERO_TIME ? global : quantum_).value());
  const std::uint64_t now = sc_core::sc_time_stamp().value(), end = (now / quantum + 1) * quantum;
  const std::uint64_t quiet = sc_core::sc_time_to_pending_activity().value();
  return (std::max(end, now + std::min(quiet, kMostQuanta * quantum)) - 1) / period_.value() + 1;
}

/// Lets simulated time come up to the hart's, and looks at the lines.
void RiscvHost::synchronize() {
  wait(time() - sc_core::sc_time_stamp());
  hart_.set_interrupt(riscv::Interrupt::external, external_interrupt.read());
  hart_.set_interrupt(riscv::Interrupt::timer, timer_interrupt.read());
  hart_.set_interrupt(riscv::Interrupt::software, software_interrupt.read());
}

void RiscvHost::sleep() {
  if (hart_.enabled_interrupts() == 0 && debugged_) debugged_->give_up();
  if (hart_.waiting() && hart_.enabled_interrupts() == 0) give_up("wfi, and no interrupt is enabled: mie is 0");
  state_ = State::sleeping;
  synchronize();
  if (listener() != nullptr) listener()->falls_asleep(time());
  while (hart_.waiting() && !hart_.interrupt_pending()) {
    debugged_ ? debugged_->wait_asleep(lines_) : wait(lines_);
    // The first edge after the change; whatever else changes at the same time is seen, too.
    hart_.stall(sc_core::sc_time_stamp().value() / period_.value() + 1 - hart_.cycles());
    synchronize();
  }
  if (listener() != nullptr) listener()->wakes(time());
  state_ = State::running;
}

bool RiscvHost::access(tlm::tlm_command command, std::uint32_t address, unsigned bytes, std::uint32_t& value) {
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload_.set_data_length(bytes);
  payload_.set_streaming_width(bytes);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  const sc_core::sc_time begin = time();
  sc_core::sc_time delay = begin - sc_core::sc_time_stamp();
  state_ = State::accessing;
  accessed_ = address;
  if (listener() != nullptr) tell_begin(*listener(), payload_, address, begin);
  socket->b_transport(payload_, delay);
  state_ = State::running;
  over_bus_.bus_bytes += bytes;
  const sc_core::sc_time taken = sc_core::sc_time_stamp() + delay - begin;
  const bool memory = payload_.is_response_ok() && payload_.is_dmi_allowed();
  hart_.stall(memory ? whole_cycles(taken) : taken.value() / period_.value() + 1);
  if (listener() != nullptr) tell_end(*listener(), payload_, address, time(), memory);
  if (memory) {
    (command == tlm::TLM_READ_COMMAND ? over_bus_.memory_reads : over_bus_.memory_writes) += bytes;
    need_memory(address);
    return true;
  }
  synchronize();
  return payload_.is_response_ok();
}

/// Asks for direct memory at that address.
void RiscvHost::need_memory(std::uint32_t address) {
  tlm::tlm_generic_payload payload;
  payload.set_read();
  payload.set_address(address);
  tlm::tlm_dmi dmi;
  const bool granted = socket->get_direct_mem_ptr(payload, dmi) && dmi.is_read_allowed();
  if (!granted || address < dmi.get_start_address() || address > dmi.get_end_address()) return;
  riscv::Memory memory;
  memory.first = static_cast<std::uint32_t>(dmi.get_start_address());
  memory.last = static_cast<std::uint32_t>(std::min<std::uint64_t>(dmi.get_end_address(), kAllAddresses));
  memory.data = dmi.get_dmi_ptr();
  memory.writable = dmi.is_write_allowed();
  memory.read_cycles = whole_cycles(dmi.get_read_latency());
  memory.write_cycles = whole_cycles(dmi.get_write_latency());
  hart_.unmap(memory.first, memory.last);
  hart_.map(memory);
}

std::uint32_t RiscvHost::whole_cycles(const sc_core::sc_time& time) const {
  return static_cast<std::uint32_t>((time.value() + period_.value() - 1) / period_.value());
}

const HostCounts& RiscvHost::counts() const {
  counts_ = over_bus_;
  counts_.instructions = hart_.instructions();
  counts_.memory_reads += hart_.read_bytes();
  counts_.memory_writes += hart_.write_bytes();
  counts_.bus_bytes += hart_.read_bytes() + hart_.write_bytes();
  return counts_;
}

std::function<void(std::uint64_t, std::uint64_t)> RiscvHost::memory_listener() {
  return [this](std::uint64_t first, std::uint64_t last) {
    if (first > kAllAddresses) return;
    hart_.invalidate(static_cast<std::uint32_t>(first),
                     static_cast<std::uint32_t>(std::min<std::uint64_t>(last, kAllAddresses)));
  };
}

std::string RiscvHost::place(std::uint32_t address) const {
  const std::string symbol = program_.symbol(address);
  return symbol.empty() ? fmt::format("{:#x}", address) : fmt::format("{:#x} in {}", address, symbol);
}

void RiscvHost::give_up(const std::string& why) const {
  throw ProgramError(fmt::format("{} at {}: {}{}", name(), place(hart_.pc()), why, backtrace()));
}

std::string RiscvHost::backtrace() const {
  const riscv::Backtrace trace = riscv::backtrace(hart_, program_);
  std::string text;
  bool last_trap = true;  // earlier ones have been overwritten
  for (const riscv::Caller& caller : trace.callers) {
    text += fmt::format("\n  {} {}", caller.trapped ? "interrupted at" : "called at", place(caller.pc));
    if (!caller.trapped || !std::exchange(last_trap, false)) continue;
    const std::uint32_t cause = hart_.csr(kMcause).value_or(0);
    text += fmt::format(" by {}", riscv::cause_name(cause));
    if ((cause & riscv::kInterruptCause) == 0) text += fmt::format(" ({:#x})", hart_.csr(kMtval).value_or(0));
  }
  if (trace.end == riscv::Backtrace::End::unsure) text += "\n  called at ?";
  if (trace.end == riscv::Backtrace::End::too_many) text += "\n  ...";
  return text;
}

std::string RiscvHost::waiting_for() const {
  if (state_ == State::accessing) {
    return fmt::format("{} at {} waits for the answer to an access at {:#x}", name(), place(hart_.pc()), accessed_);
  }
  if (state_ == State::running) return fmt::format("{} runs at {}", name(), place(hart_.pc()));
  std::vector<std::string> lines;
  const auto enabled = [this](riscv::Interrupt line) {
    return (hart_.enabled_interrupts() >> static_cast<unsigned>(line) & 1) != 0;
  };
  if (enabled(riscv::Interrupt::external)) lines.emplace_back("external");
  if (enabled(riscv::Interrupt::timer)) lines.emplace_back("timer");
  if (enabled(riscv::Interrupt::software)) lines.emplace_back("software");
  return fmt::format("{} at {} waits for its {} interrupt", name(), place(hart_.pc()), fmt::join(lines, " or "));
}

/// Accesses are blocking: no target has a phase to answer.
tlm::tlm_sync_enum RiscvHost::nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  throw std::logic_error(fmt::format("{}: a response by phases to a blocking access", name()));
}

void RiscvHost::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  if (first > kAllAddresses) return;
  hart_.unmap(static_cast<std::uint32_t>(first),
              static_cast<std::uint32_t>(std::min<std::uint64_t>(last, kAllAddresses)));
}

HostMaker riscv_host(riscv::ElfFile program, const RiscvHostParameters& parameters) {
  return [program = std::move(program), parameters](const char* name) {
    return std::make_unique<RiscvHost>(name, program, parameters);
  };
}

}  // namespace flexcim
