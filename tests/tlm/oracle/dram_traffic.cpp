#include "tests/tlm/oracle/dram_traffic.h"

#include <algorithm>

namespace flexcim::oracle {

const char* to_string(Traffic traffic) {
  constexpr const char* names[] = {"stream", "two streams", "random reads", "random mix", "few rows", "with pauses"};
  return names[static_cast<int>(traffic)];
}

Accesses::Accesses(Traffic traffic, unsigned seed, const DramParameters& device)
    : traffic_(traffic), random_(seed), device_(device) {}

Access Accesses::next(Picoseconds end) {
  const auto draw = [this](std::uint64_t below) { return random_() % below; };
  const auto burst = static_cast<std::uint64_t>(device_.burst_bytes());
  const std::uint64_t row_set = static_cast<std::uint64_t>(device_.row_bytes * device_.bank_groups);
  const std::uint64_t size = std::uint64_t{1} << (20 + draw(8));
  Access access{at_, 0, burst, false};
  ++number_;
  switch (traffic_) {
    case Traffic::stream:
    case Traffic::two_streams: {
      access.write = traffic_ == Traffic::two_streams && number_ % 2 == 0;
      access.bytes = 512;
      std::uint64_t& stream = streams_[access.write ? 1 : 0];
      access.address = stream;
      stream += access.bytes;
      break;
    }
    case Traffic::random_reads:
      access.address = draw(size) / burst * burst;
      break;
    case Traffic::random_mix:
    case Traffic::few_rows:
    case Traffic::with_pauses:
      access.write = draw(2) == 0;
      access.bytes = 1 + draw(std::uint64_t{1} << draw(12));
      access.address = traffic_ == Traffic::random_mix ? draw(size) : draw(4) * row_set * 16 + draw(3 * row_set);
      break;
  }
  if (traffic_ == Traffic::with_pauses && draw(8) == 0) {
    // Up to a row's time, or up to three refreshes.
    const std::uint64_t longest = draw(4) == 0 ? 3 * static_cast<std::uint64_t>(device_.refi) : 200;
    at_ = std::max(at_, end) + static_cast<Picoseconds>(draw(longest)) * device_.clock_ps;
  } else if (draw(4) == 0) {
    at_ = std::max(at_, end - static_cast<Picoseconds>(draw(100)) * device_.clock_ps);
  }
  access.at = at_;
  return access;
}

void drive(DramTiming& model, TraceChecker& checker, Traffic traffic, unsigned seed, std::uint64_t commands) {
  const DramParameters& device = model.parameters();
  Accesses accesses(traffic, seed, device);
  std::mt19937 random(seed);
  Picoseconds end = 0, earliest = 0;
  for (std::uint64_t count = 1; checker.commands() < commands; ++count) {
    const Access access = accesses.next(end);
    end = model.access(access.at, access.address, access.bytes, access.write);
    earliest = access.at;
    if (traffic == Traffic::stream && random() % 8 == 0) {
      // What goes on at the pace of the bus, or more slowly.
      const auto spacing = static_cast<Picoseconds>(access.bytes) / device.burst_bytes() * device.ccd_s;
      const Cadence later(access.at + spacing * device.clock_ps, spacing * device.clock_ps);
      const std::uint64_t served = model.serve_many(access.address + access.bytes, access.bytes, 64, later);
      if (served > 0) accesses.skip(served * access.bytes, earliest = later.at(served - 1));
      end += static_cast<Picoseconds>(served) * later.period();
    }
    if (count % 1000 == 0) checker.until(earliest / device.clock_ps);
  }
}

}  // namespace flexcim::oracle
