#include "tlm/timing/interconnect_parameters.h"

#include "flow/base/error.h"

#include <fmt/format.h>

namespace flexcim {

void InterconnectParameters::validate() const {
  if (clock_ps < 1) throw InputError("interconnect: clock_ps must be at least 1");
  const bool power_of_two = width_bytes > 0 && (width_bytes & (width_bytes - 1)) == 0;
  if (!power_of_two || width_bytes > most_width_bytes) {
    throw InputError(fmt::format("interconnect: width_bytes must be a power of two from 1 to {}", most_width_bytes));
  }
  if (latency_cycles < 0 || latency_cycles > most_latency_cycles) {
    throw InputError(fmt::format("interconnect: latency_cycles must be 0..{}", most_latency_cycles));
  }
}

}  // namespace flexcim
