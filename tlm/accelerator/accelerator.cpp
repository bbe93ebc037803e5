#include "tlm/accelerator/accelerator.h"

#include "flow/base/error.h"

#include <fmt/format.h>

namespace flexcim {

namespace reg = accelerator_registers;

namespace {

RegisterMap map_with_shape(const AcceleratorParameters& p) {
  RegisterMap map = reg::map();
  for (RegisterInfo& info : map.registers) {
    if (info.offset == reg::macro_shape) {
      info.reset =
          static_cast<std::uint32_t>(p.macro.sub_macros | log2_ceil(p.macro.rows) << 8 | log2_ceil(p.macro.cols) << 12 |
                                     p.macro.pairs_per_set << 16 | p.macro.window << 24);
    }
    if (info.offset == reg::array_shape)
      info.reset = static_cast<std::uint32_t>(p.array.outputs | p.array.inputs << 16);
  }
  return map;
}

AcceleratorParameters checked(const AcceleratorParameters& parameters) {
  parameters.validate();
  return parameters;
}

}  // namespace

Accelerator::Accelerator(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters,
                         const DmaParameters& dma, MacroEngine& engine, FaultInjector* faults)
    : sc_module(name),
      parameters_(checked(parameters)),
      engine_(engine),
      registers_(map_with_shape(parameters_)),
      dma_("dma", dma, parameters_.clock_ps),
      clock_(
          parameters_.clock_ps, [this] { return dma_.run_ahead(); }, [this] { dma_.end_ahead(); }),
      faulty_memory_(
          faults == nullptr ? nullptr : std::make_unique<FaultyMemory>(dma_, *faults, [this] { return clock_.now(); })),
      commands_(parameters_, faulty_memory_ ? static_cast<MemoryPort&>(*faulty_memory_) : dma_, engine, clock_) {
  dma_.set_before_return([this] { commands_.return_loans(); });
  engine_.set_before_suspend([this] { dma_.end_ahead(); });
  registers_socket.register_b_transport(&registers_, &RegisterFile::b_transport);
  registers_socket.register_transport_dbg(&registers_, &RegisterFile::transport_dbg);
  declare_callbacks();
  declare_counters();
  SC_HAS_PROCESS(Accelerator);
  SC_THREAD(work);
  SC_METHOD(drive_irq);
  sensitive << irq_changed_;
}

void Accelerator::add_listener(ActivityListener& listener) {
  ActivityListener* const hears = listeners_.add(listener);
  commands_.set_listener(hears);
  dma_.set_listener(hears);
}

void Accelerator::add_buffer_listener(BufferListener& listener) {
  commands_.set_buffer_listener(buffer_listeners_.add(listener));
}

void Accelerator::declare_callbacks() {
  registers_.on_write(reg::control, [this](std::uint32_t value) { on_control(value); });
  registers_.on_write(reg::doorbell, [this](std::uint32_t value) { on_doorbell(value); });
  registers_.on_write(reg::irq_status, [this](std::uint32_t) { irq_changed_.notify(sc_core::SC_ZERO_TIME); });
  registers_.on_write(reg::irq_enable, [this](std::uint32_t) { irq_changed_.notify(sc_core::SC_ZERO_TIME); });
  registers_.on_read(reg::status,
                     [this] { return (busy_ ? reg::kStatusBusy : 0) | (halted_ ? reg::kStatusHalted : 0); });
}

void Accelerator::declare_counters() {
  const std::size_t count =
      static_cast<std::size_t>(reg::Counter::count) + StatisticList<AcceleratorEvents>::list.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t low = reg::counter_offset(i);
    registers_.on_read(low, [this, i] { return static_cast<std::uint32_t>(counter(i)); });
    registers_.after_read(low, [this, i] { latched_high_ = static_cast<std::uint32_t>(counter(i) >> 32); });
    registers_.on_read(low + 4, [this] { return latched_high_; });
  }
}

std::uint64_t Accelerator::counter(std::size_t index) const {
  const auto own = static_cast<std::size_t>(reg::Counter::count);
  if (index >= own) return StatisticList<AcceleratorEvents>::list[index - own].of(total_.events);
  switch (static_cast<reg::Counter>(index)) {
    case reg::Counter::cycles:
      return static_cast<Cycle>(now_picoseconds() / parameters_.clock_ps) - reset_cycle_;
    case reg::Counter::busy:
      return busy_cycles_;
    case reg::Counter::compute:
      return total_.compute_cycles;
    case reg::Counter::load:
      return total_.load_cycles;
    case reg::Counter::stall:
      return busy_cycles_ - total_.compute_cycles - total_.load_cycles;
    case reg::Counter::count:
      break;
  }
  return 0;
}

