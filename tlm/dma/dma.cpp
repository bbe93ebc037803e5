#include "tlm/dma/dma.h"

#include "tlm/dma/dma_transfer.h"
#include "tlm/fabric/picoseconds.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

struct Dma::Burst : tlm::tlm_generic_payload {
  explicit Burst(Dma& owner)
      : tlm::tlm_generic_payload(&owner), buffer(static_cast<std::size_t>(owner.p_.burst_bytes)) {}
  std::vector<std::uint8_t> buffer;  ///< its own, so that a late response writes nowhere else
  std::shared_ptr<Transfer> transfer;
  std::uint64_t offset = 0;  ///< in the transfer
  Cycle issued = 0;
};

Dma::Dma(const sc_core::sc_module_name& name, const DmaParameters& parameters, std::int64_t clock_ps)
    : sc_module(name), p_(parameters), clock_ps_(clock_ps), clock_(static_cast<std::uint64_t>(clock_ps)), ends_(512) {
  p_.validate();
  socket.bind(*this);
  SC_HAS_PROCESS(Dma);
  SC_METHOD(issue);
  sensitive << issue_due_;
  dont_initialize();
}

Dma::~Dma() = default;

void Dma::post(DmaRequest request) {
  auto transfer = std::make_shared<Transfer>(std::move(request));
  const DmaRequest& r = transfer->request;
  queues_[static_cast<std::size_t>(r.channel)].push_back(transfer);
  issue_at(r.from + 1);
}

void Dma::issue_at(Cycle cycle) {
  if (serving_) return;  // serve() looks at everything anew
  if (unsettled_) {
    due_ = std::min(due_, cycle);
    return;
  }
  const std::int64_t at = static_cast<std::int64_t>(cycle) * clock_ps_;
  issue_due_.notify(from_picoseconds(std::max<std::int64_t>(0, at - now_picoseconds())));
}

bool Dma::idle() const {
  return bursts_.size() == free_bursts_.size() &&
         std::all_of(queues_.begin(), queues_.end(), [](const auto& queue) { return queue.empty(); });
}

void Dma::abort_all() {
  for (auto& queue : queues_) {
    for (auto& transfer : queue) transfer->aborted = true;
    queue.clear();
  }
  borrowed_.clear();
  lent_begin_ = ~std::uint64_t{0}, lent_end_ = 0;
  for (auto& burst : bursts_) {
    if (burst->transfer) burst->transfer->aborted = true;
  }
}

void Dma::issue() {
  serve(false);
  const std::int64_t ps = now_picoseconds();
  const Cycle now = cycle_at(ps);
  if (static_cast<std::int64_t>(now) * clock_ps_ != ps) return issue_at(now);
  if (unaccepted_ != nullptr) return;  // END_REQ calls again
  if (next_issue_ > now) return issue_at(next_issue_);
  const Cycle slot = next_slot(now);
  if (slot != now) {
    if (slot != kNever) issue_at(slot);  // otherwise the next response calls again
    return;
  }
  Cycle earliest = kNever;
  for (auto& queue : queues_) {
    if (queue.empty()) continue;
    if (queue.front()->request.from < now) return send(queue.front(), now);
    earliest = std::min(earliest, queue.front()->request.from + 1);
  }
  if (earliest != kNever) issue_at(earliest);
}

void Dma::tell_listener(std::uint64_t bytes, bool write, Cycle issued, Cycle end) {
  AcceleratorEvents events;
  (write ? events.dma_writes : events.dma_reads) = bytes;
  listener_->on_activity(ActivityKind::dma, static_cast<std::int64_t>(issued) * clock_ps_,
                         static_cast<std::int64_t>(end) * clock_ps_, events);
}

/// Size and address of the next burst: up to the end of the row (or of all rows, without gaps), the next multiple of
/// the burst size, the transfer.
std::uint64_t Dma::next_burst(const Transfer& transfer, std::uint64_t& address) const {
  const DmaRequest& request = transfer.request;
  const auto size = static_cast<std::uint64_t>(p_.burst_bytes);
  if (request.rows == 1) {
    address = request.address + transfer.issued;
    return std::min(size - (address & (size - 1)), transfer.total - transfer.issued);
  }
  const std::uint64_t row = transfer.row_bytes.quotient(transfer.issued);
  const std::uint64_t in_row = transfer.issued - row * request.row_bytes;
  address = request.address + row * request.memory_stride + in_row;
  const bool gapless = request.memory_stride == request.row_bytes && request.local_stride == request.row_bytes;
  return std::min(size - (address & (size - 1)),
                  gapless ? transfer.total - transfer.issued : request.row_bytes - in_row);
}

