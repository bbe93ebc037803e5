// When a crossbar's channels carry a request and its response: arithmetic on bus clock edges, for the phases of the
// protocol and for bursts that take the path past them.
#pragma once

#include "flow/base/cycle.h"
#include "flow/base/divisor.h"
#include "tlm/timing/burst_path.h"
#include "tlm/timing/interconnect_parameters.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace flexcim {

/// Every target has one request channel, every initiator one response channel. A channel is known by the time at which
/// it is free again. Times are picoseconds since the simulation's start, bytes those of a whole burst.
class CrossbarTiming {
 public:
  /// Throws InputError for parameters out of range.
  explicit CrossbarTiming(const InterconnectParameters& parameters);

  /// The clock edge at which a request that arrives `at` may be granted on a channel that is `free`: the first one
  /// behind its arrival.
  Picoseconds granted(Picoseconds at, Picoseconds free) const {
    const Picoseconds edge = edge_after(at);
    return free <= edge ? edge : edge_from(free);
  }
  /// How long a request occupies its channel: a write with all its data, a read for one cycle.
  Picoseconds request_time(bool write, std::uint64_t bytes) const { return (write ? beats(bytes) : 1) * p_.clock_ps; }
  /// From the grant until the last beat has reached the target.
  Picoseconds to_target(bool write, std::uint64_t bytes) const {
    return request_time(write, bytes) + (p_.latency_cycles - 1) * p_.clock_ps;
  }
  /// How long a response occupies its channel: a read's with all its data, a write's for one cycle.
  Picoseconds response_time(bool write, std::uint64_t bytes) const { return (write ? 1 : beats(bytes)) * p_.clock_ps; }
  /// When a response that a target gives `at` could have reached the initiator, were the channel free.
  Picoseconds ready(Picoseconds at) const { return edge_from(at) + latency(); }
  /// When it has, on a channel that is `free`; then the channel is free again. Data stream while they arrive.
  Picoseconds delivered(Picoseconds at, bool write, std::uint64_t bytes, Picoseconds free) const {
    return std::max(ready(at), free + response_time(write, bytes));
  }
  /// One way through the register stages.
  Picoseconds latency() const { return p_.latency_cycles * p_.clock_ps; }
  /// Of a blocking access, both ways, without contention.
  Picoseconds blocking_time(std::uint64_t bytes) const { return 2 * latency() + beats(bytes) * p_.clock_ps; }
  /// When the last byte of a stream of `bytes` has reached the initiator, or the target, and its answer the initiator:
  /// the request has arrived at the target `at`, which has served it all `served`. Data pass while they come.
  Picoseconds streamed(Picoseconds at, Picoseconds served, std::uint64_t bytes) const {
    return std::max(served, at + beats(bytes) * p_.clock_ps) + latency();
  }
  /// The first edge after `ps`, and not before it.
  Picoseconds edge_after(Picoseconds ps) const {
    return (static_cast<Picoseconds>(clock_.quotient(static_cast<std::uint64_t>(ps))) + 1) * p_.clock_ps;
  }
  Picoseconds edge_from(Picoseconds ps) const {
    return static_cast<Picoseconds>(clock_.ceiling(static_cast<std::uint64_t>(ps))) * p_.clock_ps;
  }
  /// Whether `ps` is a whole number of clocks.
  bool whole_clocks(Picoseconds ps) const { return clock_.remainder(static_cast<std::uint64_t>(ps)) == 0; }

 private:
  std::int64_t beats(std::uint64_t bytes) const {
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(width_.ceiling(bytes)));
  }

  const InterconnectParameters p_;
  const Divisor clock_, width_;
};

/// Hears of every request that a crossbar grants, in the order of a target's grants; blocking accesses come between.
class GrantListener {
 public:
  virtual ~GrantListener() = default;
  /// The request channel of `target` serves `initiator` in [from_ps, to_ps), perhaps ahead of simulated time. Both are
  /// numbers as CrossbarPath::Channels has them.
  virtual void on_grant(std::size_t initiator, std::size_t target, Picoseconds from_ps, Picoseconds to_ps) = 0;
};

/// Bursts that go through a crossbar by BurstPath: what its channels did with the last one, so that those which
/// continue it can be told in one step.
class CrossbarPath {
 public:
  explicit CrossbarPath(const CrossbarTiming& timing) : timing_(timing) {}

  /// The two channels of a burst: when they are free.
  struct Channels {
    Picoseconds& request_free;
    Picoseconds& response_free;
    std::size_t initiator;
    std::size_t target;
  };
  /// As BurstPath::serve, for a burst at an address of the target.
  bool serve(const Burst& burst, BurstPath& target, const Channels& channels, Picoseconds at_ps, Picoseconds limit_ps,
             BurstTimes& times);
  /// As BurstPath::serve_many.
  std::uint64_t serve_many(const Burst& burst, std::uint64_t most, BurstPath& target, const Channels& channels,
                           const Cadence& requests, Picoseconds limit_ps, BurstTimes& last);
  /// Hears of every burst; null for none.
  void set_listener(GrantListener* listener) { listener_ = listener; }
  /// Something else has been granted: nothing continues the last burst.
  void interrupt() { last_.bytes = 0; }
  /// `ps` pass, at whose end the last burst is as long ago as now.
  void skip(Picoseconds ps) {
    last_.ready_ps += ps;
    last_.response_ps += ps;
  }

 private:
  struct Served {
    std::size_t initiator, target;
    std::uint64_t end;   ///< address after it
    unsigned bytes = 0;  ///< 0: none
    bool write;
    Picoseconds ready_ps;     ///< when its response could have been delivered, had the channel been free
    Picoseconds response_ps;  ///< when it has been
  };

  const CrossbarTiming& timing_;
  Served last_{};
  Cadence arrivals_;  ///< at the target, of one call of serve_many()
  GrantListener* listener_ = nullptr;
};

}  // namespace flexcim
