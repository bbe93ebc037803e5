#include "platform/run/soc_counts.h"

#include <functional>

namespace flexcim {
namespace {

template <class Operation>
SocCounts combined(const SocCounts& a, const SocCounts& b, Operation operation) {
  return {{operation(a.dram.activates, b.dram.activates), operation(a.dram.row_hits, b.dram.row_hits),
           operation(a.dram.read_bursts, b.dram.read_bursts), operation(a.dram.write_bursts, b.dram.write_bursts),
           operation(a.dram.refreshes, b.dram.refreshes)},
          {operation(a.host.instructions, b.host.instructions), operation(a.host.bus_bytes, b.host.bus_bytes),
           operation(a.host.memory_reads, b.host.memory_reads), operation(a.host.memory_writes, b.host.memory_writes)},
          {}};
}

}  // namespace

SocCounts SocCounts::operator-(const SocCounts& earlier) const {
  SocCounts difference = combined(*this, earlier, std::minus<>());
  difference.toggles = toggles - earlier.toggles;
  return difference;
}

SocCounts& SocCounts::operator+=(const SocCounts& more) {
  const MacroToggles sum = toggles += more.toggles;
  *this = combined(*this, more, std::plus<>());
  toggles = sum;
  return *this;
}

}  // namespace flexcim
