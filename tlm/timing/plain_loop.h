// What drives a CommandUnit without a simulation kernel: crossbar and DMA for one initiator in front of one memory, and
// a clock for which waiting is doing what there is to do.
#pragma once

#include "tlm/timing/command_clock.h"
#include "tlm/timing/crossbar_timing.h"
#include "tlm/timing/dma_schedule.h"

#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace flexcim {

/// The crossbar between one initiator and one target, whose addresses begin at `base`.
class PlainBus : public BurstPath {
 public:
  /// `target` outlives the bus.
  PlainBus(const InterconnectParameters& parameters, BurstPath& target, std::uint64_t base)
      : timing_(parameters), target_(target), base_(base) {}

  bool open_path(int) override { return true; }
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
  /// `ps` pass, at whose end everything is as it is now.
  void skip(Picoseconds ps) {
    request_free_ += ps;
    response_free_ += ps;
    path_.skip(ps);
  }

 private:
  Burst inside(Burst burst) const {
    burst.address -= base_;
    return burst;
  }
  CrossbarPath::Channels channels() { return {request_free_, response_free_, 0, 0}; }

  const CrossbarTiming timing_;
  CrossbarPath path_{timing_};
  BurstPath& target_;
  const std::uint64_t base_;
  Picoseconds request_free_ = 0, response_free_ = 0;
};

/// The DMA on that bus.
class PlainMemory : public DmaSchedule {
 public:
  /// `bus` outlives it.
  PlainMemory(const DmaParameters& parameters, Picoseconds clock_ps, PlainBus& bus)
      : DmaSchedule(parameters, clock_ps), bus_(bus) {}

  bool debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) override {
    const std::uint8_t* const source = bus_.memory(address, bytes);
    if (source != nullptr) std::memcpy(data, source, bytes);
    return source != nullptr;
  }
  /// `cycles` pass for bus and memory alone, at whose end the bus is as it is now: what is done in cycle c from now on
  /// is done in c + `cycles` there.
  void skip(Cycle cycles) {
    bus_.skip(ps(cycles) - ps(0));
    DmaSchedule::skip(cycles);
  }
  /// Whether anything was left to be done.
  bool step() {
    go_ahead();
    return serve(bus_, 0, true, INT64_MAX).any;
  }
  /// Does what is left to be done before `cycle` begins.
  void reach(Cycle cycle) {
    do go_ahead(cycle - 1);
    while (serve(bus_, 0, true, INT64_MAX).any);
  }

 private:
  void wake_at(Cycle) override {}  // step() looks

  PlainBus& bus_;
};

/// Throws std::logic_error where something is waited for that cannot come.
class PlainClock : public CommandClock {
 public:
  /// `memory` outlives it.
  PlainClock(Picoseconds period_ps, PlainMemory& memory) : CommandClock(period_ps), memory_(memory) {}
  void progress() override {}

 private:
  void reach(Cycle cycle) override { memory_.reach(cycle); }
  void step() override {
    if (!memory_.step()) throw std::logic_error("nothing goes on, but something is waited for");
  }
  void wake() override {}

  PlainMemory& memory_;
};

}  // namespace flexcim
