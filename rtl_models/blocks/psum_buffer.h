// The column psums of a sub-macro between its trees and the merger (architecture.md §3).
#pragma once

#include "flow/map/events.h"
#include "rtl_models/kernels/aligned.h"
#include "rtl_models/signals/edges.h"
#include "rtl_models/signals/pins.h"

#include <systemc>

#include <vector>

namespace flexcim {

/// A queue of psum_depth entries of C psums. The first phase of a pass opens an entry, the later ones add to it, the
/// last closes it: from the next cycle on it waits its turn at `psum` behind the older ones (write register 1). `ready`
/// is combinational: low while all entries are taken, none is open and none leaves in this cycle; then the trees hold.
/// An edge with `ack` takes the oldest closed entry away. All entries can be filled. `enable` low holds everything,
/// `reset` empties.
class PsumBuffer : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};
  sc_core::sc_in<bool> enable{"enable"};
  sc_core::sc_in<TreeStage> sum{"sum"};
  sc_core::sc_out<bool> ready{"ready"};
  sc_core::sc_out<bool> psum_valid{"psum_valid"};
  sc_core::sc_out<std::uint8_t> psum_active{"psum_active"};  ///< sub-macros that the oldest closed entry's pass uses
  sc_core::sc_out<PsumEntry> psum{"psum"};
  sc_core::sc_in<bool> ack{"ack"};

  PsumBuffer(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges = Edges::own);

  /// The rising edge, with what `reset` and `enable` were before it.
  void clock_edge(bool resets, bool enabled);

  /// Closed entries and the open one, 0..psum_depth.
  int occupancy() const { return closed_ + (open_ ? 1 : 0); }
  /// psum_writes and psum_accumulates of this sub-macro.
  const MacroEvents& events() const { return events_; }

 private:
  struct Entry {
    AlignedVector<std::int32_t> sums;
    PsumEntry pins;
  };

  void on_clock() { clock_edge(reset.read(), enable.read()); }
  void drive_ready();
  void store(const TreeStage& in);
  void show_oldest();
  Entry& entry(int age) {
    const std::size_t index = oldest_ + age;
    return entries_[index < entries_.size() ? index : index - entries_.size()];
  }

  int cols_;
  int depth_;
  std::vector<Entry> entries_;  ///< depth + 1: the last one taken away keeps its psums while the merger samples them
  std::size_t oldest_ = 0;
  int closed_ = 0;
  bool open_ = false;
  std::uint32_t version_ = 0;
  sc_core::sc_signal<bool> full_{"full"};
  MacroEvents events_;
};

}  // namespace flexcim
