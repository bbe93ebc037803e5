// Accesses that bring a DRAM model to its limits, and what a model makes of them.
#pragma once

#include "tests/tlm/oracle/jedec_checker.h"
#include "tlm/timing/dram_timing.h"

#include <cstdint>
#include <random>

namespace flexcim::oracle {

enum class Traffic {
  stream,        ///< reads one behind the other, some told as a cadence
  two_streams,   ///< a read stream and a write stream in turns
  random_reads,  ///< a burst each, anywhere
  random_mix,    ///< reads and writes of a byte to two kilobytes, anywhere
  few_rows,      ///< the same, in a few rows of a few banks
  with_pauses,   ///< the same, with pauses of up to some refreshes
};
constexpr Traffic kAllTraffic[] = {Traffic::stream,     Traffic::two_streams, Traffic::random_reads,
                                   Traffic::random_mix, Traffic::few_rows,    Traffic::with_pauses};
const char* to_string(Traffic traffic);

struct Access {
  Picoseconds at;
  std::uint64_t address, bytes;
  bool write;
};

/// One access after the other, the same for a seed.
class Accesses {
 public:
  Accesses(Traffic traffic, unsigned seed, const DramParameters& device);
  /// `end`: when the one before was over. It may arrive before, but not before that one arrived.
  Access next(Picoseconds end);
  /// Of a stream: `bytes` that follow have been served, the last of them arrived at `at`.
  void skip(std::uint64_t bytes, Picoseconds at) {
    streams_[0] += bytes;
    at_ = at;
  }

 private:
  const Traffic traffic_;
  std::mt19937 random_;
  const DramParameters& device_;
  Picoseconds at_ = 0;
  std::uint64_t streams_[2] = {0, std::uint64_t{1} << 26};
  std::uint64_t number_ = 0;
};

/// Serves accesses by `model` until `checker`, which must hear its commands, has seen so many.
void drive(DramTiming& model, TraceChecker& checker, Traffic traffic, unsigned seed, std::uint64_t commands);

}  // namespace flexcim::oracle
