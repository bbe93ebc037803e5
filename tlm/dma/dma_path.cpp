// Bursts that take the target's BurstPath, without events.
#include "tlm/dma/dma_transfer.h"
#include "tlm/fabric/picoseconds.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace flexcim {

/// The first cycle, not before `earliest`, in which fewer than the allowed bursts are in flight: one whose end lies in
/// an earlier cycle has left. kNever where only an unanswered burst can make room.
Cycle Dma::next_slot(Cycle earliest) {
  while (!ends_.empty() && ends_.front() < earliest) ends_.pop_front();
  const auto free =
      static_cast<std::ptrdiff_t>(p_.outstanding) - unanswered_ - static_cast<std::ptrdiff_t>(ends_.size());
  if (free > 0) return earliest;
  const auto must_leave = static_cast<std::size_t>(1 - free);
  return must_leave > ends_.size() ? kNever : ends_[must_leave - 1] + 1;
}

bool Dma::run_ahead() {
  pause_at_ = kNever;
  unsettled_ = true;
  return serve(true);
}

/// Issues bursts on the target's BurstPath: those of the present cycle or, `ahead`, of coming ones. Whether there were
/// any.
bool Dma::serve(bool ahead) {
  if (unaccepted_ != nullptr || unanswered_ != 0) return false;
  if (!path_known_) path_ = dynamic_cast<BurstPath*>(socket.get_interface());
  path_known_ = true;
  if (path_ == nullptr || !path_->open_path(p_.outstanding)) return false;
  issue_due_.cancel();
  const std::int64_t ps = now_picoseconds();
  const std::int64_t limit_ps = next_activity_picoseconds();
  const Cycle now = cycle_at(ps);
  const Cycle last = static_cast<std::int64_t>(now) * clock_ps_ != ps && !ahead ? 0 : now;
  bool any = false;
  Cycle cycle = kNever;
  serving_ = true;
  ahead_ = ahead;
  while (true) {
    cycle = next_slot(std::max(next_issue_, now));
    std::shared_ptr<Transfer>* next = nullptr;
    Cycle earliest = kNever, higher = kNever;
    for (auto& queue : queues_) {
      if (queue.empty()) continue;
      const Cycle from = queue.front()->request.from + 1;
      if (from <= cycle) {
        next = &queue.front();
        higher = earliest;
        break;
      }
      if (from < earliest) {
        earliest = from;
        next = &queue.front();
      }
    }
    if (next == nullptr) {
      cycle = kNever;
      break;
    }
    cycle = std::max(cycle, (*next)->request.from + 1);
    const Cycle until = ahead ? std::max(last, pause_at_) : last;
    if (cycle > until) break;
    Transfer& transfer = **next;
    const Cycle alone_until = std::min(until, higher - 1);  // from `higher` on another one goes first
    if (!repeat(transfer, cycle, alone_until, limit_ps) && !serve(transfer, cycle, limit_ps)) break;
    any = true;
  }
  serving_ = false;
  if (cycle != kNever) issue_at(cycle);
  return any;
}

/// One burst of `transfer`, issued in `cycle`.
bool Dma::serve(Transfer& transfer, Cycle cycle, std::int64_t limit_ps) {
  DmaRequest& request = transfer.request;
  if (transfer.issued == 0 && request.on_issue) request.on_issue();
  flexcim::Burst burst;
  burst.bytes = static_cast<unsigned>(next_burst(transfer, burst.address));
  burst.write = request.write;
  burst.data = borrows(transfer) ? nullptr : transfer.local(transfer.issued);
  if (request.write) prepare_write(burst.address, burst.bytes);
  BurstTimes times;
  if (!path_->serve(burst, static_cast<std::int64_t>(cycle) * clock_ps_, limit_ps, times)) return false;
  const Cycle end = cycle_at(times.response_ps);
  next_issue_ = std::max(cycle + 1, cycle_at(times.accepted_ps));
  period_before_ = std::exchange(period_, end - last_end_);
  last_end_ = end;
  ends_.push_back(end);
  if (listener_ != nullptr) tell_listener(burst.bytes, burst.write, cycle, end);
  advance(transfer, burst.bytes, burst.bytes);
  return true;
}

