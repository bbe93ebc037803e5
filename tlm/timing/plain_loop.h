// What drives a CommandUnit without a simulation kernel: crossbar and DMA for one initiator in front of one memory, and
// a clock for which waiting is doing what there is to do.
#pragma once

#include "tlm/timing/command_clock.h"
#include "tlm/timing/crossbar_timing.h"
#include "tlm/timing/dma_schedule.h"
#include "tlm/timing/response_queue.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

namespace flexcim {

/// The crossbar between one initiator and one target, whose addresses begin at `base`.
class PlainBus : public BurstPath {
 public:
  /// `target` outlives the bus.
  PlainBus(const InterconnectParameters& parameters, BurstPath& target, std::uint64_t base)
      : timing_(parameters), target_(target), base_(base) {}

  bool open_path(int outstanding) override { return target_.open_path(outstanding); }
  bool serve(const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times) override {
    return path_.serve(inside(burst), target_, channels(), at_ps, limit_ps, times);
  }
  std::uint64_t serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t limit_ps,
                           BurstTimes& last) override {
    return path_.serve_many(inside(burst), most, target_, channels(), requests, limit_ps, last);
  }
  const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) override {
    return target_.memory(address - base_, bytes);
  }

  /// The first half of serve(), where answers may overtake each other: `times.response_ps` is when the target answers.
  /// A request that is granted before `room_ps` waits there until then, and the next one behind it.
  bool request(const Burst& burst, Picoseconds at_ps, Picoseconds room_ps, BurstTimes& times);
  /// The second half, in the order in which the target answers: when the initiator has what it gives `at_ps`.
  Picoseconds deliver(Picoseconds at_ps, bool write, std::uint64_t bytes) {
    return response_free_ = timing_.delivered(at_ps, write, bytes, response_free_);
  }

  /// Another initiator has used the target: nothing continues the last burst.
  void interrupt() { path_.interrupt(); }

  /// `ps` pass, at whose end everything is as it is now.
  void skip(Picoseconds ps) {
    request_free_ += ps;
    response_free_ += ps;
    path_.skip(ps);
  }

 private:
  Burst inside(const Burst& burst) const { return {burst.address - base_, burst.bytes, burst.write, burst.data}; }
  CrossbarPath::Channels channels() { return {request_free_, response_free_, 0, 0}; }

  const CrossbarTiming timing_;
  CrossbarPath path_{timing_};
  BurstPath& target_;
  const std::uint64_t base_;
  Picoseconds request_free_ = 0, response_free_ = 0;
};

inline bool PlainBus::request(const Burst& burst, Picoseconds at_ps, Picoseconds room_ps, BurstTimes& times) {
  const Picoseconds granted = timing_.granted(at_ps, request_free_);
  const bool waits = granted < room_ps;
  Picoseconds arrival = granted + timing_.to_target(burst.write, burst.bytes);
  if (waits) arrival = std::max(arrival, room_ps);
  if (!target_.serve(inside(burst), arrival, INT64_MAX, times)) return false;
  times.accepted_ps = request_free_ = granted + timing_.request_time(burst.write, burst.bytes);
  if (waits) request_free_ = std::max(request_free_, timing_.edge_after(arrival));
  return true;
}

/// The DMA on that bus. Where the memory answers in the order of requests, bursts take the BurstPath; otherwise they
/// are told in the order of its answers.
class PlainMemory : public DmaSchedule {
 public:
  /// `bus` outlives it.
  PlainMemory(const DmaParameters& parameters, Picoseconds clock_ps, PlainBus& bus)
      : DmaSchedule(parameters, clock_ps), bus_(bus), in_order_(bus.open_path(parameters.outstanding)) {}

  void abort_all() override {
    DmaSchedule::abort_all();
    requests_.for_each([this](std::size_t burst) { bursts_[burst].transfer->aborted = true; });
  }
  void post(DmaRequest request) override {
    asked_ = true;
    DmaSchedule::post(std::move(request));
  }

  bool debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) override {
    const std::uint8_t* const source = bus_.memory(address, bytes);
    if (source != nullptr) std::memcpy(data, source, bytes);
    return source != nullptr;
  }
  /// `cycles` pass for bus and memory alone, at whose end the bus is as it is now: what is done in cycle c from now on
  /// is done in c + `cycles` there.
  void skip(Cycle cycles) {
    const Picoseconds passing = ps(cycles) - ps(0);
    bus_.skip(passing);
    requests_.skip(passing);
    DmaSchedule::skip(cycles);
  }
  /// Whether anything was left to be done.
  bool step() {
    go_ahead();
    return go_on();
  }
  /// Does what is left to be done before `cycle` begins.
  void reach(Cycle cycle) {
    do go_ahead(cycle - 1);
    while (go_on());
  }

 private:
  void wake_at(Cycle) override {}  // step() looks
  bool go_on() { return in_order_ ? serve(bus_, 0, true, INT64_MAX).any : request_and_answer(); }
  bool request_and_answer();
  bool request(const Next& next);
  void answer();

  PlainBus& bus_;
  const bool in_order_;  ///< whether answers come in the order of requests
  // Where they do not:
  ResponseQueue<std::size_t> requests_;  ///< that the memory has still to answer, as numbers of bursts_
  std::vector<Issued> bursts_;           ///< those and free places ...
  std::vector<std::size_t> free_;        ///< ... which are these
  bool asked_ = false;                   ///< since it was looked what comes next
};

/// Throws std::logic_error where something is waited for that cannot come.
class PlainClock : public CommandClock {
 public:
  /// `memory` outlives it.
  PlainClock(Picoseconds period_ps, PlainMemory& memory) : CommandClock(period_ps), memory_(memory) {}
  void progress() override {}
  /// How far the command has come: what it is told, and what it does, from its next wait on lies there or later. A
  /// command that waits has answered all that came with the bursts issued so far.
  Cycle now() const { return now_; }

 private:
  void reach(Cycle cycle) override {
    memory_.reach(cycle);
    now_ = std::max(now_, cycle);
  }
  void step() override {
    now_ = std::max(now_, memory_.issued());
    if (!memory_.step()) throw std::logic_error("nothing goes on, but something is waited for");
  }
  void wake() override {}

  PlainMemory& memory_;
  Cycle now_ = 0;
};

}  // namespace flexcim
