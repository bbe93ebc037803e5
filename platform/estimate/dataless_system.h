// The accelerator and its memory without data: cycles and counts of one command, by the loop nest of tlm/timing in a
// plain loop.
#pragma once

#include "platform/config/architecture.h"
#include "platform/estimate/weightless_image.h"
#include "tlm/engine/macro_engine.h"
#include "tlm/timing/command_unit.h"
#include "tlm/timing/dram_timing.h"
#include "tlm/timing/plain_loop.h"

#include <vector>

namespace flexcim {

/// A macro array that only takes time.
class DatalessEngine : public MacroEngine {
 public:
  explicit DatalessEngine(const MacroGeometry& geometry)
      : geometry_(geometry), latency_(static_cast<Cycle>(pipeline_latency(geometry))) {}

  Cycle load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override {
    return start + load_cycles(geometry_, tile->bytes, port_bytes);
  }
  Cycle load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override {
    return start + write_cycles(geometry_, tile->bytes, port_bytes);
  }
  Cycle swap(Cycle at) override { return at + 1; }
  Cycle run(Cycle start, const MatrixView<const std::int8_t>& activations, const MatrixView<std::int32_t>&,
            std::uint64_t pass_cycles) override {
    const Cycle end = start + activations.rows * pass_cycles;
    drained_ = end + latency_;
    return end;
  }
  Cycle drained() const override { return drained_; }
  void set_before_suspend(std::function<void()>) override {}
  void reset() override {}

 private:
  const MacroGeometry geometry_;
  const Cycle latency_;
  Cycle drained_ = 0;
};

/// DRAM that holds a command at address 0 and the directory of its weight image; all other bytes are not there, but
/// take their time.
class DatalessDram : public BurstPath {
 public:
  /// `weights`: address of the image, which outlives the memory.
  DatalessDram(const DramParameters& parameters, const Descriptor& command, const WeightlessImage& image,
               std::uint64_t weights)
      : timing_(parameters), command_(encode(command)), image_(image), weights_(weights) {}

  bool open_path(int outstanding) override { return timing_.answers_in_order(outstanding, kDramQueueDepth); }
  bool serve(const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times) override;
  std::uint64_t serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t limit_ps,
                           BurstTimes& last) override;
  /// Until it is asked again.
  const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) override;

  const DramTiming& timing() const { return timing_; }
  /// As DramTiming's.
  void skip(Picoseconds ps);

 private:
  void move(const Burst& burst, std::uint64_t bytes);

  DramTiming timing_;
  const DescriptorImage command_;
  const WeightlessImage& image_;
  const std::uint64_t weights_;
  std::vector<std::uint8_t> read_;  ///< what memory() has been asked for
  Picoseconds last_ps_ = 0;
};

class DatalessMemory : public PlainMemory {
 public:
  using PlainMemory::PlainMemory;
  bool dataless() const override { return true; }
};

/// What a command costs.
struct CommandCounts {
  Cycle cycles = 0;
  GemmStatistics gemm;
  DramEvents dram;
};

template <>
struct StatisticList<CommandCounts> {
  static constexpr auto list =
      joined(statistics<CommandCounts>({{"cycles", "cycles", "from its descriptor on", count<&CommandCounts::cycles>}}),
             joined(statistics_of_part<&CommandCounts::gemm>(), statistics_of_part<&CommandCounts::dram>()));
};

class DatalessSystem {
 public:
  /// `command` is complete but for the bytes of its weights: gemm_descriptor() with addresses, in DRAM behind one page.
  /// `image` outlives the system.
  DatalessSystem(const Architecture& architecture, const Descriptor& command, const WeightlessImage& image);

  /// Runs the command from cycle 0 on, with DRAM that has been idle before; `error` is what the accelerator refuses it
  /// with. Steps that `listener` has left out cost nothing; null for none.
  CommandCounts run(StepListener* listener, ErrorCode& error);

  /// During run(): what has been spent when cycle `end` begins. Transfers may be counted ahead of it.
  CommandCounts counts(Cycle end) const;
  /// During run(): `cycles` pass for the memory alone, at whose end it is as it is now but for its refreshes.
  void skip(Cycle cycles);

 private:
  const AcceleratorParameters parameters_;
  DatalessDram dram_;
  PlainBus bus_;
  DatalessMemory memory_;
  PlainClock clock_;
  DatalessEngine engine_;
  CommandUnit unit_;
};

}  // namespace flexcim
