#include "platform/host/native_host.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace flexcim {
namespace {

constexpr std::size_t kWord = 4;
constexpr std::size_t kStackBytes = 1 << 20;  // programs may be whole models
constexpr std::size_t kLongestAccess = 64;    // a cache line: longer copies are several accesses

std::vector<std::string_view> words_of(const std::vector<Interrupt>& interrupts) {
  std::vector<std::string_view> words;
  words.reserve(interrupts.size());
  for (const Interrupt each : interrupts) {
    words.emplace_back(each == Interrupt::external ? "external" : each == Interrupt::timer ? "timer" : "software");
  }
  return words;
}

}  // namespace

NativeHost::NativeHost(const sc_core::sc_module_name& name, Program program)
    : Host(name), program_(std::move(program)) {
  socket.bind(*this);
  SC_THREAD(run);
  set_stack_size(kStackBytes);
}

void NativeHost::run() {
  quantum_.reset();
  program_(*this);
  quantum_.sync();
  state_ = State::ended;
  if (listener() != nullptr) listener()->ends(now());
}

std::string NativeHost::waiting_for() const {
  switch (state_) {
    case State::working:
      return fmt::format("{} computes, after an access to {:#x}", name(), accessed_);
    case State::accessing:
      return fmt::format("{} waits for the answer to an access at {:#x}", name(), accessed_);
    case State::sleeping:
      return fmt::format("{} waits for its {} interrupt", name(), fmt::join(words_of(awaited_), " or "));
    case State::ended:
      break;
  }
  return fmt::format("{} has ended", name());
}

std::uint32_t NativeHost::read32(std::uint64_t address) {
  std::uint32_t value = 0;
  access(tlm::TLM_READ_COMMAND, address, &value, sizeof value);
  return value;
}

void NativeHost::write32(std::uint64_t address, std::uint32_t value) {
  access(tlm::TLM_WRITE_COMMAND, address, &value, sizeof value);
}

void NativeHost::read(std::uint64_t address, void* data, std::size_t bytes) {
  auto* to = static_cast<std::uint8_t*>(data);
  for (std::size_t at = 0; at < bytes; at += kLongestAccess) {
    access(tlm::TLM_READ_COMMAND, address + at, to + at, std::min(kLongestAccess, bytes - at));
  }
}

void NativeHost::write(std::uint64_t address, const void* data, std::size_t bytes) {
  auto* from = static_cast<std::uint8_t*>(const_cast<void*>(data));  // a write command leaves the data as it is
  for (std::size_t at = 0; at < bytes; at += kLongestAccess) {
    access(tlm::TLM_WRITE_COMMAND, address + at, from + at, std::min(kLongestAccess, bytes - at));
  }
}

void NativeHost::wait_for_interrupt(std::initializer_list<Interrupt> enabled) {
  quantum_.sync();
  awaited_ = enabled;
  state_ = State::sleeping;
  sc_core::sc_event_or_list any;
  for (const Interrupt each : awaited_) any |= line(each).posedge_event();
  if (listener() != nullptr) listener()->falls_asleep(now());
  while (std::none_of(awaited_.begin(), awaited_.end(), [this](Interrupt each) { return pending(each); })) wait(any);
  if (listener() != nullptr) listener()->wakes(now());
  state_ = State::working;
}

const sc_core::sc_in<bool>& NativeHost::line(Interrupt interrupt) const {
  switch (interrupt) {
    case Interrupt::software:
      return software_interrupt;
    case Interrupt::timer:
      return timer_interrupt;
    case Interrupt::external:
      break;
  }
  return external_interrupt;
}

void NativeHost::compute(std::uint64_t instructions, const sc_core::sc_time& time) {
  counts_.instructions += instructions;
  quantum_.inc(time);
  if (quantum_.need_sync()) quantum_.sync();
}

void NativeHost::access(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes) {
  counts_.instructions += (bytes + kWord - 1) / kWord;
  counts_.bus_bytes += bytes;
  bool memory = access_directly(command, address, data, bytes);
  if (!memory) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(static_cast<unsigned>(bytes));
    payload.set_streaming_width(static_cast<unsigned>(bytes));
    sc_core::sc_time delay = quantum_.get_local_time();
    state_ = State::accessing;
    accessed_ = address;
    BusAccess told{command == tlm::TLM_WRITE_COMMAND, address, static_cast<unsigned>(bytes), 0};
    if (listener() != nullptr) {
      std::memcpy(&told.value, data, std::min(bytes, sizeof told.value));
      listener()->access_begins(told, now());
    }
    socket->b_transport(payload, delay);
    state_ = State::working;
    quantum_.set(delay);
    if (listener() != nullptr) {
      std::memcpy(&told.value, data, std::min(bytes, sizeof told.value));
      listener()->access_ends(told, now(), payload.get_response_status(),
                              payload.is_response_ok() && payload.is_dmi_allowed());
    }
    if (payload.is_response_error()) {
      throw BusError(fmt::format("host: {} of {} bytes at {:#x}: {}", payload.is_read() ? "read" : "write", bytes,
                                 address, payload.get_response_string()));
    }
    memory = payload.is_dmi_allowed();
    if (memory) {
      dmi_.init();
      dmi_valid_ = socket->get_direct_mem_ptr(payload, dmi_);
    }
  }
  if (memory) (command == tlm::TLM_READ_COMMAND ? counts_.memory_reads : counts_.memory_writes) += bytes;
  if (quantum_.need_sync()) quantum_.sync();
}

bool NativeHost::access_directly(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes) {
  if (!dmi_valid_ || address < dmi_.get_start_address() || address + bytes - 1 > dmi_.get_end_address()) return false;
  unsigned char* memory = dmi_.get_dmi_ptr() + (address - dmi_.get_start_address());
  if (command == tlm::TLM_READ_COMMAND) {
    if (!dmi_.is_read_allowed()) return false;
    std::memcpy(data, memory, bytes);
    quantum_.inc(dmi_.get_read_latency());
  } else {
    if (!dmi_.is_write_allowed()) return false;
    std::memcpy(memory, data, bytes);
    quantum_.inc(dmi_.get_write_latency());
  }
  return true;
}

/// Accesses are blocking: no target has a phase to answer.
tlm::tlm_sync_enum NativeHost::nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  throw std::logic_error(fmt::format("{}: a response by phases to a blocking access", name()));
}

void NativeHost::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  if (dmi_valid_ && first <= dmi_.get_end_address() && last >= dmi_.get_start_address()) dmi_valid_ = false;
}

HostMaker native_host(NativeHost::Program program) {
  return [program = std::move(program)](const char* name) { return std::make_unique<NativeHost>(name, program); };
}

}  // namespace flexcim
