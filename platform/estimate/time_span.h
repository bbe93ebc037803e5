// Time that is added up without a simulation.
#pragma once

#include "flow/base/error.h"

#include <cstdint>

namespace flexcim {

/// `more_ps`, a whole number, after `now_ps`. Throws InputError beyond 9000 s, up to which results hold every
/// picosecond.
inline std::int64_t later(std::int64_t now_ps, double more_ps) {
  constexpr double kMostPs = 9e15;
  if (static_cast<double>(now_ps) + more_ps > kMostPs) throw InputError("takes more than 9000 s in all");
  return now_ps + static_cast<std::int64_t>(more_ps);
}

}  // namespace flexcim
