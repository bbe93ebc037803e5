#include "tlm/timing/dma_parameters.h"

#include "flow/base/error.h"

#include <fmt/format.h>

namespace flexcim {

void DmaParameters::validate() const {
  if (outstanding < 1 || outstanding > most_outstanding) {
    throw InputError(fmt::format("DMA: outstanding must be 1..{}", most_outstanding));
  }
  const bool power_of_two = burst_bytes > 0 && (burst_bytes & (burst_bytes - 1)) == 0;
  if (!power_of_two || burst_bytes < least_burst_bytes || burst_bytes > most_burst_bytes) {
    throw InputError(
        fmt::format("DMA: burst_bytes must be a power of two from {} to {}", least_burst_bytes, most_burst_bytes));
  }
}

}  // namespace flexcim
