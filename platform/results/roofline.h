// What bounds a part of a generation from below.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace flexcim {

/// How long each resource would take alone, if it never waited for another. None can be faster than the longest; with
/// one command at a time the part takes about their sum.
struct Roofline {
  std::uint64_t dram_bytes = 0;  ///< that DRAM moves, for whomever
  std::int64_t macros_ps = 0;    ///< the accelerator computes or loads cells
  std::int64_t dram_ps = 0;      ///< its bytes at the pace of its bus
  std::int64_t host_ps = 0;      ///< the host computes operators, moves data and drives the accelerator

  std::int64_t bound_ps() const { return std::max({macros_ps, dram_ps, host_ps}); }
  /// The resource that takes longest; of equal ones the first.
  std::string_view bound() const {
    return macros_ps == bound_ps() ? "macros" : dram_ps == bound_ps() ? "dram" : "host";
  }
};

}  // namespace flexcim
