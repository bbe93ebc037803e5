#include "tlm/timing/command_unit.h"

#include <utility>

namespace flexcim {

CommandUnit::CommandUnit(const AcceleratorParameters& parameters, MemoryPort& memory, MacroEngine& engine,
                         CommandClock& clock)
    : parameters_(parameters), memory_(memory), clock_(clock), gemm_(parameters, memory, engine, clock) {}

CommandRecord CommandUnit::run(std::uint64_t address, Cycle start) {
  CommandRecord record;
  record.descriptor_address = address;
  record.start = start;
  const std::uint64_t reads = memory_.read_bytes(), writes = memory_.write_bytes();
  memory_.begin_command();
  record.error = execute(record);
  clock_.wait_until(record.end);
  const ErrorCode untold = memory_.end_command();
  if (record.error == ErrorCode::none) record.error = untold;
  record.gemm.events.dma_reads = memory_.read_bytes() - reads;
  record.gemm.events.dma_writes = memory_.write_bytes() - writes;
  return record;
}

/// Sets record.end.
ErrorCode CommandUnit::execute(CommandRecord& record) {
  ErrorCode error = fetch_descriptor(record);
  record.fetched = record.end;
  if (error != ErrorCode::none) return error;
  if (descriptor_.opcode == static_cast<std::uint8_t>(Opcode::nop)) return check_flags(descriptor_);
  if (descriptor_.opcode != static_cast<std::uint8_t>(Opcode::gemm)) return ErrorCode::bad_opcode;
  TileLayout layout;
  CommandPlan plan;
  error = validate(descriptor_, parameters_.macro, layout);
  if (error == ErrorCode::none) error = make_plan(descriptor_, layout, parameters_, plan);
  if (error != ErrorCode::none) return error;
  if (steps_ != nullptr) steps_->on_plan(plan);
  const Cycle from = record.end;
  return gemm_.run(descriptor_, plan, from, record.gemm, record.end);
}

/// Sets record.end to the cycle in which the descriptor has arrived.
ErrorCode CommandUnit::fetch_descriptor(CommandRecord& record) {
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
    clock_.progress();
  };
  memory_.post(std::move(request));
  fetching_ = true;
  clock_.wait_for([&] { return done; });
  fetching_ = false;
  if (error != ErrorCode::none) {
    descriptor_.flags = kFlagStop;  // without a descriptor nothing behind it can be trusted
    return error;
  }
  const bool reserved_clear = decode(image, descriptor_);
  record.tag = descriptor_.tag;
  return reserved_clear ? ErrorCode::none : ErrorCode::bad_flags;
}

}  // namespace flexcim
