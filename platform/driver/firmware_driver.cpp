#include "platform/driver/firmware_driver.h"

#include "platform/driver/program_error.h"
#include "platform/firmware/driver/flexcim_driver.h"
#include "platform/firmware/driver/flexcim_soc.h"

#include <array>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>

namespace flexcim {
namespace {

ProgramHost& host_of(void* context) { return *static_cast<ProgramHost*>(context); }

}  // namespace

flexcim_port native_port(ProgramHost& host) {
  flexcim_port port = {};
  port.context = &host;
  port.read32 = [](void* context, std::uint64_t address) { return host_of(context).read32(address); };
  port.write32 = [](void* context, std::uint64_t address, std::uint32_t value) {
    host_of(context).write32(address, value);
  };
  port.write = [](void* context, std::uint64_t address, const void* data, std::uint32_t bytes) {
    host_of(context).write(address, data, bytes);
  };
  port.barrier = [](void*) {};  // its accesses are in program order
  port.wait_for_interrupt = [](void* context, std::uint32_t lines) {
    if ((lines & FLEXCIM_LINE_TIMER) != 0) {
      host_of(context).wait_for_interrupt({Interrupt::external, Interrupt::timer});
    } else {
      host_of(context).wait_for_interrupt();
    }
  };
  return port;
}

struct FirmwareDriver::State {
  flexcim_port port;
  std::array<flexcim_slot, ring_entries> slots;
  flexcim_driver driver;
  flexcim_soc soc;
  flexcim_config config;
};

FirmwareDriver::FirmwareDriver(ProgramHost& host, std::uint64_t ring) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.port = native_port(host);
  s.soc = {&s.port, &s.driver};
  s.config.registers = FLEXCIM_BASE;
  s.config.ring = ring;
  s.config.entries = ring_entries;
  s.config.slots = s.slots.data();
  s.config.interrupts = true;
  s.config.time = flexcim_soc_time;
  s.config.idle = flexcim_soc_idle;
  s.config.context = &s.soc;
}

FirmwareDriver::FirmwareDriver(FirmwareDriver&&) noexcept = default;
FirmwareDriver::~FirmwareDriver() = default;

void FirmwareDriver::start() {
  State& s = *state_;
  switch (flexcim_driver_init(&s.driver, &s.port, &s.config)) {
    case FLEXCIM_OK:
      break;
    case FLEXCIM_NO_DEVICE:
      throw BusError(fmt::format("host: no FlexCiM accelerator at {:#x}", s.config.registers));
    default:
      throw std::logic_error(fmt::format("firmware driver: no ring at {:#x}", s.config.ring));
  }
  flexcim_soc_enable_interrupts(&s.soc, 1u << FLEXCIM_INTERRUPT);
  flexcim_driver_start(&s.driver);
}

std::uint32_t FirmwareDriver::submit(const Descriptor& command) {
  const DescriptorImage image = encode(command);
  flexcim_descriptor descriptor;
  static_assert(sizeof descriptor == kDescriptorBytes);
  std::memcpy(&descriptor, image.data(), image.size());
  std::uint32_t ticket = 0;
  const flexcim_status status = flexcim_driver_submit(&state_->driver, &descriptor, nullptr, nullptr, &ticket);
  if (status == FLEXCIM_OK) return ticket;
  throw std::logic_error(fmt::format("firmware driver: status {}", static_cast<int>(status)));
}

CommandOutcome FirmwareDriver::wait(std::uint32_t ticket) {
  flexcim_driver& driver = state_->driver;
  const flexcim_status status = flexcim_driver_wait(&driver, ticket, FLEXCIM_FOREVER);
  if (status == FLEXCIM_OK) return {};
  if (status != FLEXCIM_COMMAND_FAILED) {
    throw std::logic_error(fmt::format("firmware driver: status {}", static_cast<int>(status)));
  }
  return {static_cast<ErrorCode>(driver.error.code), driver.error.address};
}

void FirmwareDriver::go_on() { flexcim_driver_skip(&state_->driver); }

flexcim_driver* FirmwareDriver::get() { return &state_->driver; }

}  // namespace flexcim
