#include "tlm/timing/crossbar_timing.h"

namespace flexcim {

namespace {

const InterconnectParameters& checked(const InterconnectParameters& parameters) {
  parameters.validate();
  return parameters;
}

}  // namespace

CrossbarTiming::CrossbarTiming(const InterconnectParameters& parameters)
    : p_(checked(parameters)),
      clock_(static_cast<std::uint64_t>(p_.clock_ps)),
      width_(static_cast<std::uint64_t>(p_.width_bytes)) {}

bool CrossbarPath::serve(const Burst& burst, BurstPath& target, const Channels& channels, Picoseconds at_ps,
                         Picoseconds limit_ps, BurstTimes& times) {
  const Picoseconds granted = timing_.granted(at_ps, channels.request_free);
  if (granted > limit_ps) return false;
  if (!target.serve(burst, granted + timing_.to_target(burst.write, burst.bytes), INT64_MAX, times)) return false;
  times.accepted_ps = channels.request_free = granted + timing_.request_time(burst.write, burst.bytes);
  const Picoseconds ready = timing_.ready(times.response_ps);
  channels.response_free = timing_.delivered(times.response_ps, burst.write, burst.bytes, channels.response_free);
  times.response_ps = channels.response_free;
  last_ = {channels.initiator, channels.target, burst.address + burst.bytes, burst.bytes, burst.write, ready,
           times.response_ps};
  if (listener_ != nullptr) listener_->on_grant(channels.initiator, channels.target, granted, times.accepted_ps);
  return true;
}

std::uint64_t CrossbarPath::serve_many(const Burst& burst, std::uint64_t most, BurstPath& target,
                                       const Channels& channels, const Cadence& requests, Picoseconds limit_ps,
                                       BurstTimes& last) {
  const Picoseconds period = requests.period();
  const bool continues = last_.bytes == burst.bytes && last_.write == burst.write &&
                         last_.initiator == channels.initiator && last_.target == channels.target &&
                         last_.end == burst.address;
  if (!continues || !timing_.whole_clocks(period)) return 0;
  const Picoseconds response_time = timing_.response_time(burst.write, burst.bytes);
  if (period < response_time) return 0;

  const Picoseconds occupied = timing_.request_time(burst.write, burst.bytes);
  const Picoseconds to_target = timing_.to_target(burst.write, burst.bytes);
  arrivals_.restart(period);
  Picoseconds free = channels.request_free;
  for (const auto& [from, at] : requests.stretches()) {
    if (from >= most) break;
    if (from > 0) free = arrivals_.at(from - 1) - to_target + occupied;
    if (free > at) most = from;  // it has to wait
    if (from >= most) break;
    const Picoseconds granted = timing_.edge_after(at);
    if (granted + occupied > at + period) most = from + 1;  // the next one has to
    arrivals_.add(from, granted + to_target);
  }
  if (most > 0 && limit_ps < INT64_MAX - to_target) most = arrivals_.until(limit_ps + to_target, most);
  if (most == 0) return 0;
  // Answers of the target every `period` come through in the same way, unless the channel is still catching up.
  const bool even = last_.ready_ps == last_.response_ps || period == response_time;
  std::uint64_t count = even ? target.serve_many(burst, most, arrivals_, INT64_MAX, last) : 0;
  const Picoseconds later = static_cast<Picoseconds>(count) * period;
  last_.ready_ps += later;
  last_.response_ps += later;
  channels.response_free += later;
  // The next one ends what the target has foreseen. What it does not foresee may come through every `period` all the
  // same: the channel sets the pace, or waits for the next clock edge.
  const bool foreseen = count > 0;
  Burst next = burst;
  for (bool more = true; more && count < most; ++count) {
    next.address = burst.address + count * burst.bytes;
    if (burst.data != nullptr) next.data = burst.data + count * burst.bytes;
    if (!target.serve(next, arrivals_.at(count), INT64_MAX, last)) break;
    const Picoseconds due = last_.response_ps + period;
    last_.ready_ps = timing_.ready(last.response_ps);
    last_.response_ps = channels.response_free =
        timing_.delivered(last.response_ps, burst.write, burst.bytes, channels.response_free);
    more = !foreseen && last_.response_ps == due;
  }
  if (count == 0) return 0;
  for (std::uint64_t i = 0; listener_ != nullptr && i < count; ++i) {
    const Picoseconds granted = arrivals_.at(i) - to_target;
    listener_->on_grant(channels.initiator, channels.target, granted, granted + occupied);
  }
  channels.request_free = arrivals_.at(count - 1) - to_target + occupied;
  last_.end += count * burst.bytes;
  last = {channels.request_free, last_.response_ps};
  return count;
}

}  // namespace flexcim
