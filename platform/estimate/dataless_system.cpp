#include "platform/estimate/dataless_system.h"

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

void DatalessDram::move(const Burst& burst, std::uint64_t bytes) {
  if (burst.data == nullptr || burst.write || bytes == 0) return;
  const std::uint8_t* const from = memory(burst.address, bytes);
  if (from != nullptr) std::memcpy(burst.data, from, bytes);
}

const std::uint8_t* DatalessDram::memory(std::uint64_t address, std::uint64_t bytes) {
  if (address + bytes <= command_.size()) return command_.data() + address;
  if (address < weights_ || address + bytes > weights_ + image_.directory_bytes()) return nullptr;
  read_.resize(bytes);
  image_.write_directory(address - weights_, address - weights_ + bytes, read_.data());
  return read_.data();
}

void DatalessDram::skip(Picoseconds ps) {
  timing_.skip(ps);
  last_ps_ += ps;
}

namespace {

Descriptor placed(Descriptor command, const WeightlessImage& image) {
  command.weights_bytes = static_cast<std::uint32_t>(image.bytes());
  return command;
}

}  // namespace

DatalessSystem::DatalessSystem(const Architecture& architecture, const Descriptor& command,
                               const WeightlessImage& image)
    : parameters_(accelerator_parameters(architecture)),
      dram_(dram_parameters(architecture), placed(command, image), image, command.weights - memory_map::dram),
      bus_(interconnect_parameters(architecture), dram_, memory_map::dram),
      memory_(architecture.dma, parameters_.clock_ps, bus_),
      clock_(parameters_.clock_ps, memory_),
      engine_(parameters_.macro),
      unit_(parameters_, memory_, engine_, clock_) {}

CommandCounts DatalessSystem::run(StepListener* listener, ErrorCode& error) {
  unit_.set_step_listener(listener);
  const CommandRecord record = unit_.run(memory_map::dram, 0);
  error = record.error;
  return {record.cycles(), record.gemm, dram_.timing().events()};
}

CommandCounts DatalessSystem::counts(Cycle end) const {
  CommandCounts counts{end, unit_.statistics(), dram_.timing().events()};
  counts.gemm.events.dma_reads = memory_.read_bytes();
  counts.gemm.events.dma_writes = memory_.write_bytes();
  return counts;
}

void DatalessSystem::skip(Cycle cycles) {
  memory_.skip(cycles);
  dram_.skip(static_cast<Picoseconds>(cycles) * parameters_.clock_ps);
}

}  // namespace flexcim
