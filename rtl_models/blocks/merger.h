// Adds what the sub-macros of a pass have summed (architecture.md §3, §4).
#pragma once

#include "flow/map/events.h"
#include "rtl_models/kernels/aligned.h"
#include "rtl_models/signals/edges.h"
#include "rtl_models/signals/pins.h"

#include <systemc>

#include <vector>

namespace flexcim {

/// Waits until every active sub-macro shows a psum, acknowledges all of them in the same cycle (combinational), and
/// adds them column by column inside their lane: input register 1, tree ceil(log2 P), psum_final 1. The whole pipeline
/// holds while psum_final is valid and `final_ready` is low, and while `enable` is low; `reset` empties it. A
/// psum_final is taken at an edge with valid, final_ready and enable.
class Merger : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};
  sc_core::sc_in<bool> enable{"enable"};
  sc_core::sc_vector<sc_core::sc_in<bool>> psum_valid;
  sc_core::sc_vector<sc_core::sc_in<PsumEntry>> psum;
  sc_core::sc_vector<sc_core::sc_out<bool>> ack;
  sc_core::sc_in<std::uint8_t> psum_active{"psum_active"};  ///< of sub-macro 0, which is always active
  sc_core::sc_out<PsumFinal> psum_final{"psum_final"};
  sc_core::sc_in<bool> final_ready{"final_ready"};

  Merger(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges = Edges::own);

  /// The rising edge, with what `reset` and `enable` were before it.
  void clock_edge(bool resets, bool enabled);

  /// Keeps the input register and the tree's registers apart, for a waveform or toggle counts; slower.
  void observe(bool on) { observed_ = on; }

  /// Registers, the oldest last: 1 is the input register, then the tree's levels, stages() is psum_final.
  int stages() const { return stages_; }
  struct Stage {
    bool valid = false;
    PsumFinal pins;
    int terms = 0;                     ///< per lane and column, still to be added
    AlignedVector<std::int32_t> sums;  ///< [lanes][C]
    std::vector<std::int32_t> values;  ///< [lanes][terms][C], while observed
  };
  const Stage& stage(int number) const { return const_cast<Merger*>(this)->slot(number); }
  /// merge_adds and outputs.
  const MacroEvents& events() const { return events_; }

 private:
  void on_clock() { clock_edge(reset.read(), enable.read()); }
  void drive_ack();
  void capture(Stage& in);
  void add_pairs(Stage& stage) const;
  Stage& slot(int number) {
    const std::size_t age = static_cast<std::size_t>(number) - 1;
    return slots_[newest_ >= age ? newest_ - age : newest_ + slots_.size() - age];
  }

  int sub_macros_;
  int cols_;
  int stages_;
  bool observed_ = false;
  std::vector<Stage> slots_;  ///< stages + 1
  std::size_t newest_ = 0;
  int in_flight_ = 0;
  std::uint32_t version_ = 0;
  sc_core::sc_signal<bool> final_valid_{"final_valid"};
  MacroEvents events_;
};

}  // namespace flexcim
