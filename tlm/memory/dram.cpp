#include "tlm/memory/dram.h"

#include "tlm/fabric/payload_shape.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/fabric/stream_access.h"
#include "tlm/memory/memory_access.h"
#include "tlm/timing/blocking_access.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

Dram::Dram(const sc_core::sc_module_name& name, const DramParameters& parameters, std::uint64_t capacity_bytes,
           unsigned queue_depth)
    : sc_module(name),
      store_(capacity_bytes),
      timing_(parameters),
      queue_depth_(std::max(1u, queue_depth)),
      served_(queue_depth_) {
  socket.bind(*this);
  SC_HAS_PROCESS(Dram);
  SC_METHOD(respond);
  sensitive << response_due_;
  dont_initialize();
}

void Dram::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  transaction.set_dmi_allowed(true);
  if (!access_memory(store_, transaction)) return;
  if (is_stream(transaction)) {
    last_end_ = ~std::uint64_t{0};
    const std::int64_t end = access(transaction, now_picoseconds() + to_picoseconds(delay));
    delay = from_picoseconds(end - now_picoseconds());
    return;
  }
  delay += from_picoseconds(blocking_time(timing_, transaction.is_write(), bursts(transaction)));
}

/// As many as the data fill, of a stream beat by beat.
std::int64_t Dram::bursts(const tlm::tlm_generic_payload& transaction) const {
  const unsigned bytes = transaction.get_data_length(), width = touched_bytes(transaction);
  const auto filled = [size = timing_.parameters().burst_bytes()](unsigned part) -> std::int64_t {
    return part == 0 ? 0 : (part - 1) / static_cast<unsigned>(size) + 1;
  };
  return width == bytes ? filled(bytes) : bytes / width * filled(width) + filled(bytes % width);
}

/// When the last beat has been transferred.
std::int64_t Dram::access(const tlm::tlm_generic_payload& transaction, std::int64_t at_ps) {
  const unsigned bytes = transaction.get_data_length(), width = touched_bytes(transaction);
  std::int64_t end = at_ps;
  for (unsigned beat = 0; beat < bytes; beat += std::min(width, bytes - beat)) {
    end = timing_.access(at_ps, transaction.get_address(), std::min(width, bytes - beat), transaction.is_write());
  }
  return end;
}

bool Dram::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.set_dmi_ptr(store_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(store_.size() - 1);
  dmi.set_read_latency(from_picoseconds(timing_.idle_latency_ps(false)));
  dmi.set_write_latency(from_picoseconds(timing_.idle_latency_ps(true)));
  dmi.allow_read_write();
  return true;
}

unsigned Dram::transport_dbg(tlm::tlm_generic_payload& transaction) { return access_memory_debug(store_, transaction); }

void Dram::accept(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay) {
  std::int64_t at = now_picoseconds() + to_picoseconds(delay);
  if (access_memory(store_, transaction) && transaction.get_command() != tlm::TLM_IGNORE_COMMAND) {
    last_end_ = ~std::uint64_t{0};
    at = access(transaction, at);
  }
  responses_.accept(at, &transaction);
  schedule_response();
}

tlm::tlm_sync_enum Dram::nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) {
    if (&transaction != responding_) SC_REPORT_ERROR(name(), "END_RESP without BEGIN_RESP");
    finish_response();
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ) {
    SC_REPORT_ERROR(name(), "a phase that is not of the base protocol");
    return tlm::TLM_ACCEPTED;
  }
  if (waiting_ != nullptr) SC_REPORT_ERROR(name(), "BEGIN_REQ before the END_REQ of the request before");
  transaction.acquire();
  if (full()) {
    waiting_ = &transaction;
    waiting_ps_ = now_picoseconds() + to_picoseconds(delay);
    schedule_response();
    return tlm::TLM_ACCEPTED;
  }
  accept(transaction, delay);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

/// Of the last bursts of the BurstPath, as many as the queue holds, those whose responses come after `ps`.
std::size_t Dram::served_after(std::int64_t ps) const {
  std::uint64_t after = 0;
  for (const ServedBursts& bursts : served_) after += bursts.after(ps);
  return std::min<std::uint64_t>(after, queue_depth_);
}

