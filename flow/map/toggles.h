// Switching activity of a macro, by groups of signals (docs/energy.md).
#pragma once

#include "flow/base/statistic.h"

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
};

template <>
struct StatisticList<MacroToggles> {
  static constexpr auto list = statistics<MacroToggles>({
      {"lines", "bits", "data lines of active sub-macros", count<&MacroToggles::lines>},
      {"selects", "bits", "column and first-stage selects of active sub-macros", count<&MacroToggles::selects>},
      {"products", "bits", "product registers", count<&MacroToggles::products>},
      {"column_trees", "bits", "registers of column trees", count<&MacroToggles::column_trees>},
      {"psum_buffers", "bits", "psum buffer entries", count<&MacroToggles::psum_buffers>},
      {"merger", "bits", "registers of the merger", count<&MacroToggles::merger>},
      {"weight_load", "bits", "cells, where they are written", count<&MacroToggles::weight_load>},
      {"select_bits", "bits", "of selects that could have changed", count<&MacroToggles::select_bits>},
  });
};

}  // namespace flexcim
