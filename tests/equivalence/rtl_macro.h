// The Verilated SystemVerilog macro (rtl_models/verilog/) behind the same calls as SystemcMacro.
#pragma once

#include "rtl_models/verilated/pin_values.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <verilated.h>

namespace flexcim {

/// A port of a Verilated top as a run of bits: scalars and VlWide alike lie least significant byte first.
template <typename Port>
void put_bits(Port& port, int offset, int width, std::uint32_t value) {
  auto* bytes = reinterpret_cast<std::uint8_t*>(&port);
  for (int bit = 0; bit < width; ++bit) {
    const int at = offset + bit;
    const auto mask = static_cast<std::uint8_t>(1u << (at % 8));
    const bool one = (value >> bit) & 1;
    bytes[at / 8] = static_cast<std::uint8_t>(one ? bytes[at / 8] | mask : bytes[at / 8] & ~mask);
  }
}

/// Signed, width at most 32.
template <typename Port>
std::int32_t get_bits(const Port& port, int offset, int width) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&port);
  std::uint64_t window = 0;
  const int first = offset / 8;
  const int last = (offset + width - 1) / 8;
  for (int i = first; i <= last; ++i) window |= static_cast<std::uint64_t>(bytes[i]) << (8 * (i - first));
  const int unused = 64 - width;
  return static_cast<std::int32_t>(static_cast<std::int64_t>(window >> (offset % 8) << unused) >> unused);
}

/// `Top` is what Verilator makes of flexcim_macro with this geometry, SCAN = CONCAT = 1 and any SHADOW.
template <typename Top>
class RtlMacro {
 public:
  explicit RtlMacro(const MacroGeometry& geometry) : geometry_(geometry), random_(1) {
    context_.randReset(2);  // registers start with random values: nothing may depend on them
    context_.randSeed(1);
    top_ = std::make_unique<Top>(&context_);
    top_->clock = 0;
    top_->eval();
  }
  ~RtlMacro() { top_->final(); }

  void drive(const MacroInputs& inputs) {
    top_->reset = inputs.reset;
    top_->enable = inputs.enable;
    top_->final_ready = inputs.final_ready;
    top_->swap = inputs.swap;
    top_->load_valid = inputs.beat != nullptr;
    if (inputs.beat) drive_beat(*inputs.beat, inputs.column, inputs.last);
    top_->pass_valid = inputs.activations != nullptr;
    if (inputs.activations) drive_sets(*inputs.resident, inputs.activations);
    top_->eval();
  }

  void read(MacroOutputs& outputs) const {
    outputs.load_ready = top_->load_ready;
    outputs.swap_ready = top_->swap_ready;
    outputs.pass_ready = top_->pass_ready;
    outputs.final_valid = top_->final_valid;
    outputs.lanes = top_->final_valid ? top_->final_lanes : 0;
    outputs.sums.resize(static_cast<std::size_t>(outputs.lanes) * geometry_.cols);
    const int bits = geometry_.merged_psum_bits();
    for (std::size_t i = 0; i < outputs.sums.size(); ++i) {
      outputs.sums[i] = get_bits(top_->final_sums, static_cast<int>(i) * bits, bits);
    }
  }

  void tick() {
    top_->clock = 1;
    top_->eval();
    top_->clock = 0;
    top_->eval();
  }

  Top& top() { return *top_; }

 private:
  void drive_beat(const TestTile& test, int column, bool last) {
    const MacroGeometry& g = geometry_;
    const TileLayout& layout = test.layout;
    const std::vector<Phase>& phases = test.tile.phases;
    const bool has_phase = column < static_cast<int>(phases.size());
    const int metadata_bits = log2_ceil(2 * g.pairs_per_set);
    const int base_bits = g.pairs_per_set > 1 ? log2_ceil(g.pairs_per_set) : 1;
    const int route_bits = g.sub_macros > 1 ? log2_ceil(g.sub_macros) : 1;
    const int group = layout.slots * layout.blocks_per_row;
    top_->load_column = static_cast<std::uint8_t>(column);
    top_->load_last = last;
    top_->load_group = static_cast<std::uint8_t>(group);
    top_->load_lanes = static_cast<std::uint8_t>(layout.lanes);
    top_->load_block_pairs = static_cast<std::uint8_t>(layout.block_pairs);
    top_->load_window = static_cast<std::uint8_t>(layout.window);
    top_->load_compressed = layout.compressed;
    top_->load_scan = layout.compares_index;
    put_bits(top_->load_phases, 0, log2_ceil(std::max(g.cols, g.pairs_per_set) + 1),
             static_cast<std::uint32_t>(phases.size()));
    top_->load_has_phase = has_phase;
    for (int p = 0; p < g.sub_macros; ++p) {
      put_bits(top_->load_route, p * route_bits, route_bits, test.broadcast ? p % group : p);
      for (int r = 0; r < g.rows; ++r) {
        const int at = p * g.rows + r;
        const CellWord& word = test.tile.cells[test.tile.cell(g, column, p, r)];
        put_bits(top_->load_weights, at * 8, 8, static_cast<std::uint8_t>(word.weight));
        put_bits(top_->load_metadata, at * metadata_bits, metadata_bits, word.metadata);
        if (has_phase) {
          put_bits(top_->load_bases, at * base_bits, base_bits, phases[column].bases[at]);
        }
      }
    }
    for (int lane = 0; has_phase && lane < layout.lanes; ++lane) {
      for (int c = 0; c < g.cols; ++c) {
        put_bits(top_->load_columns, lane * g.cols + c, 1, phases[column].columns[lane][c]);
      }
    }
  }

  /// Every set holds the pairs of the block whose slot its sub-macro is; what no select can reach is noise.
  void drive_sets(const TestTile& test, const std::int8_t* activations) {
    const MacroGeometry& g = geometry_;
    const TileLayout& layout = test.layout;
    const int group = layout.slots * layout.blocks_per_row;
    auto* set = reinterpret_cast<std::int8_t*>(&top_->pass_sets);
    for (int p = 0; p < g.sub_macros; ++p) {
      const bool fed = p < (test.broadcast ? group : layout.active_sub_macros());
      const int block = p % group / layout.slots;
      for (int r = 0; r < g.rows; ++r, set += std::ptrdiff_t{2} * g.pairs_per_set) {
        for (int i = 0; i < 2 * g.pairs_per_set; ++i) set[i] = static_cast<std::int8_t>(random_());
        if (!fed) continue;
        const int base = (r * layout.blocks_per_row + block) * layout.block_inputs;
        std::memcpy(set, activations + base, layout.block_inputs);
      }
    }
  }

  MacroGeometry geometry_;
  std::minstd_rand random_;
  VerilatedContext context_;
  std::unique_ptr<Top> top_;
};

}  // namespace flexcim
