#include "platform/host/native_host.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr std::size_t kWord = 4;
constexpr std::size_t kStackBytes = 1 << 20;  // programs may be whole models
constexpr std::size_t kLongestAccess = 64;    // a cache line: longer copies are several accesses

}  // namespace

NativeHost::NativeHost(const sc_core::sc_module_name& name, Program program)
    : sc_module(name), program_(std::move(program)) {
  socket.register_invalidate_direct_mem_ptr(this, &NativeHost::invalidate);
  SC_THREAD(run);
  set_stack_size(kStackBytes);
}

void NativeHost::run() {
  quantum_.reset();
  program_(*this);
  quantum_.sync();
  state_ = State::ended;
}

std::string NativeHost::waiting_for() const {
  switch (state_) {
    case State::working:
      return fmt::format("{} computes, after an access to {:#x}", name(), accessed_);
    case State::accessing:
      return fmt::format("{} waits for the answer to an access at {:#x}", name(), accessed_);
    case State::sleeping:
      return fmt::format("{} waits for its interrupt", name());
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

void NativeHost::wait_for_interrupt() {
  quantum_.sync();
  state_ = State::sleeping;
  while (!interrupt.read()) wait(interrupt.posedge_event());
  state_ = State::working;
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
    socket->b_transport(payload, delay);
    state_ = State::working;
    quantum_.set(delay);
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

void NativeHost::invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
  if (dmi_valid_ && first <= dmi_.get_end_address() && last >= dmi_.get_start_address()) dmi_valid_ = false;
}

}  // namespace flexcim
