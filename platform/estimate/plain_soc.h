// The SoC by arithmetic alone: accelerator, DRAM, and the native host that drives it.
#pragma once

#include "platform/config/scenario.h"
#include "platform/driver/program_host.h"
#include "platform/estimate/plain_accelerator.h"
#include "platform/program/soc_probe.h"
#include "tlm/timing/crossbar_timing.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace flexcim {

/// Times and counts are those of a native host in a simulation (platform/host/native_host.h): accesses are blocking and
/// loosely timed, memory is accessed directly once the bus has said that it may be.
class PlainSoc : public ProgramHost, public SocProbe {
 public:
  /// `memory` is what DRAM holds in the beginning. `at_window` is called as SocMeter::sample wants it, with windows of
  /// `window_ps`.
  PlainSoc(const Architecture& architecture, const MemoryImage& memory, Picoseconds window_ps,
           std::function<void(std::uint64_t window)> at_window);

  const std::uint8_t* dram_bytes() const { return accelerator_.system().dram.bytes.data(); }
  /// The program is over.
  void finish() { at_window_(window()); }

  Picoseconds now_ps() const override { return now_ps_; }
  Picoseconds reached_ps() const override { return std::max(now_ps_, accelerator_.reached_ps()); }

  const DramTiming& dram() const override { return accelerator_.system().dram.timing; }
  const HostCounts& host() const override { return counts(); }
  const std::vector<CommandRecord>& records() const override { return accelerator_.records(); }
  const std::vector<SocCounts>& counts_at_ends() const override { return accelerator_.counts_at_ends(); }
  void listen(ActivityListener& activity, BufferListener& buffers, DramListener& dram) override;

 private:
  bool transfer(bool write, std::uint64_t address, void* data, std::size_t bytes) override;
  void transfer_stream(bool write, std::uint64_t address, std::size_t bytes) override;
  void transfer_memory(bool write, std::uint64_t offset, void* data, std::size_t bytes);
  std::uint32_t read_register(std::uint64_t address);
  void write_register(std::uint64_t address, std::uint32_t value);
  void pass(Picoseconds time) override;
  void sleep(const std::vector<Interrupt>& enabled) override;
  std::uint64_t window() const { return static_cast<std::uint64_t>(now_ps_ / window_ps_); }

  PlainAccelerator accelerator_;
  const CrossbarTiming bus_;
  const Picoseconds window_ps_;
  const std::function<void(std::uint64_t)> at_window_;
  Picoseconds now_ps_ = 0;
  std::uint64_t sampled_ = 0;  ///< windows
  bool direct_ = false;        ///< memory is accessed directly
};

}  // namespace flexcim
