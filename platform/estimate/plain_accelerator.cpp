#include "platform/estimate/plain_accelerator.h"

#include "platform/config/block_parameters.h"
#include "tlm/interface/memory_map.h"
#include "tlm/interface/registers.h"

#include <algorithm>

namespace flexcim {
namespace {

namespace reg = accelerator_registers;

std::vector<std::uint8_t> loaded(const MemoryImage& memory) {
  std::vector<std::uint8_t> bytes(memory.bytes());
  memory.load(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

PlainAccelerator::PlainAccelerator(const Architecture& architecture, const MemoryImage& memory)
    : engine_(architecture.macro),
      system_(accelerator_parameters(architecture), architecture.dma, interconnect_parameters(architecture),
              dram_parameters(architecture), memory_map::dram, loaded(memory), engine_),
      registers_{{reg::id, reg::kId}} {}

std::uint32_t PlainAccelerator::value(std::uint32_t offset) const {
  const auto found = registers_.find(offset);
  return found == registers_.end() ? 0 : found->second;
}

std::uint32_t PlainAccelerator::read(std::uint32_t offset, Picoseconds now_ps) {
  reach(now_ps);
  return value(offset);
}

void PlainAccelerator::write(std::uint32_t offset, std::uint32_t value, Picoseconds now_ps) {
  reach(now_ps);
  if (offset == reg::doorbell) return run_ring(value, now_ps);
  if (offset == reg::irq_status) value = this->value(offset) & ~value;
  registers_[offset] = value;
}

bool PlainAccelerator::interrupt(Picoseconds now_ps) {
  reach(now_ps);
  return (value(reg::irq_status) & value(reg::irq_enable)) != 0;
}

Picoseconds PlainAccelerator::next_end_ps() const {
  return ended_ < records_.size() ? system_.clock.ps(records_[ended_].end) : -1;
}

void PlainAccelerator::run_ring(std::uint32_t tail, Picoseconds now_ps) {
  const Picoseconds clock_ps = system_.parameters.clock_ps;
  const std::uint64_t base = std::uint64_t{value(reg::ring_base_hi)} << 32 | value(reg::ring_base_lo);
  free_ = std::max(free_, static_cast<Cycle>((now_ps + clock_ps - 1) / clock_ps));
  for (; fetch_ != tail && !halted_; fetch_ = (fetch_ + 1) % value(reg::ring_size)) {
    const CommandRecord record = system_.commands.run(base + fetch_ * kDescriptorBytes, free_);
    free_ = record.end;
    halted_ = record.error != ErrorCode::none;  // the driver's commands stop the queue then
    records_.push_back(record);
    at_ends_.push_back({system_.dram.timing.events(), {}, {}});
  }
  system_.memory.end_ahead();  // the host may write now
}

void PlainAccelerator::reach(Picoseconds now_ps) {
  while (ended_ < records_.size() && system_.clock.ps(records_[ended_].end) <= now_ps) end_command(records_[ended_++]);
}

void PlainAccelerator::end_command(const CommandRecord& record) {
  const std::uint32_t size = std::max(1U, value(reg::ring_size));  // it has commands, so it is not 0
  registers_[reg::ring_head] = (value(reg::ring_head) + 1) % size;
  registers_[reg::irq_status] |= record.error == ErrorCode::none ? reg::kIrqDone : reg::kIrqError;
  if (record.error == ErrorCode::none) return;
  registers_[reg::status] |= reg::kStatusHalted;
  registers_[reg::error_code] = static_cast<std::uint32_t>(record.error);
  registers_[reg::error_address_lo] = static_cast<std::uint32_t>(record.descriptor_address);
  registers_[reg::error_address_hi] = static_cast<std::uint32_t>(record.descriptor_address >> 32);
}

}  // namespace flexcim
