#include "platform/config/clock_period.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

std::string megahertz(double mhz) { return fmt::format("{:.9g} MHz", mhz); }

}  // namespace

std::string ClockPeriod::to_string() const {
  const std::string simulated = megahertz(mhz()), asked = megahertz(asked_mhz_);
  return simulated == asked ? asked : fmt::format("{} ({} ps, asked for {})", simulated, ps_, asked);
}

}  // namespace flexcim
