// The parameters of a macro and what follows from them (architecture.md §1, §4, §5).
#pragma once

#include "flow/base/pattern.h"
#include "flow/map/sequencing.h"

#include <string>
#include <vector>

namespace flexcim {

/// What the merger adds (architecture.md §4).
enum class MergeMode {
  reduce,  ///< all P sub-macros of a column
  concat   ///< only inside each of the Q groups of N sub-macros, which hold Q*C output channels of the same inputs
};
std::string_view to_string(MergeMode mode);

/// How a new tile's weights get into the cells (architecture.md §6).
enum class WeightUpdate {
  blocking,  ///< through the data lines; compute pauses
  shadow     ///< into a second storage cell during compute, swapped in one cycle
};
std::string_view to_string(WeightUpdate update);

/// One macro. The defaults are the published ones.
struct MacroGeometry {
  static constexpr int most_sub_macros = 16;
  static constexpr int most_rows = 256, most_cols = 256;
  static constexpr int most_pairs = 16;
  static constexpr int least_table_bits = 2, most_table_bits = 4;
  static constexpr int most_int4_m = 16;  ///< the metadata of two weights is written as one byte, over one data line
  static constexpr int most_psum_depth = 64;

  int sub_macros = 4;     ///< P, from 1
  int rows = 32;          ///< R, cells per column of a sub-macro, a power of two
  int cols = 32;          ///< C, columns of a sub-macro, a power of two
  int pairs_per_set = 4;  ///< I, inputs of a first-stage multiplexer, a power of two; the largest M is 2*I
  int window = 1;         ///< w, adjacent pairs on the lines of a row at a time, a power of two, 1..I
  int psum_depth = 3;     ///< psum entries per column between sub-macro and merger, from 1
  /// int4 weights that a cell holds: 1, as it holds an int8 one, or 2, of which a phase multiplies one (§14).
  int int4_per_cell = 1;
  /// Bits of a weight in memory and weight buffer, 2..4: an index into a table of int8 weights, one for each column of
  /// a tile, through which it is looked up on its way into the cell (§15); 0: weights are what the cells hold.
  int weight_table_bits = 0;
  /// What it is wired for, dense among them; empty: all that P and I reach (reachable_patterns()).
  std::vector<Pattern> patterns = {};

  /// What is there follows from the patterns (docs/architecture.md §13): a macro has only the lines, multiplexers and
  /// metadata that they need.
  int largest_m() const;            ///< of the patterns; 1 where it is dense only
  int lines() const;                ///< data lines per row of a sub-macro: 2w, or largest_m() where that is less
  int windows() const;              ///< positions of a window in the largest block, as a scan shows them
  int first_stage_inputs() const;   ///< pairs; 1, no multiplexer, where all pairs of a block are on the lines
  int second_stage_inputs() const;  ///< P; in a macro with a list of patterns, how many different N they have
  int cells() const { return sub_macros * rows * cols; }
  /// Bits of CellWord::metadata that a cell keeps: log2(largest_m()), and as many in the upper half for a second
  /// weight.
  int metadata_mask() const;

  /// Exact signed widths for any int8 activation and weights in -127..127. Product 16; the published 22 bits for P*R =
  /// 128.
  static constexpr int product_bits = 16;
  int column_psum_bits() const;  ///< 16 + ceil(log2 R)
  int merged_psum_bits() const;  ///< bits of +-(P * R * 127 * 128), sign included

