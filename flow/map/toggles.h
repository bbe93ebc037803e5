// Switching activity of a macro, by groups of signals (docs/energy.md).
#pragma once

#include <cstdint>

namespace flexcim {

/// Bits that changed between consecutive values, since the start.
struct MacroToggles {
  std::uint64_t lines = 0;         ///< activation lines of active sub-macros, from phase to phase
  std::uint64_t selects = 0;       ///< sel_col and first-stage selects of active sub-macros, from phase to phase
  std::uint64_t products = 0;      ///< product registers of selected columns
  std::uint64_t column_trees = 0;  ///< registers of all levels of selected columns
  std::uint64_t psum_buffers = 0;  ///< entries, where they are written
  std::uint64_t merger = 0;        ///< input registers, levels and psum_final
  std::uint64_t weight_load = 0;   ///< cells, where they are written
  std::uint64_t select_bits = 0;   ///< that could have changed in `selects`; other groups' follow from MacroEvents

  MacroToggles& operator+=(const MacroToggles& other);
  MacroToggles operator-(const MacroToggles& earlier) const;
};

}  // namespace flexcim
