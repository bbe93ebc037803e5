// Puts an array of pin-accurate macros under the accelerator: fidelity rtl (architecture.md §10).
#pragma once

#include "rtl_models/blocks/macro.h"
#include "rtl_models/signals/clock.h"
#include "rtl_models/verilated/lockstep.h"
#include "tlm/engine/macro_engine.h"

#include <systemc>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace flexcim {

/// macros_o x macros_k macros, driven pin by pin in the accelerator's clock cycles. load() and run() suspend the
/// calling SC_THREAD until the beginning of the cycle that they return. The clock stands still while nothing is in
/// flight. The cycles are what the macros' handshakes take; that they are those of flow/map/schedule.h is a result, not
/// an assumption. events() are what the modules have counted so far, so that a pass still in the pipeline is counted in
/// part.
class RtlMacroEngine : public sc_core::sc_module, public MacroEngine {
 public:
  /// `clock_period`: of the accelerator; cycle c begins at c periods. Throws InputError where the geometry is out of
  /// range. `verilog`, which outlives it: beside every macro a Verilated one runs in lockstep, whose results are taken;
  /// null for none.
  RtlMacroEngine(const sc_core::sc_module_name& name, const MacroGeometry& geometry, ArrayShape shape,
                 const sc_core::sc_time& clock_period, WeightUpdate update = WeightUpdate::blocking,
                 const RtlLibrary* verilog = nullptr);

  Cycle load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override;
  Cycle load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override;
  Cycle swap(Cycle at) override;
  Cycle run(Cycle start, const MatrixView<const std::int8_t>& activations, const MatrixView<std::int32_t>& accumulators,
            std::uint64_t pass_cycles) override;
  Cycle drained() const override { return drained_; }
  void set_before_suspend(std::function<void()> step) override { before_suspend_ = std::move(step); }
  void reset() override;
  MacroEvents events() const;

  /// Who else uses the clock: it goes on while `needed` says so. When that becomes true start_clock() is called, when
  /// it becomes false rest().
  void keep_clock(std::function<bool()> needed) { others_need_ = std::move(needed); }
  void start_clock() { clock_.start(to_next_edge()); }
  void rest();

  /// For waveforms.
  Clock& clock() { return clock_; }
  Macro& macro(int output, int input) { return pins_[static_cast<std::size_t>(output) * shape_.inputs + input]->macro; }
  ArrayShape shape() const { return shape_; }
  /// Cycles of all Verilated macros in which every output pin has been compared.
  std::uint64_t compared_cycles() const;
  /// The Verilated one beside macro(output, input); null where there is none.
  Lockstep* lockstep(int output, int input) {
    return pins_[static_cast<std::size_t>(output) * shape_.inputs + input]->lockstep.get();
  }

 private:
  /// One macro and the signals on its pins.
  struct Pins {
    Pins(const std::string& name, const MacroGeometry& geometry, WeightUpdate update);
    void connect(Clock& clock, sc_core::sc_signal_inout_if<bool>& reset, sc_core::sc_signal<bool>& enable);
    void add_verilog(const std::string& name, Clock& clock, const RtlLibrary& library);

    Macro macro;
    sc_core::sc_signal<LoadBeat, sc_core::SC_UNCHECKED_WRITERS> load;  ///< also withdrawn by whoever calls reset()
    sc_core::sc_signal<PassPins, sc_core::SC_UNCHECKED_WRITERS> pass;
    sc_core::sc_signal<bool> load_ready, pass_ready, psum_final_ready, swap_ready;
    sc_core::sc_signal<PsumFinal> psum_final;              ///< the one that counts
    std::unique_ptr<sc_core::sc_signal<PsumFinal>> model;  ///< with a Verilated macro: that of `macro`
    std::unique_ptr<Lockstep> lockstep;
    std::deque<std::int32_t*> results;  ///< where the psums of the passes in flight go
    std::uint32_t collected = 0;        ///< version of the last psum_final taken
    bool resident = false;              ///< holds a tile of the resident array tile
  };
  /// An array tile as the macros' pins take it.
  struct Unpacked {
    TileLayout layout;
    std::vector<std::unique_ptr<const Tile>> tiles;  ///< per macro; null where it has none
  };
  /// What load_shadow() has been asked for.
  struct ShadowLoad {
    std::shared_ptr<const Unpacked> tile;
    Cycle start = 0;
    std::uint64_t cycles = 0;
  };

  bool begin(Cycle start);
  bool next_cycle() { return wait_edge(resets_seen_); }
  bool wait_edge(std::uint64_t resets);
  void load_ahead();
  std::shared_ptr<const Unpacked> unpack(const ArrayTile& tile) const;
  void use(std::shared_ptr<const Unpacked> tile);
  bool write_columns(const Unpacked& tile, std::uint64_t cycles, std::uint64_t resets);
  Cycle finish();
  Cycle now() const;
  void offer_beat(Pins& pins, const TileLayout& layout, const Tile& tile, int column);
  void offer_pass(Pins& pins, const std::int8_t* activations);
  void withdraw_loads();
  void withdraw_passes();
  void require_taken(bool taken, const char* what) const;
  sc_core::sc_time to_next_edge() const;
  bool run_pass(MatrixView<const std::int8_t> activations, MatrixView<std::int32_t> accumulators, std::size_t token,
                std::uint64_t pass_cycles);
  void collect();
  void release_reset();
  bool in_flight() const;

  MacroGeometry geometry_;
  ArrayShape shape_;
  Clock clock_;
  sc_core::sc_signal<bool, sc_core::SC_UNCHECKED_WRITERS> reset_{"reset"};
  sc_core::sc_signal<bool> enable_{"enable"};
  sc_core::sc_signal<bool, sc_core::SC_UNCHECKED_WRITERS> swap_{"swap"};
  std::vector<std::unique_ptr<Pins>> pins_;
  std::shared_ptr<const Unpacked> tile_;
  std::shared_ptr<const Unpacked> shadow_;  ///< in the second cells, or on its way there
  ShadowLoad ahead_;                        ///< no tile once it has begun
  bool writing_ = false;                    ///< load_ahead() is at it
  sc_core::sc_event asked_ahead_;
  sc_core::sc_event aborted_;
  std::uint64_t resets_ = 0;
  std::uint64_t resets_seen_ = 0;
  std::uint32_t version_ = 0;
  bool busy_ = false;
  bool resetting_ = false;  ///< no edge has sampled the reset pin yet
  Cycle drained_ = 0;
  std::function<void()> before_suspend_ = [] {};
  std::function<bool()> others_need_ = [] { return false; };
};

}  // namespace flexcim
