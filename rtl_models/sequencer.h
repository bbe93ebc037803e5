// The controller of a macro: load, then passes of phases (architecture.md §5, §6).
#pragma once

#include "flow/map/events.h"
#include "rtl_models/edges.h"
#include "rtl_models/pins.h"

#include <systemc>

#include <vector>

namespace flexcim {

/// Holds the selects and masks of the resident tile's phases, walks them for every pass, and says who may have the data
/// lines.
///
/// A load beat is taken in a cycle with load.valid and load_ready: between passes or while loading, never inside a
/// pass; it goes before a pass that waits. The beat marked last is followed by one cycle without use of the lines;
/// after that a phase may come: C + 1 cycles where a beat comes every cycle. A pass is S phases, one per cycle in which
/// pass.valid and `go` are high, and is taken in its last one (pass_ready). Scan: phase k shows window k, whatever
/// selects were loaded. `enable` low holds everything and takes nothing; `reset` forgets the resident tile.
class Sequencer : public sc_core::sc_module {
 public:
  enum class State : std::uint8_t { empty, loading, turnaround, compute };

  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};
  sc_core::sc_in<bool> enable{"enable"};
  sc_core::sc_in<LoadBeat> load{"load"};
  sc_core::sc_out<bool> load_ready{"load_ready"};
  sc_core::sc_in<PassPins> pass{"pass"};
  sc_core::sc_out<bool> pass_ready{"pass_ready"};
  sc_core::sc_vector<sc_core::sc_in<bool>> sub_ready;
  sc_core::sc_out<PhaseControl> control{"control"};
  sc_core::sc_out<bool> go{"go"};  ///< enabled, and no sub-macro is full

  Sequencer(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges = Edges::own);

  /// The rising edge, with what `reset` and `enable` were before it.
  void clock_edge(bool resets, bool enabled);

  State state() const { return state_; }
  /// phases, passes, and the distributor's distributor_pairs: it has no clock to count by.
  const MacroEvents& events() const { return events_; }

 private:
  void on_clock() { clock_edge(reset.read(), enable.read()); }
  void drive_handshake();
  void take_beat(const LoadBeat& beat);
  void begin_tile(const LayoutPins& layout);
  void take_phase();
  void show();

  MacroGeometry geometry_;
  State state_ = State::empty;
  std::vector<Phase> phases_;
  std::vector<std::uint16_t> outputs_;  ///< [lanes]: columns that any phase selects
  LayoutPins layout_;
  int index_ = 0;
  PhaseControl shown_;
  MacroEvents events_;
};

/// The state's name, as waveforms and tables show it.
const char* to_string(Sequencer::State state);

}  // namespace flexcim
