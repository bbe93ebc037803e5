// The accelerator behind its registers, without data and without a simulation.
#pragma once

#include "platform/config/architecture.h"
#include "platform/estimate/dataless_system.h"
#include "platform/program/soc_counts.h"
#include "platform/workload/memory_image.h"
#include "tlm/timing/plain_system.h"

#include <cstdint>
#include <map>
#include <vector>

namespace flexcim {

/// With its DRAM, in a plain loop. A command runs as a whole when the doorbell rings, while the time of whoever rings
/// stands still; registers show its end when that time has come. No product is formed: outputs are bytes without a
/// meaning.
class PlainAccelerator {
 public:
  /// The DRAM begins with `memory`, and ends with it.
  PlainAccelerator(const Architecture& architecture, const MemoryImage& memory);

  PlainSystem& system() { return system_; }
  const PlainSystem& system() const { return system_; }
  /// All commands that have run.
  const std::vector<CommandRecord>& records() const { return records_; }

  /// What DRAM had done when each of them ended.
  const std::vector<SocCounts>& counts_at_ends() const { return at_ends_; }

  /// Its registers as they are at `now_ps`, which does not decrease. Those that the firmware's driver needs act as
  /// docs/platform.md says, the others hold what was written last.
  std::uint32_t read(std::uint32_t offset, Picoseconds now_ps);
  void write(std::uint32_t offset, std::uint32_t value, Picoseconds now_ps);
  /// Whether its interrupt line is high.
  bool interrupt(Picoseconds now_ps);
  /// How far its commands have come: no access to a buffer that is told from now on begins before it.
  Picoseconds reached_ps() const { return system_.clock.ps(system_.clock.now()); }
  /// When the next of the commands ends that have not; negative where all have.
  Picoseconds next_end_ps() const;

 private:
  void run_ring(std::uint32_t tail, Picoseconds now_ps);
  void reach(Picoseconds now_ps);
  void end_command(const CommandRecord& record);
  std::uint32_t value(std::uint32_t offset) const;

  DatalessEngine engine_;
  PlainSystem system_;
  std::map<std::uint32_t, std::uint32_t> registers_;
  std::vector<CommandRecord> records_;
  std::vector<SocCounts> at_ends_;
  std::size_t ended_ = 0;    ///< records whose end the registers show
  std::uint32_t fetch_ = 0;  ///< slot of the ring that runs next
  Cycle free_ = 0;           ///< when the last command ends
  bool halted_ = false;
};

}  // namespace flexcim
