// The accelerator and its memory without a simulation kernel: commands one after the other, in a plain loop.
#pragma once

#include "tlm/engine/macro_engine.h"
#include "tlm/timing/command_unit.h"
#include "tlm/timing/dram_timing.h"
#include "tlm/timing/plain_loop.h"

#include <cstring>
#include <utility>
#include <vector>

namespace flexcim {

/// DRAM and its bytes, from address 0 on.
class PlainDram : public BurstPath {
 public:
  PlainDram(const DramParameters& parameters, std::vector<std::uint8_t> content)
      : bytes(std::move(content)), timing(parameters) {}

  bool open_path(int outstanding) override { return timing.answers_in_order(outstanding, kDramQueueDepth); }
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

/// Its DRAM begins at `base` with `content`. `engine` outlives it.
class PlainSystem {
 public:
  PlainSystem(const AcceleratorParameters& p, const DmaParameters& dma, const InterconnectParameters& bus_parameters,
              const DramParameters& type, std::uint64_t base, std::vector<std::uint8_t> content, MacroEngine& engine)
      : parameters(p),
        dram(type, std::move(content)),
        bus(bus_parameters, dram, base),
        memory(dma, p.clock_ps, bus),
        clock(p.clock_ps, memory),
        commands(parameters, memory, engine, clock) {
    memory.set_before_return([this] { commands.return_loans(); });
  }

  const AcceleratorParameters parameters;
  PlainDram dram;
  PlainBus bus;
  PlainMemory memory;
  PlainClock clock;
  CommandUnit commands;
};

}  // namespace flexcim
