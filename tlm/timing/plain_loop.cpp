#include "tlm/timing/plain_loop.h"

namespace flexcim {

/// Does what there is to do up to pause_at(), requests and answers in the order of simulated time. Whether there was
/// anything.
bool PlainMemory::request_and_answer() {
  bool any = false;
  for (;; any = true) {
    const Next next = this->next(0);
    // No request is made before, so that no answer will come earlier than the one that is due until then.
    const Cycle at = std::min(next.cycle, pause_at() == kNever ? kNever : pause_at() + 1);
    if (!requests_.empty() && (at == kNever || requests_.due() <= ps(at))) {
      answer();
    } else if (next.cycle == kNever || next.cycle > pause_at() || !request(next)) {
      return any;
    }
  }
}

bool PlainMemory::request(const Next& next) {
  const Transfer& transfer = **next.transfer;
  if (transfer.issued == 0 && transfer.request.on_issue) transfer.request.on_issue();
  Burst burst;
  burst.bytes = static_cast<unsigned>(next_burst(transfer, burst.address));
  burst.write = transfer.request.write;
  burst.data = transfer.local(transfer.issued);
  BurstTimes times;
  if (!bus_.request(burst, ps(next.cycle), requests_.room(kDramQueueDepth), times)) return false;
  requests_.accept(times.response_ps, begin(*next.transfer, burst.bytes, next.cycle));
  next_issue_ = std::max(next_issue_, cycle_at(times.accepted_ps));
  return true;
}

void PlainMemory::answer() {
  const Picoseconds at_ps = requests_.due();
  const Issued burst = requests_.take();
  const Picoseconds delivered = bus_.deliver(at_ps, burst.transfer->request.write, burst.bytes);
  finish(burst, ErrorCode::none, cycle_at(delivered));
}

}  // namespace flexcim
