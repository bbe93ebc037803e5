// The pipelined adder trees of a sub-macro's columns (architecture.md §2).
#pragma once

#include "flow/map/events.h"
#include "rtl_models/signals/edges.h"
#include "rtl_models/signals/pins.h"

#include <systemc>

#include <vector>

namespace flexcim {

/// C trees of log2 R stages, a register behind each: a valid product register appears at `sum` log2 R advancing edges
/// later, in order. R = 1 is a wire. The trees advance at edges with `enable` and `advance`; otherwise every stage
/// holds. `reset` empties all stages. Stage k has R/2^k registers of 16+k bits per column; stage(k) shows
/// them if the product register came with its values, otherwise only the column's sum travels.
class AdderTree : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};
  sc_core::sc_in<bool> enable{"enable"};
  sc_core::sc_in<bool> advance{"advance"};
  sc_core::sc_in<TreeStage> product{"product"};
  sc_core::sc_out<TreeStage> sum{"sum"};

  AdderTree(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges = Edges::own);

  /// The rising edge, with what `reset` and `enable` were before it.
  void clock_edge(bool resets, bool enabled);

  int levels() const { return levels_; }
  /// Register behind adders `level`, 1..levels().
  const TreeStage& stage(int level) const { return slot(level).stage; }
  /// column_adds of this sub-macro.
  const MacroEvents& events() const { return events_; }

 private:
  struct Slot {
    TreeStage stage;
    std::vector<std::int32_t> values, sums;  ///< while observed
  };

  void on_clock() { clock_edge(reset.read(), enable.read()); }
  void pass_through();
  void enter(const TreeStage& in);
  void add_levels();
  void add_pairs(Slot& slot);
  Slot& slot(int level) {
    const std::size_t age = static_cast<std::size_t>(level) - 1;
    return slots_[newest_ >= age ? newest_ - age : newest_ + slots_.size() - age];
  }
  const Slot& slot(int level) const { return const_cast<AdderTree*>(this)->slot(level); }

  int rows_;
  int cols_;
  int levels_;
  std::vector<Slot> slots_;  ///< levels + 1: stages 1..levels, and what left the last one at the edge before
  std::size_t newest_ = 0;   ///< stage 1
  int in_flight_ = 0;
  int observed_in_flight_ = 0;  ///< stages that carry values
  std::uint32_t version_ = 0;
  MacroEvents events_;
};

}  // namespace flexcim
