#include "tlm/dma/dma.h"

#include "tlm/fabric/picoseconds.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace flexcim {

struct Dma::Payload : tlm::tlm_generic_payload {
  explicit Payload(Dma& owner)
      : tlm::tlm_generic_payload(&owner), buffer(static_cast<std::size_t>(owner.p_.burst_bytes)) {}
  std::vector<std::uint8_t> buffer;  ///< its own, so that a late response writes nowhere else
  Issued part;                       ///< of a transfer; of none when it has been answered
};

Dma::Dma(const sc_core::sc_module_name& name, const DmaParameters& parameters, Picoseconds clock_ps)
    : sc_module(name), DmaSchedule(parameters, clock_ps) {
  set_quantum(kQuantum);
  socket.bind(*this);
  SC_HAS_PROCESS(Dma);
  SC_METHOD(issue);
  sensitive << issue_due_;
  dont_initialize();
}

Dma::~Dma() = default;

void Dma::wake_at(Cycle cycle) {
  issue_due_.notify(from_picoseconds(std::max<Picoseconds>(0, ps(cycle) - now_picoseconds())));
}

/// The target's path, if there is one and bursts may take it now.
BurstPath* Dma::open_path() {
  if (!use_path_ || unaccepted_ != nullptr || unanswered_ != 0) return nullptr;
  if (!path_known_) path_ = dynamic_cast<BurstPath*>(socket.get_interface());
  path_known_ = true;
  return path_ != nullptr && path_->open_path(p_.outstanding) ? path_ : nullptr;
}

/// Issues what may take the path, as far as the mode lets it. Whether there was anything.
bool Dma::take_path() {
  BurstPath* const path = open_path();
  if (path == nullptr) return false;
  issue_due_.cancel();
  const Picoseconds now_ps = now_picoseconds();
  const Cycle now = cycle_at(now_ps);
  const Picoseconds limit_ps = std::min(next_activity_picoseconds(), now_ps + quantum_ps_);
  const Served served = serve(*path, now, ps(now) == now_ps, limit_ps);
  if (served.due != kNever) wake(served.due);
  return served.any;
}

bool Dma::run_ahead() {
  go_ahead();
  return take_path();
}

bool Dma::idle() const {
  return bursts_.size() == free_bursts_.size() &&
         std::all_of(queues_.begin(), queues_.end(), [](const auto& queue) { return queue.empty(); });
}

void Dma::abort_all() {
  DmaSchedule::abort_all();
  for (auto& burst : bursts_) {
    if (burst->part.transfer) burst->part.transfer->aborted = true;
  }
}

void Dma::issue() {
  assert(mode() == Mode::events);
  take_path();
  const Picoseconds now_ps = now_picoseconds();
  const Cycle now = cycle_at(now_ps);
  if (ps(now) != now_ps) return wake(now);
  if (unaccepted_ != nullptr) return;  // END_REQ calls again
  if (next_issue_ > now) return wake(next_issue_);
  const Cycle slot = next_slot(now);
  if (slot != now) {
    if (slot != kNever) wake(slot);  // otherwise the next response calls again
    return;
  }
  Cycle earliest = kNever;
  for (Queue& queue : queues_) {
    if (queue.empty()) continue;
    if (queue.front()->request.from < now) return send(queue.front(), now);
    earliest = std::min(earliest, queue.front()->request.from + 1);
  }
  if (earliest != kNever) wake(earliest);
}

Dma::Payload& Dma::new_burst() {
  if (free_bursts_.empty()) {
    bursts_.push_back(std::make_unique<Payload>(*this));
    free_bursts_.push_back(bursts_.back().get());
  }
  Payload& burst = *free_bursts_.back();
  free_bursts_.pop_back();
  return burst;
}

void Dma::send(TransferPointer transfer, Cycle now) {
  assert(mode() == Mode::events);
  Transfer& moving = *transfer;
  DmaRequest& request = moving.request;
  if (moving.issued == 0 && request.on_issue) request.on_issue();
  std::uint64_t address = 0;
  const std::uint64_t bytes = next_burst(moving, address);

  Payload& burst = new_burst();
  burst.acquire();
  if (request.write) std::memcpy(burst.buffer.data(), moving.local(moving.issued), bytes);
  begin(burst.part, std::move(transfer), bytes, now);
  burst.set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  burst.set_address(address);
  burst.set_data_ptr(burst.buffer.data());
  burst.set_data_length(static_cast<unsigned>(bytes));
  burst.set_streaming_width(static_cast<unsigned>(bytes));
  burst.set_byte_enable_ptr(nullptr);
  burst.set_dmi_allowed(false);
  burst.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);

  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  unaccepted_ = &burst;
  const tlm::tlm_sync_enum result = socket->nb_transport_fw(burst, phase, delay);
  const Cycle at = cycle_at(now_picoseconds() + to_picoseconds(delay));
  if (result == tlm::TLM_ACCEPTED) return;
  unaccepted_ = nullptr;
  next_issue_ = std::max(next_issue_, at);
  if (result == tlm::TLM_COMPLETED) {
    end(burst, at);
  } else if (phase == tlm::BEGIN_RESP) {
    end(burst, at);
    phase = tlm::END_RESP;
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): release() gives bursts back to free(), which keeps them
    socket->nb_transport_fw(burst, phase, delay);
  }
  wake(next_issue_);
}

tlm::tlm_sync_enum Dma::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                        sc_core::sc_time& delay) {
  auto& burst = static_cast<Payload&>(payload);
  const Cycle at = cycle_at(now_picoseconds() + to_picoseconds(delay));
  if (unaccepted_ == &burst) {
    unaccepted_ = nullptr;
    next_issue_ = std::max(next_issue_, at);
    wake(next_issue_);
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  end(burst, at);
  return tlm::TLM_COMPLETED;
}

void Dma::end(Payload& burst, Cycle at) {
  assert(mode() == Mode::events);
  const Issued part = std::exchange(burst.part, {});
  const Transfer& transfer = *part.transfer;
  ErrorCode error = ErrorCode::none;
  if (burst.get_response_status() != tlm::TLM_OK_RESPONSE) {
    const bool nowhere = burst.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE;
    error = nowhere ? ErrorCode::dma_address : ErrorCode::dma_failed;
  } else if (!transfer.request.write && !transfer.aborted) {
    std::memcpy(transfer.local(part.offset), burst.buffer.data(), part.bytes);
  }
  finish(part, error, at);
  burst.release();
}

void Dma::free(tlm::tlm_generic_payload* payload) {
  payload->reset();
  free_bursts_.push_back(static_cast<Payload*>(payload));
}

bool Dma::debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) {
  constexpr std::uint64_t kPiece = 1u << 30;
  while (bytes > 0) {
    tlm::tlm_generic_payload payload;
    const auto piece = static_cast<unsigned>(std::min(bytes, kPiece));
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(piece);
    payload.set_streaming_width(piece);
    if (socket->transport_dbg(payload) != piece) return false;
    address += piece, data += piece, bytes -= piece;
  }
  return true;
}

}  // namespace flexcim
