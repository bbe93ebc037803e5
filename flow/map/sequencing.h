// The sequencings: how a tile runs whose columns want different pairs (architecture.md §5). The table here says what
// each one does; everybody else asks the table, or the TileLayout that make_layout() fills from it.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Descriptors hold the number, so a new sequencing comes last.
enum class Sequencing {
  grouped,    ///< one phase per group of columns that agree on the selects (the published wires)
  scan,       ///< one phase per window position; cells compare it with their stored index
  dense_slot  ///< zeros are stored, the tile runs as a dense one
};

/// What a sequencing does with an N:M tile. Dense weights run alike under all of them.
struct SequencingRules {
  Sequencing value;
  std::string_view name;  ///< in scenarios and results
  bool compressed;        ///< cells hold kept elements with metadata; otherwise every weight, zeros too
  bool selects;           ///< each phase serves some of the columns, with selects from the image; otherwise all columns
  bool compares_index;    ///< metadata is the index in the group: a cell multiplies in the phase that shows its window

  /// Bits of metadata in a cell, for groups of `m` inputs and `window` pairs on the lines (both powers of two): log2(M)
  /// where cells compare an index, log2(2w), at most log2(M), where they pick a line.
  int metadata_bits(int m, int window) const;
  /// Bits of a select: log2(M/2), 0 without selects.
  int select_bits(int m) const;
  /// Phases of a pass where they do not depend on the weights: M/2/w where cells compare an index, otherwise 1.
  int fixed_phases(int m, int window) const;
};

/// One row per sequencing, in the order of their numbers.
inline constexpr std::array<SequencingRules, 3> kSequencings{{
    {Sequencing::grouped, "grouped", true, true, false},
    {Sequencing::scan, "scan", true, false, true},
    {Sequencing::dense_slot, "dense_slot", false, false, false},
}};

constexpr const SequencingRules& rules_of(Sequencing sequencing) {
  return kSequencings[static_cast<std::size_t>(sequencing)];
}
constexpr std::string_view to_string(Sequencing sequencing) { return rules_of(sequencing).name; }

/// All of them, in the order of their numbers.
std::vector<Sequencing> all_sequencings();
/// "0 grouped, 1 scan, ...": the numbers in a descriptor.
std::string sequencing_numbers();

}  // namespace flexcim
