// Bursts that take the BurstPath through the crossbar.
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
  Burst inside = burst;
  inside.address -= map_[number].base;
  if (!target.path_open || !path_.serve(inside, *target.path, channels(initiator, number), at_ps, limit_ps, times)) {
    return false;
  }
  target.last_granted = initiator;
  return true;
}

std::uint64_t Interconnect::serve_many(std::size_t initiator, const Burst& burst, std::uint64_t most,
                                       const Cadence& requests, std::int64_t limit_ps, BurstTimes& last) {
  const int number = map_.find(burst.address, burst.bytes);
  if (number == AddressMap::kMiss) return 0;
  TargetPort& target = *targets_[static_cast<std::size_t>(number)];
  if (!target.path_open) return 0;
  const AddressRange& range = map_[number];
  Burst inside = burst;
  inside.address -= range.base;
  most = std::min(most, (range.size - inside.address) / burst.bytes);
  return path_.serve_many(inside, most, *target.path, channels(initiator, number), requests, limit_ps, last);
}

CrossbarPath::Channels Interconnect::channels(std::size_t initiator, int target) {
  return {targets_[static_cast<std::size_t>(target)]->free_ps, initiators_[initiator]->response_free_ps, initiator,
          static_cast<std::size_t>(target)};
}

const std::uint8_t* Interconnect::memory(std::uint64_t address, std::uint64_t bytes) {
  const int number = map_.find(address, bytes);
  if (number == AddressMap::kMiss) return nullptr;
  BurstPath* const path = targets_[static_cast<std::size_t>(number)]->path;
  return path == nullptr ? nullptr : path->memory(address - map_[number].base, bytes);
}

}  // namespace flexcim
