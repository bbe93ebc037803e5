// Drives a Verilated macro's pins with what travels on the signals of the SystemC macro.
#pragma once

#include "rtl_models/signals/pins.h"
#include "rtl_models/verilated/rtl_library.h"

#include <cstdint>

namespace flexcim {

/// Inputs change only where they are told to; the load and pass pins keep what they had while their `valid` is low.
/// What of `pass_sets` no select can reach is 85, so that a macro that reaches it shows. `load_route` is always the
/// identity.
class RtlPins {
 public:
  /// `instance` outlives it.
  RtlPins(RtlInstance& instance, const MacroInterface& interface);

  void set_clock(bool high) { clock_.set(high); }
  void set_reset(bool high) { reset_.set(high); }
  void set_enable(bool high) { enable_.set(high); }
  void set_final_ready(bool high) { final_ready_.set(high); }
  void set_swap(bool high) { swap_.set(high); }  ///< shadow only
  void drive_load(const LoadBeat& beat);
  /// `resident`: layout of the tile that the pass runs through.
  void drive_pass(const PassPins& pass, const LayoutPins& resident);

  bool load_ready() const { return load_ready_.high(); }
  bool pass_ready() const { return pass_ready_.high(); }
  bool swap_ready() const { return swap_ready_.high(); }  ///< shadow only
  bool final_valid() const { return final_valid_.high(); }
  int final_lanes() const { return static_cast<int>(final_lanes_.get(0, final_lanes_.bits)); }
  /// Of lane i / C, column i mod C.
  std::int32_t final_sum(int i) const { return final_sums_.get_signed(i * sum_bits_, sum_bits_); }

 private:
  MacroInterface interface_;
  const int sum_bits_;
  PinBits clock_, reset_, enable_, final_ready_, swap_;
  PinBits load_valid_, load_last_, load_column_, load_weights_, load_metadata_, load_has_phase_, load_bases_,
      load_columns_, load_group_, load_lanes_, load_block_pairs_, load_window_, load_compressed_, load_scan_,
      load_phases_;
  PinBits pass_valid_, pass_sets_;
  PinBits load_ready_, pass_ready_, swap_ready_, final_valid_, final_lanes_, final_sums_;
  std::uint32_t load_version_ = ~std::uint32_t{0}, pass_version_ = ~std::uint32_t{0};
  LayoutPins pass_layout_;  ///< that pass_sets_ has been filled for
};

}  // namespace flexcim