void Accelerator::on_control(std::uint32_t value) {
  if ((value & reg::kControlReset) != 0) return reset();
  if ((value & reg::kControlResume) != 0) halted_ = false;
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Accelerator::on_doorbell(std::uint32_t tail) {
  const Ring ring{
      static_cast<std::uint64_t>(registers_.get(reg::ring_base_hi)) << 32 | registers_.get(reg::ring_base_lo),
      registers_.get(reg::ring_size)};
  if (ring.size < reg::kMinRingEntries || ring.size > reg::kMaxRingEntries || ring.base % reg::kRingAlignment != 0) {
    return raise(ErrorCode::bad_ring, ring.base);
  }
  if (tail >= ring.size) return raise(ErrorCode::bad_doorbell, ring.base);
  ring_ = ring;
  registers_.set(reg::ring_tail, tail);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Accelerator::reset() {
  clock_.abort();
  dma_.abort_all();
  engine_.reset();
  registers_.reset();
  total_ = {};
  busy_cycles_ = 0;
  reset_cycle_ = clock_.now();
  busy_ = halted_ = false;
  irq_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Accelerator::drive_irq() { irq.write((registers_.get(reg::irq_status) & registers_.get(reg::irq_enable)) != 0); }

void Accelerator::raise(ErrorCode error, std::uint64_t descriptor_address) {
  registers_.set(reg::error_code, static_cast<std::uint32_t>(error));
  registers_.set(reg::error_address_lo, static_cast<std::uint32_t>(descriptor_address));
  registers_.set(reg::error_address_hi, static_cast<std::uint32_t>(descriptor_address >> 32));
  registers_.set_bits(reg::irq_status, reg::kIrqError);
  irq_changed_.notify(sc_core::SC_ZERO_TIME);
}

std::uint32_t Accelerator::queued() const {
  const std::uint32_t head = registers_.get(reg::ring_head), tail = registers_.get(reg::ring_tail);
  return tail >= head ? tail - head : tail + ring_.size - head;
}

bool Accelerator::may_fetch() const {
  return (registers_.get(reg::control) & reg::kControlEnable) != 0 && !halted_ &&
         registers_.get(reg::ring_head) != registers_.get(reg::ring_tail);
}

void Accelerator::work() {
  while (true) {
    while (!may_fetch()) {
      dma_.end_ahead();
      wait(wake_);
    }
    clock_.begin();
    try {
      process_command();
    } catch (const CommandAborted&) {
      // The reset has already put everything in order.
    }
  }
}

void Accelerator::process_command() {
  const std::uint32_t head = registers_.get(reg::ring_head);
  busy_ = true;
  const CommandRecord record = commands_.run(descriptor_address(head), clock_.now());
  registers_.set(reg::ring_head, (head + 1) % ring_.size);
  end_command(record);
}

void Accelerator::end_command(const CommandRecord& record) {
  busy_ = false;
  busy_cycles_ += record.cycles();
  total_ += record.gemm;
  registers_.set(reg::last_tag, record.tag);
  if (record.error != ErrorCode::none) {
    halted_ = commands_.descriptor().has(kFlagStop);
    raise(record.error, record.descriptor_address);
  } else {
    registers_.set(reg::completed, registers_.get(reg::completed) + 1);
    if (commands_.descriptor().has(kFlagInterrupt)) {
      registers_.set_bits(reg::irq_status, reg::kIrqDone);
      irq_changed_.notify(sc_core::SC_ZERO_TIME);
    }
  }
  records_.push_back(record);
  for (const auto& step : ended_) step(record);
}

std::string Accelerator::waiting_for() const {
  if (busy_) {
    const std::uint64_t address = descriptor_address(registers_.get(reg::ring_head));
    if (commands_.fetching()) return fmt::format("{} waits for the descriptor at {:#x}", name(), address);
    return fmt::format("{} works on the command at {:#x} (tag {}) and waits for {}", name(), address,
                       commands_.descriptor().tag, commands_.stage());
  }
  if (halted_) {
    return fmt::format("{} is halted by {} of the command at {:#x}", name(),
                       to_string(static_cast<ErrorCode>(registers_.get(reg::error_code))),
                       static_cast<std::uint64_t>(registers_.get(reg::error_address_hi)) << 32 |
                           registers_.get(reg::error_address_lo));
  }
  if ((registers_.get(reg::control) & reg::kControlEnable) == 0) return fmt::format("{} is not enabled", name());
  return fmt::format("{} has no command", name());
}

}  // namespace flexcim
