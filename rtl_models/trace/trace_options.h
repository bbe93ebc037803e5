// What a user wants to see in a waveform.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace flexcim {

/// A glob (* and ?) over hierarchical names; "sub[*]" and "sub_*" are the same.
struct SignalGlob {
  std::string text;
  std::string place;  ///< where the user wrote it, for messages; empty if nowhere
};

struct TraceOptions {
  std::vector<SignalGlob> signals;  ///< empty: each block's standard selection
  std::uint64_t from_ps = 0;
  std::uint64_t to_ps = std::numeric_limits<std::uint64_t>::max();
  bool fst = false;  ///< BASE.fst in place of BASE.vcd, converted at the end
};

}  // namespace flexcim