/// Bursts that each wait for the end of the one `outstanding` before them, as far as they end at equal distances. The
/// next burst is issued in `cycle`; none after `until`. Whether there were any.
bool Dma::repeat(Transfer& transfer, Cycle cycle, Cycle until, std::int64_t limit_ps) {
  const auto outstanding = static_cast<std::uint64_t>(p_.outstanding);
  if (std::exchange(interrupted_, false)) return false;
  if (ends_.size() != outstanding || cycle != ends_.front() + 1 || !transfer.gapless()) return false;
  // What does not repeat itself, a refresh or another request, makes one distance longer.
  const Cycle period = std::min(period_, period_before_);
  DmaRequest& request = transfer.request;
  const auto size = static_cast<std::uint64_t>(p_.burst_bytes);
  flexcim::Burst burst;
  burst.address = request.address + transfer.issued;
  burst.bytes = static_cast<unsigned>(size);
  burst.write = request.write;
  burst.data = borrows(transfer) ? nullptr : transfer.local(transfer.issued);
  std::uint64_t most = (transfer.total - transfer.issued) / size;
  if (period == 0 || most == 0 || burst.address % size != 0) return false;
  requests_.stretches.clear();
  requests_.period = static_cast<std::int64_t>(period) * clock_ps_;
  Cycle regular = kNever;
  std::uint64_t j = 0;
  for (const Cycle end : ends_) {
    if (end != regular) requests_.stretches.emplace_back(j, static_cast<std::int64_t>(end + 1) * clock_ps_);
    regular = end + period;
    ++j;
  }
  if (until < kNever - 1) most = requests_.until(static_cast<std::int64_t>(until) * clock_ps_, most);
  if (most == 0) return false;
  if (transfer.issued == 0 && request.on_issue) request.on_issue();
  if (request.write) prepare_write(burst.address, most * size);
  BurstTimes last;
  const std::uint64_t count = path_->repeat(burst, most, requests_, limit_ps, last);
  if (count == 0) return false;
  for (std::uint64_t i = 0; listener_ != nullptr && i < count; ++i) {
    tell_listener(size, request.write, cycle_at(requests_.at(i)), last_end_ + (i + 1) * period);
  }
  next_issue_ = std::max(cycle_at(requests_.at(count - 1)) + 1, cycle_at(last.accepted_ps));
  for (std::uint64_t i = count - std::min(count, outstanding); i < count; ++i) {
    ends_.push_back(last_end_ + (i + 1) * period);
  }
  last_end_ += count * period;
  period_ = period_before_ = period;
  interrupted_ = count < most;
  advance(transfer, count * size, size);
  return true;
}

/// The next `bytes` bytes have been issued, in bursts of `burst_bytes`; the last of them have been transferred when
/// last_end_ begins.
void Dma::advance(Transfer& transfer, std::uint64_t bytes, std::uint64_t burst_bytes) {
  const DmaRequest& request = transfer.request;
  if (borrows(transfer)) {
    const std::uint64_t at = transfer.issued;
    borrow(request.address + at, request.data + at, transfer.source + at, bytes);
  }
  transfer.issued += bytes;
  transfer.reached = last_end_;
  (request.write ? write_bytes_ : read_bytes_) += bytes;
  std::shared_ptr<Transfer> over;  // keeps it until it has been told
  if (transfer.issued == transfer.total) {
    auto& queue = queues_[static_cast<std::size_t>(request.channel)];
    over = std::move(queue.front());
    queue.pop_front();
  }
  told_at_ = last_end_;
  transfer.tell_progress({transfer.issued, last_end_, burst_bytes, period_});
  if (over && request.on_done) request.on_done(ErrorCode::none, last_end_);
}

/// Whether what `transfer` reads now stays where it is.
bool Dma::borrows(Transfer& transfer) {
  if (!transfer.request.borrow || !ahead_) return false;
  if (transfer.source == nullptr) {
    transfer.source = path_->memory(transfer.request.address, transfer.total);
    if (transfer.source == nullptr) transfer.request.borrow = false;
  }
  return transfer.request.borrow;
}

/// What is at `address`, in the simulator at `source`, has been read to `data`, but not copied.
void Dma::borrow(std::uint64_t address, std::uint8_t* data, const std::uint8_t* source, std::uint64_t bytes) {
  Borrowed* const last = borrowed_.empty() ? nullptr : &borrowed_.back();
  if (last != nullptr && last->data + last->bytes == data && last->source + last->bytes == source) {
    last->bytes += bytes;
  } else {
    borrowed_.push_back({data, bytes, source});
  }
  lent_begin_ = std::min(lent_begin_, address);
  lent_end_ = std::max(lent_end_, address + bytes);
}

bool Dma::borrow_at_once(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) {
  if (!unsettled_ || path_ == nullptr) return false;
  const std::uint8_t* const source = path_->memory(address, bytes);
  if (source != nullptr) borrow(address, data, source, bytes);
  return source != nullptr;
}

void Dma::return_borrowed() {
  if (lent_begin_ >= lent_end_) return;
  lent_begin_ = ~std::uint64_t{0}, lent_end_ = 0;
  if (before_settle_) before_settle_();
  for (const Borrowed& piece : borrowed_) std::memcpy(piece.data, piece.source, piece.bytes);
  borrowed_.clear();
}

const std::uint8_t* Dma::locate(const std::uint8_t* data, std::uint64_t bytes) {
  for (const Borrowed& piece : borrowed_) {
    if (data + bytes <= piece.data || piece.data + piece.bytes <= data) continue;
    if (piece.data <= data && data + bytes <= piece.data + piece.bytes) return piece.source + (data - piece.data);
    return_borrowed();  // one part here, one there
    break;
  }
  return data;
}

void Dma::settle() {
  return_borrowed();
  unsettled_ = false;
  const Cycle due = std::exchange(due_, kNever);
  if (due != kNever) issue_at(due);
}

void Dma::forget(const std::uint8_t* data, std::uint64_t bytes) {
  const auto inside = [&](const Borrowed& piece) { return data <= piece.data && piece.data < data + bytes; };
  borrowed_.erase(std::remove_if(borrowed_.begin(), borrowed_.end(), inside), borrowed_.end());
}

/// Bytes in memory are about to change.
void Dma::prepare_write(std::uint64_t address, std::uint64_t bytes) {
  if (address < lent_end_ && lent_begin_ < address + bytes) return_borrowed();
}

}  // namespace flexcim
