// Memory with wrong bits: in DRAM as the accelerator reads it, and in the SRAM buffers that it is read into
// (docs/faults.md).
#pragma once

#include "tlm/faults/transfer_faults.h"
#include "tlm/timing/memory_port.h"

#include <array>
#include <functional>
#include <memory>
#include <vector>

namespace flexcim {

/// Times are those of the port under it. A word in which a code detects an error ends its request with
/// ErrorCode::data_error once all of it has been transferred; nothing from that burst on is told before. What is
/// written stays as it is, and what nobody aims at is passed on.
class FaultyMemory : public MemoryPort {
 public:
  /// `now`: the present cycle. `memory` and `faults` outlive it.
  FaultyMemory(MemoryPort& memory, FaultInjector& faults, std::function<Cycle()> now)
      : memory_(memory), faults_(faults), now_(std::move(now)) {}

  bool dataless() const override { return memory_.dataless(); }
  void begin_command() override;
  ErrorCode end_command() override;
  void post(DmaRequest request) override;
  void abort_all() override;
  void pause() override { memory_.pause(); }
  bool debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) override;
  std::uint64_t read_bytes() const override { return memory_.read_bytes(); }
  std::uint64_t write_bytes() const override { return memory_.write_bytes(); }
  const std::uint8_t* locate(const std::uint8_t* data, std::uint64_t bytes) override {
    return memory_.locate(data, bytes);
  }
  /// Not known: bits may go wrong on the way.
  const std::uint8_t* foresee(std::uint64_t, std::uint64_t) override { return nullptr; }
  void forget(const std::uint8_t* data, std::uint64_t bytes) override { memory_.forget(data, bytes); }
  bool borrow_at_once(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) override;

 private:
  /// A read under way.
  struct Reading {
    TransferRows rows;
    std::vector<TransferFaults> faults;  ///< of DRAM, then of the buffer
    std::uint64_t told = 0;              ///< bytes
    bool failed = false;
    std::function<void(const DmaProgress& progress)> on_progress;
    std::function<void(ErrorCode error, Cycle at)> on_done;
  };
  /// What is counted if nothing is aborted before cycle `at`.
  struct Pending {
    FaultSite site;
    FaultCounts counts;
    Cycle at;
  };

  bool apply(Reading& reading, std::uint64_t bytes, Cycle at);
  void progress(Reading& reading, const DmaProgress& progress);
  void count(Cycle until);
  std::uint64_t next_access(std::size_t channel);

  MemoryPort& memory_;
  FaultInjector& faults_;
  const std::function<Cycle()> now_;
  /// In the present command, per channel, and behind them those outside of time.
  std::array<std::uint64_t, static_cast<std::size_t>(DmaChannel::count) + 1> accesses_{};
  std::vector<Pending> pending_;
};

}  // namespace flexcim
