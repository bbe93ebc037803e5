#include "platform/estimate/plain_soc.h"

#include "platform/config/block_parameters.h"
#include "platform/driver/program_error.h"
#include "tlm/interface/interrupt_controller_registers.h"
#include "tlm/interface/memory_map.h"
#include "tlm/timing/blocking_access.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace flexcim {
namespace {

namespace map = memory_map;

constexpr std::uint64_t kClaim = map::interrupt_controller + InterruptControllerRegisters::claim;

bool in_accelerator(std::uint64_t address) { return address - map::accelerator < map::accelerator_size; }

}  // namespace

PlainSoc::PlainSoc(const Architecture& architecture, const MemoryImage& memory, Picoseconds window_ps,
                   std::function<void(std::uint64_t)> at_window)
    : accelerator_(architecture, memory),
      bus_(interconnect_parameters(architecture)),
      window_ps_(window_ps),
      at_window_(std::move(at_window)) {}

void PlainSoc::listen(ActivityListener& activity, BufferListener& buffers, DramListener& dram) {
  PlainSystem& system = accelerator_.system();
  system.commands.set_listener(&activity);
  system.memory.set_listener(&activity);
  system.commands.set_buffer_listener(&buffers);
  system.dram.timing.set_listener(&dram);
}

bool PlainSoc::transfer(bool write, std::uint64_t address, void* data, std::size_t bytes) {
  if (address >= map::dram) {
    transfer_memory(write, address - map::dram, data, bytes);
    return true;
  }
  now_ps_ += bus_.blocking_time(bytes);
  std::uint32_t value = 0;
  if (write) {
    std::memcpy(&value, data, std::min(bytes, sizeof value));
    write_register(address, value);
  } else {
    value = read_register(address);
    std::memcpy(data, &value, std::min(bytes, sizeof value));
  }
  return false;
}

void PlainSoc::transfer_memory(bool write, std::uint64_t offset, void* data, std::size_t bytes) {
  std::vector<std::uint8_t>& memory = accelerator_.system().dram.bytes;
  if (offset > memory.size() || bytes > memory.size() - offset) {
    throw BusError(fmt::format("host: {} bytes at {:#x} are no memory", bytes, map::dram + offset));
  }
  std::memcpy(write ? &memory[offset] : data, write ? data : &memory[offset], bytes);
  if (std::exchange(direct_, true)) {
    now_ps_ += bus_.blocking_time(1) + blocking_time(dram(), write, 1);
    return;
  }
  const auto burst = static_cast<std::size_t>(dram().parameters().burst_bytes());
  now_ps_ +=
      bus_.blocking_time(bytes) + blocking_time(dram(), write, static_cast<std::int64_t>((bytes - 1) / burst + 1));
}

void PlainSoc::transfer_stream(bool write, std::uint64_t address, std::size_t bytes) {
  PlainSystem& system = accelerator_.system();
  const Picoseconds arrival = now_ps_ + bus_.latency();
  if (address < map::dram || system.dram.memory(address - map::dram, bytes) == nullptr) {
    throw BusError(fmt::format("host: {} bytes at {:#x} are no memory", bytes, address));
  }
  system.bus.interrupt();
  const Picoseconds served = system.dram.timing.access(arrival, address - map::dram, bytes, write);
  now_ps_ = bus_.streamed(arrival, served, bytes);
}

/// Of the interrupt controller only what claims is there: the accelerator is its one source.
std::uint32_t PlainSoc::read_register(std::uint64_t address) {
  if (in_accelerator(address))
    return accelerator_.read(static_cast<std::uint32_t>(address - map::accelerator), now_ps_);
  if (address == kClaim) return accelerator_.interrupt(now_ps_) ? map::accelerator_source + 1 : 0;
  throw BusError(fmt::format("host: no register at {:#x} in an estimate", address));
}

void PlainSoc::write_register(std::uint64_t address, std::uint32_t value) {
  if (in_accelerator(address)) {
    accelerator_.write(static_cast<std::uint32_t>(address - map::accelerator), value, now_ps_);
  } else if (address - map::interrupt_controller >= map::interrupt_controller_size) {
    throw BusError(fmt::format("host: no register at {:#x} in an estimate", address));
  }
}

void PlainSoc::pass(Picoseconds time) {
  now_ps_ += time;
  const std::uint64_t now = window();
  if (now == sampled_) return;
  at_window_(sampled_);
  if (now - 1 != sampled_) at_window_(now - 1);
  sampled_ = now;
}

void PlainSoc::sleep(const std::vector<Interrupt>&) {
  while (!accelerator_.interrupt(now_ps_)) {
    const Picoseconds next = accelerator_.next_end_ps();
    if (next < 0) throw std::logic_error("the program of an estimate sleeps, and nothing will wake it");
    pass(next - now_ps_);
  }
}

}  // namespace flexcim
