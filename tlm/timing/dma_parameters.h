// What the DMA engine can be made of.
#pragma once

namespace flexcim {

struct DmaParameters {
  static constexpr int most_outstanding = 64;
  static constexpr int least_burst_bytes = 16;
  static constexpr int most_burst_bytes = 4096;

  int outstanding = 8;    ///< bursts between their issue and the end of their response, from 1
  int burst_bytes = 256;  ///< longest burst, a power of two; a burst does not cross a multiple of it

  /// Throws InputError naming the parameter and its range.
  void validate() const;
};

}  // namespace flexcim
