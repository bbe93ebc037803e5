#include "rtl_models/verilated/rtl_pins.h"

#include <cstddef>
#include <cstring>

namespace flexcim {
namespace {

constexpr int kUnreachable = 85;  ///< 0x55

}  // namespace

RtlPins::RtlPins(RtlInstance& instance, const MacroInterface& interface)
    : interface_(interface), sum_bits_(interface.geometry.merged_psum_bits()) {
  const auto bind = [&](PinBits& pin, const char* name) { pin = instance.pin(name); };
  bind(clock_, "clock");
  bind(reset_, "reset");
  bind(enable_, "enable");
  bind(final_ready_, "final_ready");
  bind(load_valid_, "load_valid");
  bind(load_last_, "load_last");
  bind(load_column_, "load_column");
  bind(load_weights_, "load_weights");
  bind(load_metadata_, "load_metadata");
  bind(load_has_phase_, "load_has_phase");
  bind(load_bases_, "load_bases");
  bind(load_columns_, "load_columns");
  bind(load_group_, "load_group");
  bind(load_lanes_, "load_lanes");
  bind(load_block_pairs_, "load_block_pairs");
  bind(load_window_, "load_window");
  bind(load_compressed_, "load_compressed");
  bind(load_scan_, "load_scan");
  bind(load_phases_, "load_phases");
  bind(pass_valid_, "pass_valid");
  bind(pass_sets_, "pass_sets");
  bind(load_ready_, "load_ready");
  bind(pass_ready_, "pass_ready");
  bind(final_valid_, "final_valid");
  bind(final_lanes_, "final_lanes");
  bind(final_sums_, "final_sums");
  if (interface.update == WeightUpdate::shadow) {
    bind(swap_, "swap");
    bind(swap_ready_, "swap_ready");
  }
  PinBits route = instance.pin("load_route");
  for (int p = 0; p < interface.geometry.sub_macros; ++p) {
    route.put(p * interface.route_bits(), interface.route_bits(), static_cast<std::uint32_t>(p));
  }
}

void RtlPins::drive_load(const LoadBeat& beat) {
  if (beat.version == load_version_) return;
  load_version_ = beat.version;
  load_valid_.set(beat.valid);
  if (!beat.valid) return;
  const MacroGeometry& g = interface_.geometry;
  const LayoutPins& layout = beat.layout;
  load_last_.set(beat.last);
  load_column_.set(beat.column);
  load_group_.set(static_cast<std::uint32_t>(layout.slots * layout.blocks_per_row));
  load_lanes_.set(layout.lanes);
  load_block_pairs_.set(layout.block_pairs);
  load_window_.set(layout.window);
  load_compressed_.set(layout.compressed);
  load_scan_.set(layout.scan);
  load_phases_.set(layout.phases);
  load_has_phase_.set(beat.phase != nullptr);
  const int metadata_bits = interface_.metadata_bits();
  const int base_bits = interface_.base_bits();
  for (int at = 0; at < g.sub_macros * g.rows; ++at) {
    load_weights_.bytes[at] = static_cast<std::uint8_t>(beat.words[at].weight);
    load_metadata_.put(at * metadata_bits, metadata_bits, beat.words[at].metadata);
    if (beat.phase != nullptr) load_bases_.put(at * base_bits, base_bits, beat.phase->bases[at]);
  }
  if (beat.phase == nullptr) return;
  for (int lane = 0; lane < layout.lanes; ++lane) {
    for (int c = 0; c < g.cols; ++c) {
      load_columns_.put(lane * g.cols + c, 1, static_cast<std::uint32_t>(beat.phase->columns[lane][c]));
    }
  }
}

/// Every set holds the pairs of the block whose slot its sub-macro is.
void RtlPins::drive_pass(const PassPins& pass, const LayoutPins& resident) {
  if (pass.version == pass_version_ && resident == pass_layout_) return;
  pass_version_ = pass.version;
  pass_layout_ = resident;
  pass_valid_.set(pass.valid);
  if (!pass.valid) return;
  const MacroGeometry& g = interface_.geometry;
  const int active = resident.active_sub_macros();
  const int group = resident.slots * resident.blocks_per_row;
  const auto set_bytes = static_cast<std::size_t>(2) * g.pairs_per_set;
  std::uint8_t* set = pass_sets_.bytes;
  for (int p = 0; p < g.sub_macros; ++p) {
    const int block = p % group / resident.slots;
    for (int r = 0; r < g.rows; ++r, set += set_bytes) {
      std::memset(set, kUnreachable, set_bytes);
      if (p >= active) continue;
      const std::ptrdiff_t first =
          static_cast<std::ptrdiff_t>(r * resident.blocks_per_row + block) * resident.block_inputs();
      std::memcpy(set, pass.activations + first, static_cast<std::size_t>(resident.block_inputs()));
    }
  }
}

}  // namespace flexcim
