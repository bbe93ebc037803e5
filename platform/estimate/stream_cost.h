// What the streams of a host's operators cost, without a program that makes them.
#pragma once

#include "platform/config/architecture.h"
#include "tlm/timing/crossbar_timing.h"
#include "tlm/timing/dram_timing.h"

#include <cstdint>

namespace flexcim {

struct StreamCost {
  double ps = 0;
  DramEvents dram;  ///< but for refreshes, which come with time
};

/// Costs are those of a host that does nothing else (ProgramHost::stream): the first ones are served by the DRAM's
/// timing, many more take as much as these.
class StreamCosts {
 public:
  explicit StreamCosts(const Architecture& architecture);

  /// `bytes` in `pieces` of equal length, each behind the one before.
  StreamCost of(bool write, std::uint64_t bytes, std::uint64_t pieces) const;

 private:
  const DramParameters dram_;
  const CrossbarTiming bus_;
};

}  // namespace flexcim
