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

/// An interface that a target (an object with tlm_fw_transport_if) may offer in addition. While nothing else is under
/// way in the target and no other process can start anything, the times of a burst follow by arithmetic from the bursts
/// before it. An initiator may then have its next bursts served in a row, without an event for each. Times, data and
/// counts are the same as with the phases of the protocol. A recorder or checker between the two offers no path, and so
/// sees the phases. Initiators that use the path and initiators that use the phases may share a target.
class BurstPath {
 public:
  virtual ~BurstPath() = default;

  /// Whether the path is free: no transaction is under way by phases, and up to `outstanding` bursts at a time are
  /// answered in the order of their requests. Cancels notifications of its own that have become needless, so that they
  /// do not look like another process's activity. Call it again whenever other processes may have run.
  virtual bool open_path(int outstanding) = 0;

  /// Serves a burst that is requested at `at_ps`, not before the request of an earlier one. Nobody else can make a
  /// request up to `limit_ps`; if the burst would be granted later than that, returns false and changes nothing, and
  /// the burst has to take the phases.
  virtual bool serve(const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times) = 0;

  /// Serves up to `most` bursts like `burst`, which continues the last one served: the same size and direction, one
  /// address after the other. Only as many as are granted until `limit_ps`, each accepted before the next one is
  /// requested, and answered `requests.period()` ps after the one before, the first so long after the last one served;
  /// only the last of them may be answered at another time. Returns how many; `last`: times of the last of them, if
  /// there are any.
  virtual std::uint64_t serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests,
                                   std::int64_t limit_ps, BurstTimes& last) = 0;

  /// Where the bytes [address, address + bytes) are in the simulator; null where they are not in one piece. They may
  /// change whenever another process runs.
  virtual const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) = 0;
};

}  // namespace flexcim
