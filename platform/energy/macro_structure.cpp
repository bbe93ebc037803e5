#include "platform/energy/macro_structure.h"

#include <algorithm>

namespace flexcim {
namespace {

constexpr double kUm2PerMm2 = 1e6;
constexpr int kLineBits = 8;

// An array multiplier: 8 x 8 partial products, 7 rows of 8 adders.
constexpr int kMultiplierAnds = 64;
constexpr int kMultiplierAdders = 56;
constexpr int kNandsPerMux2 = 3;

double mux_area(int inputs, int bits, const AreaFigures& area) {
  const MuxParts parts = mux_parts(inputs);
  return (parts.four * 3.0 + parts.two) * kNandsPerMux2 * bits * area.nand2.value;
}

}  // namespace

MuxParts mux_parts(int inputs) {
  MuxParts parts;
  while (inputs > 2) {
    parts.four += (inputs + 3) / 4;
    inputs = (inputs + 3) / 4;
  }
  if (inputs == 2) ++parts.two;
  return parts;
}

int pair_bits(const MacroGeometry& geometry) { return kLineBits * std::min(2, geometry.lines()); }

std::vector<TreeLevel> column_tree(const MacroGeometry& geometry) {
  std::vector<TreeLevel> levels;
  int level = 1;
  for (int adders = geometry.rows / 2; adders >= 1; adders /= 2, ++level) {
    levels.push_back({adders, MacroGeometry::product_bits + level - 1, MacroGeometry::product_bits + level});
  }
  return levels;
}

std::vector<AreaPart> area_parts(const Architecture& architecture, const Technology& technology, int cell_bits) {
  const MacroGeometry& g = architecture.macro;
  const AreaFigures& a = technology.area;
  const double macros = architecture.macros.count() / kUm2PerMm2;
  const double cells = macros * g.cells();
  const double columns = macros * g.sub_macros * g.cols;
  const bool shadow = architecture.weight_update == WeightUpdate::shadow;
  const int stores = shadow ? 2 : 1;  // and a multiplexer that says which word multiplies

  int tree_adder_bits = 0;
  int tree_register_bits = 0;
  for (const TreeLevel& level : column_tree(g)) {
    tree_adder_bits += level.adders * level.add_bits;
    tree_register_bits += level.adders * level.register_bits;
  }
  const double multiplier = kMultiplierAnds * a.nand2.value + kMultiplierAdders * a.full_adder.value;
  const int row_bits = kLineBits * g.lines();
  const double row_muxes =
      mux_area(g.first_stage_inputs(), row_bits, a) + mux_area(g.second_stage_inputs(), row_bits, a);
  const Figure& stored_bit = architecture.storage == CellStorage::registers ? a.flip_flop : a.cell_bit;
  const double merge_column = (g.sub_macros - 1) * g.merged_psum_bits() * (a.full_adder.value + a.flip_flop.value) +
                              (g.sub_macros * g.column_psum_bits() + g.merged_psum_bits()) * a.flip_flop.value;
  // Two int4 weights in a cell: one of them to the upper half of the multiplier, whose lower half gets zeros; and the
  // column's sum is shifted back.
  const bool int4 = g.int4_per_cell > 1;
  const int metadata_bits = (cell_bits - kLineBits) / g.int4_per_cell;
  const double int4_cell = int4 ? mux_area(2, kInt4Bits + metadata_bits, a) + kInt4Bits * a.nand2.value : 0;
  const double int4_column = int4 ? mux_area(2, g.column_psum_bits(), a) : 0;
  // With a code, check bits lie beside the data, and every word of the port has an encoder and a decoder.
  const auto codes = [&](Protection protection, int word_bits, double bytes_per_cycle) {
    const double xors = encoder_xors(protection, word_bits) + decoder_xors(protection, word_bits);
    return bytes_per_cycle * 8 / word_bits * xors * kNandsPerMux2 * a.nand2.value / kUm2PerMm2;
  };
  const auto sram = [&](const BufferParameters& buffer, int word_bits) {
    const double bytes = static_cast<double>(buffer.bytes) * stored_share(buffer.protection, word_bits);
    return bytes / 1024.0 * a.sram_per_kib.value / kUm2PerMm2 +
           codes(buffer.protection, word_bits, static_cast<double>(buffer.port_bytes));
  };

  std::vector<AreaPart> parts{
      {"multipliers", cells * (multiplier + MacroGeometry::product_bits * a.flip_flop.value), false},
      {"cell storage", cells * cell_bits * stores * stored_bit.value, false},
      {"cell multiplexers", cells * (mux_area(g.lines(), kLineBits, a) + mux_area(stores, cell_bits, a) + int4_cell),
       false},
      {"adder trees", columns * (tree_adder_bits * a.full_adder.value + tree_register_bits * a.flip_flop.value), false},
      {"psum buffers", columns * (g.psum_depth * g.column_psum_bits() * a.flip_flop.value + int4_column), false},
      {"distributor", macros * g.rows * g.sub_macros * row_muxes, false},
      {"merger", macros * g.cols * merge_column, false},
      {"activation buffer", sram(architecture.buffers.activation, 64), true},
      {"weight buffer", sram(architecture.buffers.weight, 64), true},
      {"output buffer", sram(architecture.buffers.output, 32), true}};
  if (g.weight_table_bits > 0) {
    const int entries = 1 << g.weight_table_bits;
    const double lookups = g.sub_macros * g.rows * mux_area(entries, kLineBits, a);
    parts.push_back({"weight tables", macros * (lookups + entries * kLineBits * a.flip_flop.value), false});
  }
  if (architecture.dram.protection != Protection::none) {
    // Where the bus meets the memory controller.
    parts.push_back(
        {"DRAM code", codes(architecture.dram.protection, 64, architecture.interconnect.width_bytes), true});
  }
  return parts;
}

}  // namespace flexcim
