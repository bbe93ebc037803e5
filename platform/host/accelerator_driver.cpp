#include "platform/host/accelerator_driver.h"

#include "tlm/interface/interrupt_controller_registers.h"
#include "tlm/interface/memory_map.h"
#include "tlm/interface/registers.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

namespace reg = accelerator_registers;
using Plic = InterruptControllerRegisters;
constexpr int kInterruptId = memory_map::accelerator_source + 1;

std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

}  // namespace

std::uint32_t AcceleratorDriver::get(std::uint32_t offset) { return host_.read32(memory_map::accelerator + offset); }

void AcceleratorDriver::set(std::uint32_t offset, std::uint32_t value) {
  host_.write32(memory_map::accelerator + offset, value);
}

void AcceleratorDriver::start() {
  if (get(reg::id) != reg::kId) {
    throw BusError(fmt::format("host: no FlexCiM accelerator at {:#x}", memory_map::accelerator));
  }
  host_.write32(memory_map::interrupt_controller + Plic::priority(kInterruptId), 1);
  host_.write32(memory_map::interrupt_controller + Plic::enable, 1u << kInterruptId);
  set(reg::control, reg::kControlReset);
  set(reg::ring_base_lo, low(ring_));
  set(reg::ring_base_hi, high(ring_));
  set(reg::ring_size, ring_entries);
  set(reg::irq_enable, reg::kIrqDone | reg::kIrqError);
  set(reg::control, reg::kControlEnable);
  tail_ = 0;
}

CommandOutcome AcceleratorDriver::run(Descriptor command) {
  command.flags |= kFlagInterrupt;
  const DescriptorImage image = encode(command);
  host_.write(ring_ + std::uint64_t{tail_} * kDescriptorBytes, image.data(), image.size());
  tail_ = (tail_ + 1) % ring_entries;
  set(reg::doorbell, tail_);

  host_.wait_for_interrupt();
  const std::uint32_t claimed = host_.read32(memory_map::interrupt_controller + Plic::claim);
  const std::uint32_t causes = get(reg::irq_status);
  set(reg::irq_status, causes);
  host_.write32(memory_map::interrupt_controller + Plic::claim, claimed);

  CommandOutcome outcome;
  if ((causes & reg::kIrqError) != 0) {
    outcome.error = static_cast<ErrorCode>(get(reg::error_code));
    outcome.descriptor = get(reg::error_address_lo) | std::uint64_t{get(reg::error_address_hi)} << 32;
  }
  return outcome;
}

}  // namespace flexcim
