#include "tlm/timing/dma_schedule.h"

namespace flexcim {

namespace {
/// Ends of bursts that a transfer keeps after they have been told.
constexpr std::size_t kToldKept = 256;
/// Rows that are fetched before they are written, and bytes of each of them.
constexpr std::uint64_t kMostFetched = 256;
}  // namespace

DmaSchedule::DmaSchedule(const DmaParameters& parameters, Picoseconds clock_ps)
    : p_(parameters), ends_(512), clock_ps_(clock_ps), clock_(static_cast<std::uint64_t>(clock_ps)) {
  p_.validate();
}

/// What waits in a queue holds what is behind it, and lets go of it while there still is a place for unused ones.
DmaSchedule::~DmaSchedule() {
  for (Queue& queue : queues_) {
    while (!queue.empty()) queue.pop_front();
  }
}

void DmaSchedule::post(DmaRequest request) {
  if (unused_.empty()) unused_.push_back(&transfers_.emplace_back(unused_));
  Transfer& transfer = *unused_.back();
  unused_.pop_back();
  transfer.take(std::move(request), static_cast<std::uint64_t>(p_.burst_bytes));
  queue(transfer).push_back(&transfer);
  wake(transfer.request.from + 1);
}

void DmaSchedule::Transfer::take(DmaRequest asked, std::uint64_t burst_bytes) {
  request = std::move(asked);
  total = request.rows * request.row_bytes;
  // Without data gaps between rows do not count here, if bursts end where rows do.
  const bool whole_bursts = request.address % burst_bytes == 0 && request.row_bytes % burst_bytes == 0;
  const bool gapless_here = request.data == nullptr ? whole_bursts || request.local_stride == request.row_bytes
                                                    : request.local_stride == request.row_bytes;
  gapless = request.rows == 1 || (request.memory_stride == request.row_bytes && gapless_here);
  repeats = gapless || request.row_bytes >= burst_bytes;
  if (!gapless) row_bytes = Divisor(request.row_bytes);
  issued = 0;
  pending.clear();
  told = 0;
  reached = 0;
  source = nullptr;
  error = ErrorCode::none;
  aborted = false;
}

void DmaSchedule::Queue::remove(const Transfer& transfer) {
  Queue others;
  while (!empty()) {
    TransferPointer each = pop_front();
    if (each.get() != &transfer) others.push_back(std::move(each));
  }
  std::swap(*this, others);
}

void DmaSchedule::wake(Cycle cycle) {
  if (serving_) return;  // serve() looks at everything anew
  if (mode_ == Mode::ahead) {
    due_ = std::min(due_, cycle);
  } else {
    wake_at(cycle);
  }
}

void DmaSchedule::end_ahead() {
  loans_.return_all();
  mode_ = Mode::events;
  const Cycle due = std::exchange(due_, kNever);
  if (due != kNever) wake_at(due);
}

void DmaSchedule::abort_all() {
  for (Queue& queue : queues_) {
    while (!queue.empty()) queue.pop_front()->aborted = true;
  }
  loans_.drop();
}

void DmaSchedule::tell_listener(std::uint64_t bytes, bool write, Cycle issued, Cycle end) {
  AcceleratorEvents events;
  (write ? events.dma_writes : events.dma_reads) = bytes;
  listener_->on_activity(ActivityKind::dma, ps(issued), ps(end), events);
}

/// The next `count` bursts like `burst`, requested as requests_ says, that end `period` after each other, but for the
/// last one: each, or their sum as far as the listener takes it.
void DmaSchedule::tell_row(const Burst& burst, std::uint64_t count, Cycle period, Cycle last_end) {
  const auto end = [&](std::uint64_t i) { return last_end_ + (i + 1) * period; };
  for (std::uint64_t i = 0, told = 0; i < count; i = told) {
    const Cycle issued = cycle_at(requests_.at(i));
    const Picoseconds until_ps = listener_->sums_until(ps(issued));
    told = i + 1;
    if (ps(end(i)) < until_ps) {
      told = std::min(count, told + static_cast<std::uint64_t>(until_ps - ps(end(i))) / (period * clock_.value()));
    }
    if (told == count && told > i + 1 && ps(last_end) > until_ps) --told;
    tell_listener((told - i) * burst.bytes, burst.write, issued, told < count ? end(told - 1) : last_end);
  }
}

std::uint64_t DmaSchedule::next_run(const Transfer& transfer, std::uint64_t& address) const {
  const DmaRequest& request = transfer.request;
  if (transfer.gapless) {
    address = request.address + transfer.issued;
    return transfer.total - transfer.issued;
  }
  const std::uint64_t row = transfer.row_bytes.quotient(transfer.issued);
  const std::uint64_t in_row = transfer.issued - row * request.row_bytes;
  address = request.address + row * request.memory_stride + in_row;
  return request.row_bytes - in_row;
}

std::uint64_t DmaSchedule::next_burst(const Transfer& transfer, std::uint64_t& address) const {
  const auto size = static_cast<std::uint64_t>(p_.burst_bytes);
  const std::uint64_t left = next_run(transfer, address);
  return std::min(size - (address & (size - 1)), left);
}

Cycle DmaSchedule::next_slot(Cycle earliest) {
  while (!ends_.empty() && ends_.front() < earliest) ends_.pop_front();
  const auto free =
      static_cast<std::ptrdiff_t>(p_.outstanding) - unanswered_ - static_cast<std::ptrdiff_t>(ends_.size());
  if (free > 0) return earliest;
  const auto must_leave = static_cast<std::size_t>(1 - free);
  return must_leave > ends_.size() ? kNever : ends_[must_leave - 1] + 1;
}

DmaSchedule::Next DmaSchedule::next(Cycle now) {
  const Cycle slot = next_slot(std::max(next_issue_, now));
  Next next;
  Cycle earliest = kNever;
  for (Queue& queue : queues_) {
    if (queue.empty()) continue;
    const Cycle from = queue.front()->request.from + 1;
    if (from <= slot) {
      next = {queue.front().get(), slot, earliest};
      break;
    }
    if (from < earliest) {
      earliest = from;
      next = {queue.front().get(), from, kNever};
    }
  }
  return next;
}

void DmaSchedule::begin(Issued& burst, TransferPointer transfer, std::uint64_t bytes, Cycle cycle) {
  Transfer& moving = *transfer;
  burst.transfer = std::move(transfer);
  burst.offset = moving.issued;
  burst.bytes = bytes;
  burst.cycle = cycle;
  moving.issued += bytes;
  moving.pending.emplace_back(moving.issued, kNever);
  if (moving.issued == moving.total) queue(moving).pop_front();
  (moving.request.write ? write_bytes_ : read_bytes_) += bytes;
  ++unanswered_;
  issued_ = cycle;
  next_issue_ = cycle + 1;
}

void DmaSchedule::finish(const Issued& burst, ErrorCode error, Cycle at) {
  --unanswered_;
  if (ends_.empty() || ends_.back() <= at) {
    ends_.push_back(at);
  } else {
    ends_.insert(std::upper_bound(ends_.begin(), ends_.end(), at), at);
  }
  told_at_ = at;
  wake(at + 1);
  Transfer& transfer = *burst.transfer;
  const DmaRequest& request = transfer.request;
  if (listener_ != nullptr) tell_listener(burst.bytes, request.write, burst.cycle, at);
  if (transfer.aborted) return;
  if (error != ErrorCode::none && transfer.error == ErrorCode::none) {
    transfer.error = error;
    queue(transfer).remove(transfer);  // nothing more of it is issued
  }
  auto& pending = transfer.pending;
  std::size_t ended = transfer.told;
  while (pending[ended].first != burst.offset + burst.bytes) ++ended;
  pending[ended].second = at;
  std::uint64_t done = 0;
  for (; transfer.told < pending.size() && pending[transfer.told].second != kNever; ++transfer.told) {
    done = pending[transfer.told].first;
    transfer.reached = std::max(transfer.reached, pending[transfer.told].second);
  }
  if (transfer.told == pending.size() || transfer.told > kToldKept) transfer.forget_told();
  if (done != 0 && transfer.error == ErrorCode::none) transfer.tell_progress({done, transfer.reached});
  const bool over = transfer.error != ErrorCode::none || transfer.issued == transfer.total;
  if (!transfer.aborted && over && pending.empty() && request.on_done) {
    request.on_done(transfer.error, transfer.reached);
  }
}

DmaSchedule::Served DmaSchedule::serve(BurstPath& path, Cycle now, bool on_edge, Picoseconds limit_ps) {
  const bool ahead = mode_ == Mode::ahead;
  const Cycle last = on_edge || ahead ? now : 0;
  Served served;
  lender_ = &path;
  serving_ = true;
  while (true) {
    const Next next = this->next(now);
    if (next.transfer == nullptr) break;
    Transfer& transfer = *next.transfer;
    const Cycle cycle = next.cycle;
    served.due = cycle;
    const Cycle until = ahead ? std::max(last, pause_at_) : last;
    if (cycle > until) break;
    const Cycle alone_until = std::min(until, next.higher - 1);
    if (!serve_many(path, transfer, cycle, alone_until, limit_ps) && !serve_one(path, transfer, cycle, limit_ps)) break;
    served = {true, kNever};
  }
  serving_ = false;
  return served;
}

/// One burst of `transfer`, issued in `cycle`.
bool DmaSchedule::serve_one(BurstPath& path, Transfer& transfer, Cycle cycle, Picoseconds limit_ps) {
  DmaRequest& request = transfer.request;
  if (transfer.issued == 0) {
    if (request.on_issue) request.on_issue();
    if (request.write && !transfer.gapless) fetch_rows(path, request);
  }
  Burst burst;
  burst.bytes = static_cast<unsigned>(next_burst(transfer, burst.address));
  burst.write = request.write;
  burst.data = borrows(path, transfer) ? nullptr : transfer.local(transfer.issued);
  if (request.write) loans_.prepare_write(burst.address, burst.bytes);
  BurstTimes times;
  if (!path.serve(burst, ps(cycle), limit_ps, times)) return false;
  const Cycle end = cycle_at(times.response_ps);
  issued_ = cycle;
  next_issue_ = std::max(cycle + 1, cycle_at(times.accepted_ps));
  const bool like = burst.bytes == static_cast<unsigned>(p_.burst_bytes) && burst.write == last_.write;
  period_before_ = std::exchange(period_, like ? end - last_end_ : kNever);
  last_end_ = end;
  last_ = burst;
  ends_.push_back(end);
  if (listener_ != nullptr) tell_listener(burst.bytes, burst.write, cycle, end);
  advance(path, transfer, burst.bytes, burst.bytes);
  return true;
}

/// Rows that are about to be written lie apart: have them come from far away together, not one after the other.
void DmaSchedule::fetch_rows(BurstPath& path, const DmaRequest& request) {
  if (request.data == nullptr || request.row_bytes > kMostFetched) return;
  for (std::uint64_t row = 0; row < std::min(request.rows, kMostFetched); ++row) {
    const std::uint64_t address = request.address + row * request.memory_stride;
    const std::uint8_t* const at = path.memory(address, request.row_bytes);
    if (at == nullptr) return;
    for (std::uint64_t i = 0; i < request.row_bytes; i += 64) __builtin_prefetch(at + i, 1);
  }
}

/// Bursts that each wait for the end of the one `outstanding` before them, as far as they end at equal distances. The
/// next burst is issued in `cycle`; none after `until`. Whether there were any.
bool DmaSchedule::serve_many(BurstPath& path, Transfer& transfer, Cycle cycle, Cycle until, Picoseconds limit_ps) {
  const auto outstanding = static_cast<std::uint64_t>(p_.outstanding);
  if (passed_over_ > 0) {
    --passed_over_;
    return false;
  }
  if (ends_.size() != outstanding || cycle != ends_.front() + 1 || !transfer.repeats) return false;
  // What does not repeat itself, a refresh or another request, makes one distance longer.
  const Cycle period = std::min(period_, period_before_);
  DmaRequest& request = transfer.request;
  const auto size = static_cast<std::uint64_t>(p_.burst_bytes);
  Burst burst;
  std::uint64_t most = next_run(transfer, burst.address) / size;
  burst.bytes = static_cast<unsigned>(size);
  burst.write = request.write;
  const bool continues = last_.bytes == size && last_.write == burst.write && last_.address + size == burst.address;
  if (!continues || period == 0 || period == kNever || most < 2 || (burst.address & (size - 1)) != 0) return false;
  burst.data = borrows(path, transfer) ? nullptr : transfer.local(transfer.issued);
  requests_.restart(static_cast<Picoseconds>(period) * clock_ps_);
  Cycle regular = kNever;
  std::uint64_t j = 0;
  for (const Cycle end : ends_) {
    if (end != regular) requests_.add(j, ps(end + 1));
    regular = end + period;
    ++j;
  }
  if (until < kNever - 1) most = requests_.until(ps(until), most);
  if (most == 0) return false;
  if (transfer.issued == 0 && request.on_issue) request.on_issue();
  if (request.write) loans_.prepare_write(burst.address, most * size);
  BurstTimes last;
  const std::uint64_t count = path.serve_many(burst, most, requests_, limit_ps, last);
  if (count == 0) {
    failed_ = std::min(failed_ + 1, p_.outstanding);
    passed_over_ = failed_;
    return false;
  }
  failed_ = 0;
  const auto end = [&, from = last_end_](std::uint64_t i) { return from + (i + 1) * period; };
  const Cycle last_end = cycle_at(last.response_ps);
  if (listener_ != nullptr) tell_row(burst, count, period, last_end);
  issued_ = cycle_at(requests_.at(count - 1));
  next_issue_ = std::max(issued_ + 1, cycle_at(last.accepted_ps));
  for (std::uint64_t i = count - std::min(count, outstanding); i + 1 < count; ++i) ends_.push_back(end(i));
  ends_.push_back(last_end);
  passed_over_ = count < most && last_end == end(count - 1) ? 1 : 0;
  period_before_ = count > 1 ? period : period_;
  period_ = last_end - (last_end_ + (count - 1) * period);
  last_end_ = last_end;
  last_.address += count * size;
  advance(path, transfer, count * size, size);
  return true;
}

/// The next `bytes` bytes have been issued, in bursts of `burst_bytes`; the last of them have been transferred when
/// last_end_ begins.
void DmaSchedule::advance(BurstPath& path, Transfer& transfer, std::uint64_t bytes, std::uint64_t burst_bytes) {
  const DmaRequest& request = transfer.request;
  if (borrows(path, transfer)) {
    const std::uint64_t at = transfer.issued;
    loans_.lend(request.address + at, request.data + at, transfer.source + at, bytes);
  }
  transfer.issued += bytes;
  transfer.reached = last_end_;
  (request.write ? write_bytes_ : read_bytes_) += bytes;
  TransferPointer over;  // keeps it until it has been told
  if (transfer.issued == transfer.total) {
    over = queue(transfer).pop_front();
  }
  told_at_ = last_end_;
  transfer.tell_progress({transfer.issued, last_end_, burst_bytes, period_before_, period_});
  if (over && request.on_done) request.on_done(ErrorCode::none, last_end_);
}

/// Whether what `transfer` reads now stays where it is.
bool DmaSchedule::borrows(BurstPath& path, Transfer& transfer) const {
  if (!transfer.request.borrow || mode_ != Mode::ahead) return false;
  if (transfer.source == nullptr) {
    transfer.source = path.memory(transfer.request.address, transfer.total);
    if (transfer.source == nullptr) transfer.request.borrow = false;
  }
  return transfer.request.borrow;
}

const std::uint8_t* DmaSchedule::foresee(std::uint64_t address, std::uint64_t bytes) {
  if (mode_ != Mode::ahead || lender_ == nullptr) return nullptr;
  const std::uint8_t* const source = lender_->memory(address, bytes);
  if (source != nullptr) loans_.watch(address, bytes);
  return source;
}

bool DmaSchedule::borrow_at_once(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) {
  if (mode_ != Mode::ahead || lender_ == nullptr) return false;
  const std::uint8_t* const source = lender_->memory(address, bytes);
  if (source != nullptr) loans_.lend(address, data, source, bytes);
  return source != nullptr;
}

}  // namespace flexcim