Dma::Burst& Dma::new_burst() {
  if (free_bursts_.empty()) {
    bursts_.push_back(std::make_unique<Burst>(*this));
    free_bursts_.push_back(bursts_.back().get());
  }
  Burst& burst = *free_bursts_.back();
  free_bursts_.pop_back();
  return burst;
}

void Dma::send(std::shared_ptr<Transfer> transfer, Cycle now) {
  Transfer& moving = *transfer;
  DmaRequest& request = moving.request;
  if (moving.issued == 0 && request.on_issue) request.on_issue();
  std::uint64_t address = 0;
  const std::uint64_t bytes = next_burst(moving, address);

  Burst& burst = new_burst();
  burst.acquire();
  burst.transfer = std::move(transfer);  // keeps it when the queue lets go
  burst.offset = moving.issued;
  burst.issued = now;
  if (request.write) std::memcpy(burst.buffer.data(), moving.local(burst.offset), bytes);
  burst.set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  burst.set_address(address);
  burst.set_data_ptr(burst.buffer.data());
  burst.set_data_length(static_cast<unsigned>(bytes));
  burst.set_streaming_width(static_cast<unsigned>(bytes));
  burst.set_byte_enable_ptr(nullptr);
  burst.set_dmi_allowed(false);
  burst.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);

  moving.issued += bytes;
  moving.pending.emplace_back(moving.issued, kNever);
  if (moving.issued == moving.total) queues_[static_cast<std::size_t>(request.channel)].pop_front();
  (request.write ? write_bytes_ : read_bytes_) += bytes;
  ++unanswered_;
  next_issue_ = now + 1;

  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  unaccepted_ = &burst;
  const tlm::tlm_sync_enum result = socket->nb_transport_fw(burst, phase, delay);
  const Cycle at = cycle_at(now_picoseconds() + to_picoseconds(delay));
  if (result == tlm::TLM_ACCEPTED) return;
  unaccepted_ = nullptr;
  next_issue_ = std::max(next_issue_, at);
  if (result == tlm::TLM_COMPLETED) {
    finish(burst, at);
  } else if (phase == tlm::BEGIN_RESP) {
    finish(burst, at);
    phase = tlm::END_RESP;
    socket->nb_transport_fw(burst, phase, delay);
  }
  issue_at(next_issue_);
}

tlm::tlm_sync_enum Dma::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                        sc_core::sc_time& delay) {
  auto& burst = static_cast<Burst&>(payload);
  const Cycle at = cycle_at(now_picoseconds() + to_picoseconds(delay));
  if (unaccepted_ == &burst) {
    unaccepted_ = nullptr;
    next_issue_ = std::max(next_issue_, at);
    issue_at(next_issue_);
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  finish(burst, at);
  return tlm::TLM_COMPLETED;
}

void Dma::finish(Burst& burst, Cycle at) {
  const std::shared_ptr<Transfer> transfer = std::move(burst.transfer);
  burst.transfer.reset();
  --unanswered_;
  ends_.insert(std::upper_bound(ends_.begin(), ends_.end(), at), at);
  told_at_ = at;
  issue_at(at + 1);
  const std::uint64_t bytes = burst.get_data_length();
  const tlm::tlm_response_status status = burst.get_response_status();
  if (listener_ != nullptr) tell_listener(bytes, burst.is_write(), burst.issued, at);
  if (!transfer->aborted) {
    if (status == tlm::TLM_OK_RESPONSE) {
      if (!transfer->request.write) std::memcpy(transfer->local(burst.offset), burst.buffer.data(), bytes);
    } else if (transfer->error == ErrorCode::none) {
      transfer->error = status == tlm::TLM_ADDRESS_ERROR_RESPONSE ? ErrorCode::dma_address : ErrorCode::dma_failed;
      // Nothing more of this request is issued.
      auto& queue = queues_[static_cast<std::size_t>(transfer->request.channel)];
      queue.erase(std::remove(queue.begin(), queue.end(), transfer), queue.end());
    }
    for (auto& [end, cycle] : transfer->pending) {
      if (end == burst.offset + bytes) cycle = at;
    }
    std::uint64_t done = 0;
    while (!transfer->pending.empty() && transfer->pending.front().second != kNever) {
      done = transfer->pending.front().first;
      transfer->reached = std::max(transfer->reached, transfer->pending.front().second);
      transfer->pending.pop_front();
    }
    const DmaRequest& request = transfer->request;
    if (done != 0 && transfer->error == ErrorCode::none) transfer->tell_progress({done, transfer->reached});
    const bool over = transfer->error != ErrorCode::none || transfer->issued == transfer->total;
    if (!transfer->aborted && over && transfer->pending.empty() && request.on_done)
      request.on_done(transfer->error, transfer->reached);
  }
  burst.release();
}

void Dma::free(tlm::tlm_generic_payload* payload) {
  payload->reset();
  free_bursts_.push_back(static_cast<Burst*>(payload));
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
