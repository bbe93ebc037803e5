#include "platform/estimate/plain_accelerator.h"

#include "platform/config/block_parameters.h"
#include "tlm/interface/memory_map.h"
#include "tlm/interface/registers.h"

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

std::uint32_t PlainAccelerator::read(std::uint32_t offset) const {
  const auto found = registers_.find(offset);
  return found == registers_.end() ? 0 : found->second;
}

void PlainAccelerator::write(std::uint32_t offset, std::uint32_t value, Picoseconds now_ps) {
  if (offset == reg::doorbell) return run_ring(value, now_ps);
  if (offset == reg::irq_status) value = read(offset) & ~value;
  registers_[offset] = value;
}

bool PlainAccelerator::interrupt() const { return (read(reg::irq_status) & read(reg::irq_enable)) != 0; }

void PlainAccelerator::run_ring(std::uint32_t tail, Picoseconds now_ps) {
  const Picoseconds clock_ps = system_.parameters.clock_ps;
  const std::uint64_t base = std::uint64_t{read(reg::ring_base_hi)} << 32 | read(reg::ring_base_lo);
  auto start = static_cast<Cycle>((now_ps + clock_ps - 1) / clock_ps);
  const std::uint32_t slots = read(reg::ring_size);
  std::uint32_t head = read(reg::ring_head);
  while (head != tail) {
    const CommandRecord record = system_.commands.run(base + head * kDescriptorBytes, start);
    start = record.end;
    end_command(record);
    head = head + 1 == slots ? 0 : head + 1;
  }
  registers_[reg::ring_head] = tail;
  system_.memory.end_ahead();  // the host may write now
}

void PlainAccelerator::end_command(const CommandRecord& record) {
  records_.push_back(record);
  interrupt_ps_ = system_.clock.ps(record.end);
  registers_[reg::irq_status] |= record.error == ErrorCode::none ? reg::kIrqDone : reg::kIrqError;
  if (record.error == ErrorCode::none) return;
  registers_[reg::error_code] = static_cast<std::uint32_t>(record.error);
  registers_[reg::error_address_lo] = static_cast<std::uint32_t>(record.descriptor_address);
  registers_[reg::error_address_hi] = static_cast<std::uint32_t>(record.descriptor_address >> 32);
}

}  // namespace flexcim
