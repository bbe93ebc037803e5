#include "platform/estimate/stream_cost.h"

#include "platform/config/block_parameters.h"

#include <algorithm>
#include <cmath>

namespace flexcim {
namespace {

constexpr std::uint64_t kPage = 4096;           // at whose end a stream stops
constexpr std::uint64_t kServed = 512;          // streams that the DRAM serves: many refreshes
constexpr std::uint64_t kPlaces = 64ULL << 20;  // bytes after which addresses begin anew

}  // namespace

StreamCosts::StreamCosts(const Architecture& architecture)
    : dram_(dram_parameters(architecture)), bus_(interconnect_parameters(architecture)) {}

StreamCost StreamCosts::of(bool write, std::uint64_t bytes, std::uint64_t pieces) const {
  StreamCost cost;
  if (bytes == 0) return cost;
  const std::uint64_t piece = std::max<std::uint64_t>(1, bytes / std::max<std::uint64_t>(1, pieces));
  DramTiming timing(dram_);
  Picoseconds now = 0;
  std::uint64_t done = 0;
  for (std::uint64_t served = 0; served < kServed && done < bytes; ++served) {
    const std::uint64_t left = std::min(piece - done % piece, bytes - done), address = done % kPlaces;
    const std::uint64_t count = std::min(left, kPage - address % kPage);
    const Picoseconds arrival = now + bus_.latency();
    now = bus_.streamed(arrival, timing.access(arrival, address, count, write), count);
    done += count;
  }
  const double times = static_cast<double>(bytes) / static_cast<double>(done);
  cost.ps = static_cast<double>(now) * times;
  cost.dram = timing.events();
  for (const auto& each : StatisticList<DramEvents>::list) {
    each.at(cost.dram) = static_cast<std::uint64_t>(std::llround(static_cast<double>(each.of(cost.dram)) * times));
  }
  cost.dram.refreshes = 0;
  return cost;
}

}  // namespace flexcim
