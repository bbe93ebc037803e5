// Bursts that take the BurstPath through the crossbar: the arithmetic of its phases.
#include "tlm/fabric/interconnect_ports.h"

#include <algorithm>

namespace flexcim {

bool Interconnect::open_path(int outstanding) {
  if (!routes_.empty()) return false;
  for (auto& target : targets_) {
    if (!paths_known_) target->path = dynamic_cast<BurstPath*>(target->socket.get_interface());
    target->path_open = target->path != nullptr && target->path->open_path(outstanding);
  }
  paths_known_ = true;
  arbitration_due_.cancel();
  return true;
}

bool Interconnect::serve(std::size_t initiator, const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps,
                         BurstTimes& times) {
  const int number = map_.find(burst.address, burst.bytes);
  if (number == AddressMap::kMiss) return false;
  TargetPort& target = *targets_[static_cast<std::size_t>(number)];
  if (!target.path_open) return false;
  const std::int64_t data_beats = beats(burst.bytes);
  // As forward() and grant() ...
  const std::int64_t granted = std::max(edge_after(at_ps), edge_at_or_after(target.free_ps));
  if (granted > limit_ps) return false;
  const std::int64_t occupied = burst.write ? data_beats : 1;
  Burst inside = burst;
  inside.address -= map_[number].base;
  if (!target.path->serve(inside, granted + (occupied - 1 + p_.latency_cycles) * p_.clock_ps, INT64_MAX, times)) {
    return false;
  }
  target.last_granted = initiator;
  target.free_ps = granted + occupied * p_.clock_ps;
  times.accepted_ps = target.free_ps;
  // ... and deliver().
  InitiatorPort& to = *initiators_[initiator];
  const std::int64_t response_beats = burst.write ? 1 : data_beats;
  const std::int64_t ready = edge_at_or_after(times.response_ps) + p_.latency_cycles * p_.clock_ps;
  to.response_free_ps = std::max(ready, to.response_free_ps + response_beats * p_.clock_ps);
  times.response_ps = to.response_free_ps;
  served_ = {
      initiator,        static_cast<std::size_t>(number), burst.address + burst.bytes, burst.bytes, burst.write, ready,
      times.response_ps};
  return true;
}

std::uint64_t Interconnect::repeat(std::size_t initiator, const Burst& burst, std::uint64_t most,
                                   const RequestTimes& requests, std::int64_t limit_ps, BurstTimes& last) {
  const std::int64_t period = requests.period;
  const bool continues = served_.bytes == burst.bytes && served_.write == burst.write &&
                         served_.initiator == initiator && served_.end == burst.address;
  if (!continues || period <= 0 || clock_.remainder(static_cast<std::uint64_t>(period)) != 0) return 0;
  const std::int64_t data_beats = beats(burst.bytes) * p_.clock_ps;
  const std::int64_t response_beats = burst.write ? p_.clock_ps : data_beats;
  // Answers of the target every `period` come through in the same way, unless the channel is still catching up.
  if (period < response_beats || (served_.ready_ps != served_.response_ps && period != response_beats)) return 0;
  TargetPort& target = *targets_[served_.target];
  const AddressRange& range = map_[static_cast<int>(served_.target)];
  if (!target.path_open || burst.address - range.base >= range.size) return 0;
  most = std::min(most, (range.size - (burst.address - range.base)) / burst.bytes);

  const std::int64_t occupied = burst.write ? data_beats : p_.clock_ps;
  const std::int64_t to_target = occupied + (p_.latency_cycles - 1) * p_.clock_ps;
  arrivals_.period = period;
  arrivals_.stretches.clear();
  std::int64_t free = target.free_ps;
  for (const auto& [from, at] : requests.stretches) {
    if (from >= most) break;
    if (from > 0) free = arrivals_.at(from - 1) - to_target + occupied;
    if (free > at) most = from;  // it has to wait
    if (from >= most) break;
    const std::int64_t granted = edge_after(at);
    if (granted + occupied > at + period) most = from + 1;  // the next one has to
    arrivals_.stretches.emplace_back(from, granted + to_target);
  }
  if (most > 0 && limit_ps < INT64_MAX - to_target) most = arrivals_.until(limit_ps + to_target, most);
  if (most == 0) return 0;
  Burst inside = burst;
  inside.address -= range.base;
  const std::uint64_t count = target.path->repeat(inside, most, arrivals_, INT64_MAX, last);
  if (count == 0) return 0;
  const std::int64_t later = static_cast<std::int64_t>(count) * period;
  target.free_ps = arrivals_.at(count - 1) - to_target + occupied;
  initiators_[initiator]->response_free_ps += later;
  served_.ready_ps += later;
  served_.response_ps += later;
  served_.end += count * burst.bytes;
  last = {target.free_ps, served_.response_ps};
  return count;
}

const std::uint8_t* Interconnect::memory(std::uint64_t address, std::uint64_t bytes) {
  const int number = map_.find(address, bytes);
  if (number == AddressMap::kMiss) return nullptr;
  BurstPath* const path = targets_[static_cast<std::size_t>(number)]->path;
  return path == nullptr ? nullptr : path->memory(address - map_[number].base, bytes);
}

}  // namespace flexcim
