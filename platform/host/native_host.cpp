#include "platform/host/native_host.h"

#include "tlm/fabric/stream_access.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace flexcim {
namespace {

constexpr std::size_t kProgramStackBytes = 1 << 20;  // programs may be whole models

void set_access(tlm::tlm_generic_payload& payload, bool write, std::uint64_t address, void* data, std::size_t bytes) {
  payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(static_cast<unsigned char*>(data));
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
}

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
  set_stack_size(kProgramStackBytes);
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

void NativeHost::sleep(const std::vector<Interrupt>& enabled) {
  quantum_.sync();
  awaited_ = enabled;
  state_ = State::sleeping;
  sc_core::sc_event_or_list any;
  for (const Interrupt each : awaited_) any |= line(each).posedge_event();
  any |= cut_event_;
  if (listener() != nullptr) listener()->falls_asleep(now());
  const auto asleep = [this] {
    return !cut_ && std::none_of(awaited_.begin(), awaited_.end(), [this](Interrupt each) { return pending(each); });
  };
  while (asleep()) wait(any);
  if (listener() != nullptr) listener()->wakes(now());
  state_ = State::working;
  throw_if_cut();
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

void NativeHost::cut_short() {
  cut_ = true;
  cut_event_.notify(sc_core::SC_ZERO_TIME);
}

void NativeHost::throw_if_cut() {
  if (!cut_) return;
  cut_ = false;
  throw CutShort();
}

void NativeHost::pass(Picoseconds time) {
  quantum_.inc(from_picoseconds(time));
  if (quantum_.need_sync()) quantum_.sync();
  throw_if_cut();
}

/// A blocking access of the program, which throws what the bus refuses.
void NativeHost::transport(tlm::tlm_generic_payload& payload) {
  const bool write = payload.is_write();
  const std::uint64_t address = payload.get_address();
  const std::size_t bytes = payload.get_data_length();
  const unsigned char* const data = payload.get_data_ptr();
  sc_core::sc_time delay = quantum_.get_local_time();
  state_ = State::accessing;
  accessed_ = address;
  BusAccess told{write, address, static_cast<unsigned>(bytes), 0};
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
    throw BusError(fmt::format("host: {} of {} bytes at {:#x}: {}", write ? "write" : "read", bytes, address,
                               payload.get_response_string()));
  }
}

bool NativeHost::transfer(bool write, std::uint64_t address, void* data, std::size_t bytes) {
  if (transfer_directly(write, address, data, bytes)) return true;
  tlm::tlm_generic_payload payload;
  set_access(payload, write, address, data, bytes);
  transport(payload);
  const bool memory = payload.is_dmi_allowed();
  if (memory) {
    dmi_.init();
    dmi_valid_ = socket->get_direct_mem_ptr(payload, dmi_);
  }
  return memory;
}

void NativeHost::transfer_stream(bool write, std::uint64_t address, std::size_t bytes) {
  quantum_.sync();  // DRAM serves in the order of simulated time
  std::array<unsigned char, kStreamBytes> data{};
  tlm::tlm_generic_payload payload;
  set_access(payload, write, address, data.data(), bytes);
  payload.set_extension(new StreamAccess);  // the payload's own
  transport(payload);
}

bool NativeHost::transfer_directly(bool write, std::uint64_t address, void* data, std::size_t bytes) {
  if (!dmi_valid_ || address < dmi_.get_start_address() || address + bytes - 1 > dmi_.get_end_address()) return false;
  unsigned char* memory = dmi_.get_dmi_ptr() + (address - dmi_.get_start_address());
  if (!write) {
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