  /// Throws InputError naming the parameter and its range.
  void validate() const;
  /// Throws InputError for patterns out of reach, or without dense.
  void validate_patterns() const;
  /// Throws InputError for two int4 weights in a cell that have no room for their metadata.
  void validate_int4() const;
  /// Throws InputError for weights that are looked up and two in a cell at the same time, and for other bits.
  void validate_weight_table() const;
};

/// The macro array: columns of macros share activations, rows of macros are summed (architecture.md §1).
struct ArrayShape {
  int outputs = 1;  ///< macros_o
  int inputs = 1;   ///< macros_k
  int count() const { return outputs * inputs; }
};

/// ceil(log2 n) for n >= 1.
int log2_ceil(int n);

/// Dense and N:M with M up to 2*I, a power of two, and N up to min(P, M-1).
std::vector<Pattern> reachable_patterns(int sub_macros, int pairs_per_set);

/// All patterns this macro runs: those that it is wired for.
std::vector<Pattern> supported_patterns(const MacroGeometry& geometry);

bool supports(const MacroGeometry& geometry, Pattern pattern);

/// Throws InputError naming the pattern and what is supported instead; `where` starts the message (a file, a key, a
/// layer).
void require_support(const MacroGeometry& geometry, Pattern pattern, const std::string& where);

/// Throws InputError, which `where` starts, for weights of 4 bits where a cell holds one of 8.
void require_weight_bits(const MacroGeometry& geometry, int weight_bits, const std::string& where);

/// How one layer uses the macro: pattern and sequencing resolved to the numbers of architecture.md §4. A *block* is the
/// group of inputs that `slots` neighbouring sub-macros share in a row; a *lane* is the set of sub-macros whose psums
/// the merger adds: one lane of Q blocks per row for merge: reduce, Q lanes of one block for merge: concat. Sub-macro
/// p = (lane * blocks_per_row + block) * slots + slot. Dense weights and dense_slot put one weight in each cell and one
/// activation in each slot: blocks of one input, one slot. Where a cell holds two weights, the first one is of the
/// first half of the tile's inputs and multiplies in even phases, the second one of the second half, in odd phases.
struct TileLayout {
  Pattern pattern;                              ///< the weights' own
  Sequencing sequencing = Sequencing::grouped;  ///< grouped for dense weights, whatever was asked
  MergeMode merge = MergeMode::reduce;
  bool compressed = false;      ///< whether cells hold kept elements with metadata; false for dense and dense_slot
  bool selects = false;         ///< whether phases have selects of their own, and each serves some of the columns
  bool compares_index = false;  ///< whether cells compare their metadata, an index, with the window of the phase
  int block_inputs = 1;         ///< M, or 1 where not compressed
  int block_pairs = 1;          ///< pairs a slot's multiplexer chooses among: M/2, or 1 where not compressed
  int slots = 1;                ///< N, or 1 where not compressed
  int blocks_per_row = 1;       ///< blocks of one lane that share a row
  int lanes = 1;
  int window = 1;         ///< effective window: min(w, M/2), 1 where not compressed
  int cell_weights = 1;   ///< 1, or 2 int4 ones
  int table_bits = 0;     ///< MacroGeometry::weight_table_bits
  int tile_inputs = 0;    ///< Kt: inputs of one tile
  int tile_outputs = 0;   ///< output channels of one tile: lanes * C
  int scan_phases = 1;    ///< S of a scan, M/2/w; 1 otherwise
  int metadata_bits = 0;  ///< per weight of a cell; 0 where not compressed
  int select_bits = 0;    ///< per slot and row; 0 without selects, and where the window shows the whole block

  int active_sub_macros() const { return slots * blocks_per_row * lanes; }  ///< the rest idles when N does not divide P
  int weight_inputs() const { return tile_inputs / cell_weights; }  ///< inputs of those weights that multiply together
  int column_phases() const { return scan_phases * cell_weights; }  ///< phases of a pass that select a column
};

/// For weights of `weight_bits` bits, 4 or 8. Throws InputError as require_support and require_weight_bits do.
TileLayout make_layout(const MacroGeometry& geometry, Pattern pattern, Sequencing sequencing, MergeMode merge,
                       const std::string& where, int weight_bits = 8);

/// The pair at which slot n of a block of `pairs` pairs and `slots` slots starts by default: floor(n * pairs / slots);
/// 0 where the window shows all pairs, which leaves nothing to select.
int default_base(int slot, int slots, int pairs, int window);

}  // namespace flexcim
