// The controller of a macro: load, then passes of phases (architecture.md §5, §6).
#pragma once

#include "flow/map/events.h"
#include "rtl_models/signals/edges.h"
#include "rtl_models/signals/optional_port.h"
#include "rtl_models/signals/pins.h"

#include <systemc>

#include <vector>

namespace flexcim {

/// Holds the selects and masks of the resident tile's phases, steps through them in every pass, and arbitrates the data
/// lines.
///
/// A load beat is taken in a cycle with load.valid and load_ready: between passes or while loading, never inside a
/// pass; it has priority over a waiting pass. After the beat marked last the lines rest for one cycle, then a phase may
/// come: a load takes C + 1 cycles where a beat comes every cycle. A pass is S phases, one per cycle in which
/// pass.valid and `go` are high, and is taken in its last one (pass_ready). Scan: phase k shows window k, whatever
/// selects were loaded. Where cells hold two int4 weights, even phases are of the first ones, odd ones of the second.
/// `enable` low holds everything and takes nothing; `reset` forgets the resident tile.
///
/// With WeightUpdate::shadow a beat goes over weight_write into the second cells, in any cycle with load.valid and
/// load_ready, which is high until the tile is complete. `swap` says that the active tile has had its last pass: no
/// pass begins while it is high. In the cycle with swap and swap_ready (second tile complete, no pass under way) the
/// lines rest and the second tile becomes the active one. `reset` also forgets the second tile, complete or not.
class Sequencer : public sc_core::sc_module {
 public:
  enum class State : std::uint8_t { empty, loading, turnaround, compute };
  enum class Shadow : std::uint8_t { free, loading, full };  ///< what the second cells hold

  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};
  sc_core::sc_in<bool> enable{"enable"};
  sc_core::sc_in<LoadBeat> load{"load"};
  sc_core::sc_out<bool> load_ready{"load_ready"};
  sc_core::sc_in<PassPins> pass{"pass"};
  sc_core::sc_out<bool> pass_ready{"pass_ready"};
  sc_core::sc_vector<sc_core::sc_in<bool>> sub_ready;
  sc_core::sc_out<PhaseControl> control{"control"};
  sc_core::sc_out<bool> go{"go"};  ///< enabled, no sub-macro is full, and no swap is due before the next pass
  // Shadow only.
  OptionalIn<bool> swap{"swap"};
  OptionalOut<bool> swap_ready{"swap_ready"};
  OptionalOut<WeightWrite> weight_write{"weight_write"};

  Sequencer(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges = Edges::own,
            WeightUpdate update = WeightUpdate::blocking);

  /// The rising edge, with what `reset` and `enable` were before it.
  void clock_edge(bool resets, bool enabled);

  State state() const { return state_; }
  Shadow shadow() const { return shadow_; }
  /// phases, passes, and the distributor's distributor_pairs: it has no clock to count by.
  const MacroEvents& events() const { return events_; }

 private:
  struct LoadedTile {
    std::vector<Phase> phases;
    std::vector<std::uint16_t> outputs;  ///< [lanes]: columns that any phase selects
    LayoutPins layout;
  };

  void on_clock() { clock_edge(reset.read(), enable.read()); }
  void drive_handshake();
  void drive_weight_write(bool open, bool swaps);
  void blocking_edge();
  void shadow_edge();
  static void take_phase_of(const LoadBeat& beat, LoadedTile& tile);
  void complete(const LayoutPins& layout, LoadedTile& tile) const;
  void take_phase();
  void show();

  MacroGeometry geometry_;
  WeightUpdate update_;
  State state_ = State::empty;
  Shadow shadow_ = Shadow::free;
  LoadedTile tile_;  ///< the active one, or the one being loaded over the lines
  LoadedTile next_;  ///< shadow: of the second cells
  int index_ = 0;
  PhaseControl shown_;
  WeightWrite weights_;
  MacroEvents events_;
};

/// The state's name, as waveforms and tables show it.
const char* to_string(Sequencer::State state);
const char* to_string(Sequencer::Shadow shadow);

}  // namespace flexcim
