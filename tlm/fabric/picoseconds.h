// Simulated time as integers, whatever resolution the simulation runs at.
#pragma once

#include <systemc>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace flexcim {

inline std::int64_t to_picoseconds(const sc_core::sc_time& time) {
  static const std::uint64_t one = sc_core::sc_time(1, sc_core::SC_PS).value();
  return static_cast<std::int64_t>((time.value() + one / 2) / one);
}

inline sc_core::sc_time from_picoseconds(std::int64_t ps) { return {static_cast<double>(ps), sc_core::SC_PS}; }

inline std::int64_t nanoseconds_as_picoseconds(double ns) { return std::llround(ns * 1000); }

inline std::int64_t now_picoseconds() { return to_picoseconds(sc_core::sc_time_stamp()); }

/// When the first event that is now pending comes: the present time if some process is about to run.
inline std::int64_t next_activity_picoseconds() {
  static const sc_core::sc_time forever = from_picoseconds(INT64_MAX / 4);
  const sc_core::sc_time left = sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext());
  return now_picoseconds() + to_picoseconds(std::min(left, forever));
}

}  // namespace flexcim
