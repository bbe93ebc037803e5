// The accelerator behind its registers, without data and without a simulation.
#pragma once

#include "platform/config/architecture.h"
#include "platform/estimate/dataless_system.h"
#include "platform/workload/memory_image.h"
#include "tlm/timing/plain_system.h"

#include <cstdint>
#include <map>
#include <vector>

namespace flexcim {

/// With its DRAM, in a plain loop. A command runs as a whole when the doorbell rings, while the time of whoever rings
/// stands still. No product is formed: outputs are bytes without a meaning.
class PlainAccelerator {
 public:
  /// The DRAM begins with `memory`, and ends with it.
  PlainAccelerator(const Architecture& architecture, const MemoryImage& memory);

  PlainSystem& system() { return system_; }
  const PlainSystem& system() const { return system_; }
  /// All commands that have run.
  const std::vector<CommandRecord>& records() const { return records_; }

  /// Its registers. Those that the firmware's driver needs act as docs/platform.md says, the others hold what was
  /// written last.
  std::uint32_t read(std::uint32_t offset) const;
  void write(std::uint32_t offset, std::uint32_t value, Picoseconds now_ps);
  /// Whether its interrupt line is high, and since when.
  bool interrupt() const;
  Picoseconds interrupt_ps() const { return interrupt_ps_; }

 private:
  void run_ring(std::uint32_t tail, Picoseconds now_ps);
  void end_command(const CommandRecord& record);

  DatalessEngine engine_;
  PlainSystem system_;
  std::map<std::uint32_t, std::uint32_t> registers_;
  std::vector<CommandRecord> records_;
  Picoseconds interrupt_ps_ = 0;
};

}  // namespace flexcim
