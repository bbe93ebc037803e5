// The accelerator and its memory without SystemC: the commands of a ring, one after the other, in a plain loop.
#pragma once

#include "tlm/engine/fast_engine.h"
#include "tlm/timing/command_unit.h"
#include "tlm/timing/crossbar_timing.h"
#include "tlm/timing/dma_schedule.h"
#include "tlm/timing/dram_timing.h"

#include <cstring>
#include <stdexcept>
#include <vector>

namespace flexcim::test {

/// One channel of DRAM at [base, base + size).
class PlainDram : public BurstPath {
 public:
  PlainDram(const DramParameters& parameters, std::vector<std::uint8_t> content)
      : bytes(std::move(content)), timing(parameters) {}

  bool open_path(int) override { return true; }
  bool serve(const Burst& burst, std::int64_t at_ps, std::int64_t, BurstTimes& times) override {
    if (memory(burst.address, burst.bytes) == nullptr) return false;
    move(burst, burst.bytes);
    last_ps_ = times.response_ps = timing.access(at_ps, burst.address, burst.bytes, burst.write);
    return true;
  }
  std::uint64_t serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t,
                           BurstTimes& last) override {
    const std::uint64_t count = timing.serve_many(burst.address, burst.bytes, most, requests);
    move(burst, count * burst.bytes);
    last.response_ps = last_ps_ += static_cast<std::int64_t>(count) * requests.period();
    return count;
  }
  const std::uint8_t* memory(std::uint64_t address, std::uint64_t count) override {
    return address <= bytes.size() && count <= bytes.size() - address ? bytes.data() + address : nullptr;
  }

  std::vector<std::uint8_t> bytes;
  DramTiming timing;

 private:
  void move(const Burst& burst, std::uint64_t count) {
    if (burst.data == nullptr || count == 0) return;
    std::uint8_t* const here = bytes.data() + burst.address;
    std::memcpy(burst.write ? here : burst.data, burst.write ? burst.data : here, count);
  }

  Picoseconds last_ps_ = 0;
};

/// The crossbar between one initiator and that DRAM.
class PlainBus : public BurstPath {
 public:
  PlainBus(const InterconnectParameters& parameters, PlainDram& dram, std::uint64_t base)
      : timing_(parameters), dram_(dram), base_(base) {}

  bool open_path(int) override { return true; }
  bool serve(const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times) override {
    return path_.serve(inside(burst), dram_, channels(), at_ps, limit_ps, times);
  }
  std::uint64_t serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t limit_ps,
                           BurstTimes& last) override {
    return path_.serve_many(inside(burst), most, dram_, channels(), requests, limit_ps, last);
  }
  const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) override {
    return dram_.memory(address - base_, bytes);
  }

 private:
  Burst inside(Burst burst) const {
    burst.address -= base_;
    return burst;
  }
  CrossbarPath::Channels channels() { return {request_free_, response_free_, 0, 0}; }

  const CrossbarTiming timing_;
  CrossbarPath path_{timing_};
  PlainDram& dram_;
  const std::uint64_t base_;
  Picoseconds request_free_ = 0, response_free_ = 0;
};

class PlainMemory : public DmaSchedule {
 public:
  PlainMemory(const DmaParameters& parameters, Picoseconds clock_ps, PlainBus& bus)
      : DmaSchedule(parameters, clock_ps), bus_(bus) {}

  bool debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) override {
    const std::uint8_t* const source = bus_.memory(address, bytes);
    if (source != nullptr) std::memcpy(data, source, bytes);
    return source != nullptr;
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

/// Waiting is doing what there is to do.
class PlainClock : public CommandClock {
 public:
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

class PlainSystem {
 public:
  PlainSystem(const AcceleratorParameters& p, const DmaParameters& dma, const InterconnectParameters& bus_parameters,
              const DramParameters& type, std::uint64_t base, std::vector<std::uint8_t> content)
      : parameters(p),
        engine(p.macro, p.array),
        dram(type, std::move(content)),
        bus(bus_parameters, dram, base),
        memory(dma, p.clock_ps, bus),
        clock(p.clock_ps, memory),
        commands(parameters, memory, engine, clock) {
    memory.set_before_return([this] { commands.return_loans(); });
  }

  const AcceleratorParameters parameters;
  FastEngine engine;
  PlainDram dram;
  PlainBus bus;
  PlainMemory memory;
  PlainClock clock;
  CommandUnit commands;
};

}  // namespace flexcim::test
