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
                         const DmaParameters& dma, MacroEngine& engine)
    : sc_module(name),
      parameters_(checked(parameters)),
      engine_(engine),
      registers_(map_with_shape(parameters_)),
      dma_("dma", dma, parameters_.clock_ps),
      gemm_(parameters_, dma_, engine) {
  registers_socket.register_b_transport(&registers_, &RegisterFile::b_transport);
  registers_socket.register_transport_dbg(&registers_, &RegisterFile::transport_dbg);
  declare_callbacks();
  declare_counters();
  SC_HAS_PROCESS(Accelerator);
  SC_THREAD(work);
  SC_METHOD(drive_irq);
  sensitive << irq_changed_;
}

void Accelerator::set_listener(ActivityListener* listener) {
  gemm_.set_listener(listener);
  dma_.set_listener(listener);
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
  if (ring.size < 2 || ring.size > reg::kMaxRingEntries || ring.base % 16 != 0) {
    return raise(ErrorCode::bad_ring, ring.base);
  }
  if (tail >= ring.size) return raise(ErrorCode::bad_doorbell, ring.base);
  ring_ = ring;
  registers_.set(reg::ring_tail, tail);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Accelerator::reset() {
  gemm_.clock().abort();
  dma_.abort_all();
  engine_.reset();
  registers_.reset();
  total_ = {};
  busy_cycles_ = 0;
  reset_cycle_ = gemm_.clock().now();
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

bool Accelerator::may_fetch() const {
  return (registers_.get(reg::control) & reg::kControlEnable) != 0 && !halted_ &&
         registers_.get(reg::ring_head) != registers_.get(reg::ring_tail);
}

void Accelerator::work() {
  while (true) {
    while (!may_fetch()) {
      dma_.settle();
      wait(wake_);
    }
    gemm_.clock().begin();
    try {
      process_command();
    } catch (const CommandAborted&) {
      // The reset has already put everything in order.
    }
  }
}

void Accelerator::process_command() {
  CommandClock& clock = gemm_.clock();
  const std::uint32_t head = registers_.get(reg::ring_head);
  CommandRecord record;
  record.descriptor_address = descriptor_address(head);
  record.start = clock.now();
  busy_ = true;
  const std::uint64_t reads = dma_.read_bytes(), writes = dma_.write_bytes();
  record.error = run_command(record);
  clock.wait_until(record.end);
  record.gemm.events.dma_reads = dma_.read_bytes() - reads;
  record.gemm.events.dma_writes = dma_.write_bytes() - writes;
  registers_.set(reg::ring_head, (head + 1) % ring_.size);
  end_command(record);
}

/// Sets record.end.
ErrorCode Accelerator::run_command(CommandRecord& record) {
  ErrorCode error = fetch_descriptor(record);
  if (error != ErrorCode::none) return error;
  if (descriptor_.opcode == static_cast<std::uint8_t>(Opcode::nop)) return check_flags(descriptor_);
  if (descriptor_.opcode != static_cast<std::uint8_t>(Opcode::gemm)) return ErrorCode::bad_opcode;
  TileLayout layout;
  CommandPlan plan;
  error = validate(descriptor_, parameters_.macro, layout);
  if (error == ErrorCode::none) error = make_plan(descriptor_, layout, parameters_, plan);
  if (error != ErrorCode::none) return error;
  const Cycle from = record.end;
  return gemm_.run(descriptor_, plan, from, record.gemm, record.end);
}

/// Sets record.end to the cycle in which the descriptor has arrived.
ErrorCode Accelerator::fetch_descriptor(CommandRecord& record) {
  CommandClock& clock = gemm_.clock();
  descriptor_ = {};
  DescriptorImage image{};
  bool done = false;
  ErrorCode error = ErrorCode::none;
  DmaRequest request;
  request.channel = DmaChannel::command;
  request.address = record.descriptor_address;
  request.data = image.data();
  request.row_bytes = image.size();
  request.from = record.start;
  request.on_done = [&](ErrorCode result, Cycle at) {
    error = result;
    record.end = at;
    done = true;
    clock.progress();
  };
  dma_.post(std::move(request));
  fetching_ = true;
  clock.wait_for([&] { return done; });
  fetching_ = false;
  if (error != ErrorCode::none) {
    descriptor_.flags = kFlagStop;  // without a descriptor nothing behind it can be trusted
    return error;
  }
  const bool reserved_clear = decode(image, descriptor_);
  record.tag = descriptor_.tag;
  return reserved_clear ? ErrorCode::none : ErrorCode::bad_flags;
}

void Accelerator::end_command(const CommandRecord& record) {
  busy_ = false;
  busy_cycles_ += record.cycles();
  total_ += record.gemm;
  registers_.set(reg::last_tag, record.tag);
  if (record.error != ErrorCode::none) {
    halted_ = descriptor_.has(kFlagStop);
    raise(record.error, record.descriptor_address);
  } else {
    registers_.set(reg::completed, registers_.get(reg::completed) + 1);
    if (descriptor_.has(kFlagInterrupt)) {
      registers_.set_bits(reg::irq_status, reg::kIrqDone);
      irq_changed_.notify(sc_core::SC_ZERO_TIME);
    }
  }
  records_.push_back(record);
}

std::string Accelerator::waiting_for() const {
  if (busy_) {
    const std::uint64_t address = descriptor_address(registers_.get(reg::ring_head));
    if (fetching_) return fmt::format("{} waits for the descriptor at {:#x}", name(), address);
    return fmt::format("{} works on the command at {:#x} (tag {}) and waits for {}", name(), address, descriptor_.tag,
                       gemm_.stage());
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
