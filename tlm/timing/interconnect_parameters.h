// What the interconnect can be made of.
#pragma once

#include <cstdint>

namespace flexcim {

struct InterconnectParameters {
  static constexpr int most_width_bytes = 1024;
  static constexpr int most_latency_cycles = 1000;

  std::int64_t clock_ps = 1000;  ///< at least 1
  int width_bytes = 32;          ///< per cycle on each request and each response channel, a power of two
  int latency_cycles = 4;        ///< register stages each way, from 0

  /// Throws InputError naming the parameter and its range.
  void validate() const;
};

}  // namespace flexcim
