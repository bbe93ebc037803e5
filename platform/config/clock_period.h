// The period of a clock whose frequency a scenario gives.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace flexcim {

/// Picoseconds in the unit of results.
inline double nanoseconds(std::int64_t ps) { return static_cast<double>(ps) / 1000; }

/// Simulated time is counted in whole picoseconds, so a clock runs at the frequency whose period is the nearest whole
/// number of them: 300 MHz becomes 3333 ps, which is 300.03 MHz. Cycles are
/// turned into time, and time into cycles, only here.
class ClockPeriod {
 public:
  /// `mhz` above 0; the period is at least 1 ps.
  explicit ClockPeriod(double mhz) : asked_mhz_(mhz), ps_(std::max<std::int64_t>(1, std::llround(1e6 / mhz))) {}

  std::int64_t ps() const { return ps_; }
  double mhz() const { return 1e6 / static_cast<double>(ps_); }  ///< that is simulated
  double asked_mhz() const { return asked_mhz_; }
  /// How long so many cycles take, ps.
  std::int64_t of(std::uint64_t cycles) const { return static_cast<std::int64_t>(cycles) * ps_; }
  /// "500 MHz", or "300.030003 MHz (3333 ps, asked for 300 MHz)" where the two are not the same.
  std::string to_string() const;

 private:
  double asked_mhz_;
  std::int64_t ps_;
};

}  // namespace flexcim
