#include "tlm/timing/plain_loop.h"

namespace flexcim {

/// Does what there is to do up to pause_at(), requests and answers in the order of simulated time. Whether there was
/// anything.
bool PlainMemory::request_and_answer() {
  bool any = false;
  for (;; any = true) {
    const Next next = this->next(0);
    const Cycle pause = pause_at();
    // No request is made before, so that no answer will come earlier than those that are due until then.
    const Cycle at = std::min(next.cycle, pause == kNever ? kNever : pause + 1);
    if (at != kNever && (requests_.empty() || requests_.due() > ps(at))) {
      if (next.cycle > pause || !request(next)) return any;
      continue;
    }
    if (requests_.empty()) return any;
    // Another answer changes what comes next only where that had to wait for it, or where somebody asks for more.
    asked_ = false;
    do answer();
    while (at != kNever && !asked_ && pause_at() == pause && !requests_.empty() && requests_.due() <= ps(at));
  }
}

bool PlainMemory::request(const Next& next) {
  const Transfer& transfer = *next.transfer;
  if (transfer.issued == 0 && transfer.request.on_issue) transfer.request.on_issue();
  Burst burst;
  burst.bytes = static_cast<unsigned>(next_burst(transfer, burst.address));
  burst.write = transfer.request.write;
  burst.data = transfer.local(transfer.issued);
  BurstTimes times;
  if (!bus_.request(burst, ps(next.cycle), requests_.room(kDramQueueDepth), times)) return false;
  if (free_.empty()) {
    free_.push_back(bursts_.size());
    bursts_.emplace_back();
  }
  begin(bursts_[free_.back()], next.transfer, burst.bytes, next.cycle);
  requests_.accept(times.response_ps, free_.back());
  free_.pop_back();
  next_issue_ = std::max(next_issue_, cycle_at(times.accepted_ps));
  return true;
}

void PlainMemory::answer() {
  const Picoseconds at_ps = requests_.due();
  const std::size_t number = requests_.take();
  const Issued burst = std::move(bursts_[number]);
  free_.push_back(number);
  finish(burst, ErrorCode::none, cycle_at(bus_.deliver(at_ps, burst.transfer->request.write, burst.bytes)));
}

}  // namespace flexcim
