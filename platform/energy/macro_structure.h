// How many gates a macro is made of; the basis of its energy per event and of its area.
#pragma once

#include "platform/config/architecture.h"
#include "platform/config/technology.h"
#include "platform/energy/energy_model.h"

#include <vector>

namespace flexcim {

constexpr int kInt4Bits = 4;

/// An n:1 multiplexer made of 4:1 and 2:1 ones.
struct MuxParts {
  int four = 0;
  int two = 0;
};
MuxParts mux_parts(int inputs);

/// Bits of a pair on the data lines; those of one activation where a row has one line only.
int pair_bits(const MacroGeometry& geometry);

/// The levels of a column's adder tree: level l = 1… log2 R has R/2^l adders of 16+l-1 bits, whose sums of 16+l bits
/// are registered.
struct TreeLevel {
  int adders = 0;
  int add_bits = 0;
  int register_bits = 0;  ///< of one adder's sum
};
std::vector<TreeLevel> column_tree(const MacroGeometry& geometry);

/// Areas of all macros and buffers.
std::vector<AreaPart> area_parts(const Architecture& architecture, const Technology& technology, int cell_bits);

}  // namespace flexcim
