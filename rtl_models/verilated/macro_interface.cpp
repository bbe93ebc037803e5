#include "rtl_models/verilated/macro_interface.h"

#include "flow/base/error.h"

#include <algorithm>

namespace flexcim {
namespace {

/// Bits of an index below `count`, at least one.
int index_bits(int count) { return count > 1 ? log2_ceil(count) : 1; }

}  // namespace

int MacroInterface::metadata_bits() const { return log2_ceil(2 * (scan ? geometry.pairs_per_set : geometry.window)); }
int MacroInterface::base_bits() const { return index_bits(geometry.pairs_per_set); }
int MacroInterface::route_bits() const { return index_bits(geometry.sub_macros); }
int MacroInterface::column_bits() const { return index_bits(geometry.cols); }
int MacroInterface::count_bits() const { return log2_ceil(geometry.sub_macros + 1); }
int MacroInterface::pair_bits() const { return log2_ceil(geometry.pairs_per_set + 1); }
int MacroInterface::phase_bits() const {
  return log2_ceil((scan ? std::max(geometry.cols, geometry.pairs_per_set) : geometry.cols) + 1);
}

std::vector<MacroParameter> macro_parameters(const MacroInterface& interface) {
  const MacroGeometry& g = interface.geometry;
  const auto flag = [](bool on) { return std::string(on ? "1" : "0"); };
  return {{"P", std::to_string(g.sub_macros)},
          {"R", std::to_string(g.rows)},
          {"C", std::to_string(g.cols)},
          {"I", std::to_string(g.pairs_per_set)},
          {"WINDOW", std::to_string(g.window)},
          {"PSUM_DEPTH", std::to_string(g.psum_depth)},
          {"SCAN", flag(interface.scan)},
          {"CONCAT", flag(interface.concat)},
          {"SHADOW", flag(interface.update == WeightUpdate::shadow)}};
}

std::vector<MacroPin> macro_pins(const MacroInterface& interface) {
  const MacroGeometry& g = interface.geometry;
  const int rows = g.sub_macros * g.rows;
  const int sums = interface.most_lanes() * g.cols;
  constexpr bool in = true, out = false;
  std::vector<MacroPin> pins{
      {"clock", 1, in},
      {"reset", 1, in},
      {"enable", 1, in},
      {"load_valid", 1, in},
      {"load_ready", 1, out},
      {"load_last", 1, in},
      {"load_column", interface.column_bits(), in, "COLUMN_BITS"},
      {"load_weights", rows * 8, in, "P*R*8"},
      {"load_metadata", rows * interface.metadata_bits(), in, "P*R*METADATA_BITS"},
      {"load_has_phase", 1, in},
      {"load_bases", rows * interface.base_bits(), in, "P*R*BASE_BITS"},
      {"load_columns", sums, in, "MAX_LANES*C"},
      {"load_group", interface.count_bits(), in, "COUNT_BITS"},
      {"load_lanes", interface.count_bits(), in, "COUNT_BITS"},
      {"load_block_pairs", interface.pair_bits(), in, "PAIR_BITS"},
      {"load_window", interface.pair_bits(), in, "PAIR_BITS"},
      {"load_compressed", 1, in},
      {"load_scan", 1, in},
      {"load_phases", interface.phase_bits(), in, "PHASE_BITS"},
      {"load_route", g.sub_macros * interface.route_bits(), in, "P*ROUTE_BITS"},
  };
  if (interface.update == WeightUpdate::shadow) {
    pins.push_back({"swap", 1, in});
    pins.push_back({"swap_ready", 1, out});
  }
  pins.push_back({"pass_valid", 1, in});
  pins.push_back({"pass_ready", 1, out});
  pins.push_back({"pass_sets", rows * g.pairs_per_set * 16, in, "P*R*I*16"});
  pins.push_back({"final_valid", 1, out});
  pins.push_back({"final_lanes", interface.count_bits(), out, "COUNT_BITS"});
  pins.push_back({"final_sums", sums * g.merged_psum_bits(), out, "MAX_LANES*C*FINAL_BITS"});
  pins.push_back({"final_ready", 1, in});
  return pins;
}

void require_describable(const MacroGeometry& geometry) {
  if (!geometry.patterns.empty()) throw InputError("a list of patterns is of the SystemC macro alone");
  if (geometry.int4_per_cell != 1) throw InputError("two int4 weights in a cell are of the SystemC macro alone");
  if (geometry.weight_table_bits != 0) throw InputError("weights from tables are of no macro that runs");
}

}  // namespace flexcim
