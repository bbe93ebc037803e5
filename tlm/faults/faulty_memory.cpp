#include "tlm/faults/faulty_memory.h"

#include <optional>
#include <utility>

namespace flexcim {
namespace {

constexpr Cycle kAll = ~Cycle{0};

/// What DRAM is read as.
FaultSite dram_site(DmaChannel channel) {
  switch (channel) {
    case DmaChannel::weights:
      return FaultSite::dram_weights;
    case DmaChannel::directory:
      return FaultSite::dram_directories;
    case DmaChannel::activations:
      return FaultSite::dram_activations;
    default:
      return FaultSite::dram_commands;
  }
}

/// What it is read into, where that is SRAM.
std::optional<FaultSite> buffer_site(DmaChannel channel) {
  if (channel == DmaChannel::weights) return FaultSite::weight_buffer;
  if (channel == DmaChannel::activations) return FaultSite::activation_buffer;
  return std::nullopt;
}

}  // namespace

void FaultyMemory::begin_command() {
  faults_.begin_command();
  accesses_.fill(0);
}

ErrorCode FaultyMemory::end_command() {
  count(kAll);
  return faults_.take_error() ? ErrorCode::data_error : ErrorCode::none;
}

/// Access numbers of the channels lie apart.
std::uint64_t FaultyMemory::next_access(std::size_t channel) {
  return faults_.access(fault_key({channel, accesses_[channel]++}));
}

void FaultyMemory::post(DmaRequest request) {
  const FaultSite from = dram_site(request.channel);
  const std::optional<FaultSite> into = buffer_site(request.channel);
  const bool aimed = faults_.aims_at(from) || (into && faults_.aims_at(*into));
  if (request.write || request.data == nullptr || !aimed) return memory_.post(std::move(request));
  const std::uint64_t access = next_access(static_cast<std::size_t>(request.channel));
  auto reading = std::make_shared<Reading>();
  reading->rows = {request.rows,          request.row_bytes, request.address,
                   request.memory_stride, request.data,      request.local_stride};
  reading->faults.emplace_back(faults_, from, reading->rows, access);
  if (into) {
    TransferRows rows = reading->rows;
    rows.address = request.local_address;
    rows.stride = request.row_bytes;  // rows lie one behind the other in the buffer
    reading->faults.emplace_back(faults_, *into, rows, access);
  }
  reading->on_progress = std::move(request.on_progress);
  reading->on_done = std::move(request.on_done);
  request.borrow = false;
  request.on_progress = [this, reading](const DmaProgress& told) { progress(*reading, told); };
  request.on_done = [reading](ErrorCode error, Cycle at) {
    if (error == ErrorCode::none && reading->failed) error = ErrorCode::data_error;
    if (reading->on_done) reading->on_done(error, at);
  };
  memory_.post(std::move(request));
}

/// The first `bytes` bytes are there since cycle `at`. False where a code detects an error.
bool FaultyMemory::apply(Reading& reading, std::uint64_t bytes, Cycle at) {
  for (TransferFaults& each : reading.faults) {
    Pending pending{each.site(), {}, at};
    const bool good = each.apply(reading.rows.words_in(bytes), pending.counts);
    if (!(pending.counts == FaultCounts())) pending_.push_back(pending);
    if (!good) return false;
  }
  return true;
}

void FaultyMemory::progress(Reading& reading, const DmaProgress& progress) {
  const std::uint64_t before = reading.told;
  std::uint64_t good = before;
  reading.told = progress.bytes;
  progress.for_each_burst(before, [&](std::uint64_t, std::uint64_t end, Cycle at) {
    if (reading.failed) return;
    reading.failed = !apply(reading, end, at);
    if (!reading.failed) good = end;
  });
  if (!reading.on_progress || good == before) return;
  reading.on_progress(progress.first(good));
}

bool FaultyMemory::debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) {
  if (!memory_.debug_read(address, data, bytes)) return false;
  constexpr FaultSite site = FaultSite::weight_buffer;  // weights that are resident, or their directory
  if (!faults_.aims_at(site)) return true;
  const TransferRows rows{1, bytes, address, 0, data, 0};
  TransferFaults faults(faults_, site, rows, next_access(accesses_.size() - 1));
  if (!faults.apply(rows.words_in(bytes), faults_.counts(site))) faults_.note_error();
  return true;
}

bool FaultyMemory::borrow_at_once(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) {
  return !faults_.aims_at(FaultSite::weight_buffer) && memory_.borrow_at_once(address, data, bytes);
}

/// Counts what has come before the end of cycle `until`, and drops the rest.
void FaultyMemory::count(Cycle until) {
  for (const Pending& each : pending_) {
    if (each.at <= until) faults_.counts(each.site) += each.counts;
  }
  pending_.clear();
}

void FaultyMemory::abort_all() {
  count(now_());
  memory_.abort_all();
}

}  // namespace flexcim
