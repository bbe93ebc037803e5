// The FlexCiM macro: distributor, sub-macros, merger and the sequencer that drives them (architecture.md §1-§6).
#pragma once

#include "rtl_models/blocks/distributor.h"
#include "rtl_models/blocks/merger.h"
#include "rtl_models/blocks/sequencer.h"
#include "rtl_models/blocks/sub_macro.h"
#include "rtl_models/signals/bus.h"

#include <systemc>

namespace flexcim {

/// From a pass's last phase on the lines to psum_final valid: log2 R + ceil(log2 P) + 4 cycles (11 for the published
/// parameters); passes follow each other without a bubble; a load takes C + 1 cycles before the first phase that uses
/// it. Inputs are sampled at the rising edge and may change any time after it. A load beat is taken at an edge with
/// load.valid and load_ready; a pass at an edge with pass.valid and pass_ready; psum_final at an edge with
/// psum_final.valid, psum_final_ready and enable.
///
/// With WeightUpdate::shadow beats go into second cells while passes go on, and a tile takes over in the one cycle with
/// `swap` and `swap_ready`; the next cycle may carry its first phase (Sequencer says when what is taken).
class Macro : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};  ///< synchronous; the cells keep their words, everything else is empty after it
  sc_core::sc_in<bool> enable{"enable"};  ///< low holds every register
  sc_core::sc_in<LoadBeat> load{"load"};
  sc_core::sc_out<bool> load_ready{"load_ready"};
  sc_core::sc_in<PassPins> pass{"pass"};
  sc_core::sc_out<bool> pass_ready{"pass_ready"};
  sc_core::sc_out<PsumFinal> psum_final{"psum_final"};
  sc_core::sc_in<bool> psum_final_ready{"psum_final_ready"};
  OptionalIn<bool> swap{"swap"};  ///< shadow only, as is swap_ready
  OptionalOut<bool> swap_ready{"swap_ready"};

  Sequencer sequencer;
  Distributor distributor;
  sc_core::sc_vector<SubMacro> sub;
  Merger merger;
  Bus<PhaseControl> control{"control"};
  Bus<WeightWrite> weight_write{"weight_write"};
  sc_core::sc_signal<bool> go{"go"};
  sc_core::sc_vector<Bus<LinePins>> lines;
  sc_core::sc_vector<sc_core::sc_signal<bool>> sub_ready;
  sc_core::sc_vector<sc_core::sc_signal<bool>> psum_valid;
  sc_core::sc_vector<sc_core::sc_signal<std::uint8_t>> psum_active;
  sc_core::sc_vector<Bus<PsumEntry>> psum;
  sc_core::sc_vector<sc_core::sc_signal<bool>> ack;

  /// Throws InputError where the geometry is out of range.
  Macro(const sc_core::sc_module_name& name, const MacroGeometry& geometry,
        WeightUpdate update = WeightUpdate::blocking);

  const MacroGeometry& geometry() const { return geometry_; }
  WeightUpdate weight_update() const { return update_; }
  /// What all its parts counted since the start; equal to pass_events and load_events of what it took.
  MacroEvents events() const;
  /// Keeps every register of every tree, for a waveform or toggle counts; slower.
  void observe(bool on);

 private:
  void on_clock();

  MacroGeometry geometry_;
  WeightUpdate update_;
};

}  // namespace flexcim
