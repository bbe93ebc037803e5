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
  to.response_free_ps = std::max(edge_at_or_after(times.response_ps) + p_.latency_cycles * p_.clock_ps,
                                 to.response_free_ps + response_beats * p_.clock_ps);
  times.response_ps = to.response_free_ps;

  const std::size_t at = static_cast<std::size_t>(number);
  const bool continues = served_.bytes == burst.bytes && served_.write == burst.write &&
                         served_.initiator == initiator && served_.target == at && served_.end == burst.address &&
                         times.response_ps - served_.response_ps == granted - served_.granted_ps;
  served_ = {initiator,   at,      burst.address + burst.bytes, burst.bytes,
             burst.write, granted, times.response_ps,           continues ? granted - served_.granted_ps : 0};
  return true;
}

/// What shifts all requests by whole clock periods shifts everything here.
std::uint64_t Interconnect::repeat(std::size_t initiator, const Burst& burst, std::uint64_t most,
                                   std::int64_t period_ps, std::int64_t limit_ps) {
  const bool continues = served_.bytes == burst.bytes && served_.write == burst.write &&
                         served_.initiator == initiator && served_.end == burst.address;
  if (!continues || period_ps <= 0 || served_.period_ps != period_ps || period_ps % p_.clock_ps != 0) return 0;
  TargetPort& target = *targets_[served_.target];
  const AddressRange& range = map_[static_cast<int>(served_.target)];
  if (!target.path_open || burst.address - range.base >= range.size || served_.granted_ps > limit_ps) return 0;
  const std::uint64_t by_range = (range.size - (burst.address - range.base)) / burst.bytes;
  const auto by_limit = static_cast<std::uint64_t>((limit_ps - served_.granted_ps) / period_ps);
  Burst inside = burst;
  inside.address -= range.base;
  const std::uint64_t count = target.path->repeat(inside, std::min({most, by_range, by_limit}), period_ps, INT64_MAX);
  const std::int64_t later = static_cast<std::int64_t>(count) * period_ps;
  target.free_ps += later;
  initiators_[initiator]->response_free_ps += later;
  served_.granted_ps += later;
  served_.response_ps += later;
  served_.end += count * burst.bytes;
  return count;
}

const std::uint8_t* Interconnect::memory(std::uint64_t address, std::uint64_t bytes) {
  const int number = map_.find(address, bytes);
  if (number == AddressMap::kMiss) return nullptr;
  BurstPath* const path = targets_[static_cast<std::size_t>(number)]->path;
  return path == nullptr ? nullptr : path->memory(address - map_[number].base, bytes);
}

}  // namespace flexcim
