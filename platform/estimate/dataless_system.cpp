#include "platform/estimate/dataless_system.h"

#include "flow/base/error.h"
#include "platform/config/block_parameters.h"
#include "tlm/interface/memory_map.h"

#include <cstring>

namespace flexcim {

bool DatalessDram::serve(const Burst& burst, std::int64_t at_ps, std::int64_t, BurstTimes& times) {
  move(burst, burst.bytes);
  last_ps_ = times.response_ps = timing_.access(at_ps, burst.address, burst.bytes, burst.write);
  return true;
}

std::uint64_t DatalessDram::serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t,
                                       BurstTimes& last) {
  const std::uint64_t count = timing_.serve_many(burst.address, burst.bytes, most, requests);
  move(burst, count * burst.bytes);
  last.response_ps = last_ps_ += static_cast<std::int64_t>(count) * requests.period();
  return count;
}

void DatalessDram::move(const Burst& burst, std::uint64_t bytes) const {
  if (burst.data == nullptr || burst.write) return;
  const std::uint64_t address = burst.address;
  const std::uint8_t* from = nullptr;
  if (address < command_.size()) {
    from = command_.data() + address;
  } else if (weights_ <= address && address < weights_ + image_.directory().size()) {
    from = image_.directory().data() + (address - weights_);
  }
  if (from != nullptr && bytes != 0) std::memcpy(burst.data, from, bytes);
}

const std::uint8_t* DatalessDram::memory(std::uint64_t address, std::uint64_t bytes) {
  if (address < weights_ || address - weights_ >= image_.bytes()) return nullptr;
  const std::uint64_t offset = address - weights_;
  const std::vector<std::uint8_t>& directory = image_.directory();
  if (offset < directory.size()) return offset + bytes <= directory.size() ? directory.data() + offset : nullptr;
  return image_.blobs(offset, bytes);
}

namespace {

/// The most bytes of blobs that follow each other in memory and in one part of the weight buffer.
std::uint64_t longest_run(const CommandPlan& plan, const AcceleratorParameters& p, std::uint64_t blob) {
  if (!p.weights_resident) return p.weight.bytes / static_cast<std::uint64_t>(p.weight.parts());
  const int blobs = plan.cols == 1 ? p.array.outputs * plan.grid.inputs : plan.grid.inputs;
  return static_cast<std::uint64_t>(blobs) * blob;
}

}  // namespace

void refuse(const std::string& where, ErrorCode error) {
  throw InputError(where + ": the accelerator refuses the command: " + std::string(description(error)));
}

CommandCounts run_dataless(const Architecture& architecture, const Descriptor& command, const ImagePlan& weights,
                           const std::string& where) {
  const AcceleratorParameters parameters = accelerator_parameters(architecture);
  TileLayout layout;
  CommandPlan plan;
  ErrorCode error = validate(command, parameters.macro, layout);
  if (error == ErrorCode::none) error = make_plan(command, layout, parameters, plan);
  if (error != ErrorCode::none) refuse(where, error);

  const WeightlessImage image(parameters.macro, layout, plan.out, weights,
                              longest_run(plan, parameters, weights.full_bytes));
  Descriptor placed = command;
  placed.weights_bytes = static_cast<std::uint32_t>(image.bytes());
  DatalessDram dram(dram_parameters(architecture), placed, image, command.weights - memory_map::dram);
  PlainBus bus(interconnect_parameters(architecture), dram, memory_map::dram);
  PlainMemory memory(architecture.dma, parameters.clock_ps, bus);
  PlainClock clock(parameters.clock_ps, memory);
  DatalessEngine engine(parameters.macro);
  CommandUnit unit(parameters, memory, engine, clock);
  const CommandRecord record = unit.run(memory_map::dram, 0);
  if (record.error != ErrorCode::none) refuse(where, record.error);
  return {record.cycles(), record.gemm, dram.events()};
}

}  // namespace flexcim
