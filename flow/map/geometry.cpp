#include "flow/map/geometry.h"

#include "flow/base/error.h"
#include "flow/prune/slot_matching.h"

#include <algorithm>
#include <set>

namespace flexcim {
namespace {

static_assert(kMaxSlots == MacroGeometry::most_sub_macros && kMaxM == 2 * MacroGeometry::most_pairs,
              "pruning reaches as far as the largest macro");

bool power_of_two(int n) { return n >= 1 && (n & (n - 1)) == 0; }

void require_range(const char* name, int value, int low, int high) {
  if (value >= low && value <= high) return;
  throw InputError(std::string(name) + ": " + std::to_string(value) + " is outside " + std::to_string(low) + ".." +
                   std::to_string(high));
}

void require_power(const char* name, int value, int high) {
  if (power_of_two(value) && value <= high) return;
  throw InputError(std::string(name) + ": " + std::to_string(value) + " is no power of two in 1.." +
                   std::to_string(high));
}

bool contains(const std::vector<Pattern>& patterns, Pattern pattern) {
  return std::find(patterns.begin(), patterns.end(), pattern) != patterns.end();
}

std::string names_of(const std::vector<Pattern>& patterns) {
  std::string names;
  for (const Pattern each : patterns) names += (names.empty() ? "" : ", ") + to_string(each);
  return names;
}

}  // namespace

std::string_view to_string(MergeMode mode) { return mode == MergeMode::reduce ? "reduce" : "concat"; }

std::string_view to_string(WeightUpdate update) { return update == WeightUpdate::blocking ? "blocking" : "shadow"; }

int log2_ceil(int n) {
  int bits = 0;
  while ((1 << bits) < n) ++bits;
  return bits;
}

int MacroGeometry::largest_m() const {
  int largest = patterns.empty() ? 2 * pairs_per_set : 1;
  for (const Pattern each : patterns) largest = std::max(largest, each.m);
  return largest;
}

int MacroGeometry::lines() const { return std::min(2 * window, largest_m()); }

int MacroGeometry::windows() const { return largest_m() / lines(); }

int MacroGeometry::first_stage_inputs() const { return windows() == 1 ? 1 : largest_m() / 2; }

int MacroGeometry::second_stage_inputs() const {
  std::set<int> slots;  // a block of N:M inputs reaches N sub-macros
  for (const Pattern each : patterns) slots.insert(each.n);
  return patterns.empty() ? sub_macros : static_cast<int>(slots.size());
}

int MacroGeometry::metadata_mask() const {
  const int one = largest_m() - 1;
  return int4_per_cell == 1 ? one : one | one << 4;
}

int MacroGeometry::column_psum_bits() const { return product_bits + log2_ceil(rows); }

int MacroGeometry::merged_psum_bits() const {
  // The largest magnitude is 127 * 128 on every cell of a column; one more bit for the sign.
  return log2_ceil(sub_macros * rows * 127 * 128 + 1) + 1;
}

void MacroGeometry::validate() const {
  require_range("sub_macros", sub_macros, 1, most_sub_macros);
  require_power("rows", rows, most_rows);
  require_power("cols", cols, most_cols);
  require_power("pairs_per_set", pairs_per_set, most_pairs);
  require_power("window", window, pairs_per_set);
  require_range("psum_depth", psum_depth, 1, most_psum_depth);
  require_range("int4_per_cell", int4_per_cell, 1, 2);
  validate_patterns();
  validate_int4();
  validate_weight_table();
}

void MacroGeometry::validate_patterns() const {
  const std::vector<Pattern> reachable = reachable_patterns(sub_macros, pairs_per_set);
  for (const Pattern each : patterns) {
    if (contains(reachable, each)) continue;
    throw InputError(to_string(each) + " is out of the reach of P = " + std::to_string(sub_macros) +
                     ", I = " + std::to_string(pairs_per_set) + ", which is " + names_of(reachable));
  }
  if (!patterns.empty() && !contains(patterns, Pattern{})) {
    throw InputError("dense is missing from the patterns; every macro runs it");
  }
}

void MacroGeometry::validate_int4() const {
  if (int4_per_cell == 1 || largest_m() <= most_int4_m) return;
  throw InputError("two int4 weights in a cell have metadata for M up to " + std::to_string(most_int4_m) +
                   ", but the largest M of the macro is " + std::to_string(largest_m()));
}

void MacroGeometry::validate_weight_table() const {
  if (weight_table_bits == 0) return;
  require_range("weight_table_bits", weight_table_bits, least_table_bits, most_table_bits);
  if (int4_per_cell == 1) return;
  throw InputError("weights that are looked up are int8 in the cells: int4_per_cell must be 1");
}

std::vector<Pattern> reachable_patterns(int sub_macros, int pairs_per_set) {
  std::vector<Pattern> patterns{Pattern{}};
  for (int m = 2; m <= 2 * pairs_per_set; m *= 2) {
    for (int n = 1; n <= std::min(sub_macros, m - 1); ++n) patterns.push_back({n, m});
  }
  return patterns;
}

std::vector<Pattern> supported_patterns(const MacroGeometry& geometry) {
  if (!geometry.patterns.empty()) return geometry.patterns;
  return reachable_patterns(geometry.sub_macros, geometry.pairs_per_set);
}

bool supports(const MacroGeometry& geometry, Pattern pattern) {
  return contains(supported_patterns(geometry), pattern);
}

void require_support(const MacroGeometry& geometry, Pattern pattern, const std::string& where) {
  if (supports(geometry, pattern)) return;
  throw InputError(where + ": the hardware (P = " + std::to_string(geometry.sub_macros) +
                   ", I = " + std::to_string(geometry.pairs_per_set) + ") cannot run pattern " + to_string(pattern) +
                   "; it runs " + names_of(supported_patterns(geometry)));
}

void require_weight_bits(const MacroGeometry& geometry, int weight_bits, const std::string& where) {
  if (weight_bits != 4 || geometry.int4_per_cell == 2) return;
  throw InputError(where + ": a cell of the hardware holds an int8 weight, not two int4 ones (int4_per_cell is 1)");
}

TileLayout make_layout(const MacroGeometry& geometry, Pattern pattern, Sequencing sequencing, MergeMode merge,
                       const std::string& where, int weight_bits) {
  require_support(geometry, pattern, where);
  require_weight_bits(geometry, weight_bits, where);
  TileLayout layout;
  layout.table_bits = geometry.weight_table_bits;
  layout.cell_weights = weight_bits == 4 ? 2 : 1;
  layout.pattern = pattern;
  layout.sequencing = pattern.dense() ? Sequencing::grouped : sequencing;
  layout.merge = merge;
  const SequencingRules& rules = rules_of(sequencing);
  layout.compressed = !pattern.dense() && rules.compressed;
  if (layout.compressed) {
    layout.block_inputs = pattern.m;
    layout.block_pairs = pattern.m / 2;
    layout.slots = pattern.n;
    layout.window = std::min(geometry.window, layout.block_pairs);
    layout.selects = rules.selects;
    layout.compares_index = rules.compares_index;
    layout.scan_phases = rules.fixed_phases(pattern.m, layout.window);
    layout.metadata_bits = rules.metadata_bits(pattern.m, layout.window);
    if (layout.window < layout.block_pairs) layout.select_bits = rules.select_bits(pattern.m);
  }
  const int blocks = geometry.sub_macros / layout.slots;  // Q
  layout.lanes = merge == MergeMode::concat ? blocks : 1;
  layout.blocks_per_row = merge == MergeMode::concat ? 1 : blocks;
  layout.tile_inputs = geometry.rows * layout.blocks_per_row * layout.block_inputs * layout.cell_weights;
  layout.tile_outputs = geometry.cols * layout.lanes;
  return layout;
}

int default_base(int slot, int slots, int pairs, int window) { return window < pairs ? slot * pairs / slots : 0; }

}  // namespace flexcim
