// A shortcut past the phases of the base protocol, for bursts that meet nobody else.
#pragma once

#include "tlm/timing/cadence.h"

#include <cstdint>

namespace flexcim {

struct Burst {
  std::uint64_t address = 0;
  unsigned bytes = 0;
  bool write = false;
  std::uint8_t* data = nullptr;  ///< local: read from memory into it, or written from it to memory; null: not moved
};

struct BurstTimes {
  std::int64_t accepted_ps = 0;  ///< END_REQ: the next request may follow
  std::int64_t response_ps = 0;  ///< the initiator has all data
};

/// What a target (an object with tlm_fw_transport_if) may offer besides. While nothing else is under way in it and no
/// other process can begin anything, when a burst is granted and answered follows by arithmetic from those before it:
/// the initiator may then have bursts of its near future served in a row, without an event each. The times, the data
/// and the counts are those that the phases would give. An interposed recorder or checker offers no such path and so
/// sees the phases; an initiator that knows nothing of this one does, too, at the same target.
class BurstPath {
 public:
  virtual ~BurstPath() = default;

  /// Whether the path is free: nothing under way by phases, and responses in the order of requests for up to
  /// `outstanding` bursts at a time. Withdraws wake-ups of its own that have become idle, so that they do not look like
  /// somebody else's activity. To be called anew whenever other processes may have run.
  virtual bool open_path(int outstanding) = 0;

  /// Serves a burst whose request is made at `at_ps` (not before that of an earlier one), if it is granted until
  /// `limit_ps`; until then nobody else can make a request. False, with nothing changed, if it cannot: what happens
  /// then only the phases tell.
  virtual bool serve(const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times) = 0;

  /// Serves up to `most` bursts like `burst`, which continues the last one served: the same size and direction, one
  /// address after the other. Only as many as are granted until `limit_ps`, each accepted before the next one is
  /// requested, and answered `requests.period()` ps after the one before, the first so long after the last one served.
  /// Returns how many; `last`: times of the last of them, if there are any.
  virtual std::uint64_t repeat(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t limit_ps,
                               BurstTimes& last) = 0;

  /// Where the bytes [address, address + bytes) are in the simulator; null where they are not in one piece. They may
  /// change whenever another process runs.
  virtual const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) = 0;
};

}  // namespace flexcim