bool Dram::full() {
  const bool leaving = responding_ == nullptr && !responses_.empty() && responses_.due() <= now_picoseconds();
  return responses_.size() - leaving + served_after(now_picoseconds()) + (responding_ != nullptr) >= queue_depth_;
}

bool Dram::open_path(int outstanding) {
  if (!timing_.answers_in_order(outstanding, queue_depth_)) return false;
  if (!responses_.empty() || waiting_ != nullptr || responding_ != nullptr) return false;
  response_due_.cancel();
  return true;
}

bool Dram::serve(const Burst& burst, std::int64_t at_ps, std::int64_t, BurstTimes& times) {
  if (burst.bytes == 0 || !store_.contains(burst.address, burst.bytes)) return false;
  move(burst, burst.bytes);
  times.response_ps = timing_.access(at_ps, burst.address, burst.bytes, burst.write);
  served_.push_back({times.response_ps, 1, 1});
  last_end_ = burst.address + burst.bytes;
  last_write_ = burst.write;
  return true;
}

std::uint64_t Dram::serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t,
                               BurstTimes& last) {
  if (burst.address != last_end_ || burst.write != last_write_ || burst.address > store_.size()) return 0;
  const std::uint64_t inside = std::min(most, (store_.size() - burst.address) / burst.bytes);
  const std::uint64_t count = timing_.serve_many(burst.address, burst.bytes, inside, requests);
  move(burst, count * burst.bytes);
  last_end_ += count * burst.bytes;
  if (count == 0) return 0;
  const std::int64_t last_ps = served_.back().last_ps + static_cast<std::int64_t>(count) * requests.period();
  served_.push_back({last_ps, count, requests.period()});
  last.response_ps = last_ps;
  return count;
}

void Dram::move(const Burst& burst, std::uint64_t bytes) {
  if (burst.data == nullptr) return;
  std::uint8_t* const here = store_.data() + burst.address;
  if (burst.write) {
    std::memcpy(here, burst.data, bytes);
    store_.written(burst.address, bytes);
  } else {
    std::memcpy(burst.data, here, bytes);
  }
}

void Dram::schedule_response() {
  if (responding_ != nullptr) return;
  std::int64_t next = INT64_MAX;
  if (!responses_.empty()) next = responses_.due();
  if (waiting_ != nullptr && full()) {
    // Room comes with the first response of either kind.
    const std::int64_t now = now_picoseconds();
    for (const ServedBursts& bursts : served_) {
      const std::uint64_t after = bursts.after(now);
      if (after > 0) next = std::min(next, bursts.last_ps - static_cast<std::int64_t>(after - 1) * bursts.period_ps);
    }
  }
  if (waiting_ != nullptr && !full()) {
    admission_due_ = waiting_ps_ <= now_picoseconds();
    next = admission_due_ ? 0 : std::min(next, waiting_ps_);
  }
  if (next != INT64_MAX) response_due_.notify(from_picoseconds(std::max<std::int64_t>(0, next - now_picoseconds())));
}

void Dram::admit_waiting() {
  admission_due_ = false;
  if (waiting_ == nullptr || full()) return;
  tlm::tlm_generic_payload* transaction = waiting_;
  waiting_ = nullptr;
  accept(*transaction, sc_core::SC_ZERO_TIME);
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->nb_transport_bw(*transaction, phase, delay);
}

void Dram::respond() {
  if (admission_due_) {
    admit_waiting();
  } else if (waiting_ != nullptr && !full() && waiting_ps_ <= now_picoseconds()) {
    return schedule_response();  // a served burst has left: room is seen a delta cycle later, as after any response
  }
  if (responding_ != nullptr || responses_.empty() || responses_.due() > now_picoseconds()) {
    return schedule_response();
  }
  responding_ = responses_.take();
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  tlm::tlm_generic_payload* transaction = responding_;
  const tlm::tlm_sync_enum result = socket->nb_transport_bw(*transaction, phase, delay);
  const bool ended = result == tlm::TLM_COMPLETED || (result == tlm::TLM_UPDATED && phase == tlm::END_RESP);
  if (ended && responding_ == transaction) finish_response();
}

void Dram::finish_response() {
  responding_->release();
  responding_ = nullptr;
  schedule_response();
}

}  // namespace flexcim
