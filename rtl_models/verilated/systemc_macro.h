// The pin-accurate SystemC macro with a signal on every pin.
#pragma once

#include "rtl_models/blocks/macro.h"
#include "rtl_models/signals/clock.h"
#include "rtl_models/verilated/pin_values.h"

#include <systemc>

#include <cstdint>
#include <vector>

namespace flexcim {

class SystemcMacro : public sc_core::sc_module {
 public:
  static const sc_core::sc_time& period();

  SystemcMacro(const sc_core::sc_module_name& name, const MacroGeometry& geometry,
               WeightUpdate update = WeightUpdate::blocking);

  /// Puts the inputs on the pins and lets the combinational paths settle.
  void drive(const MacroInputs& inputs);
  /// The output pins as they are.
  void read(MacroOutputs& outputs) const;
  /// The rising edge that ends the cycle.
  void tick();
  /// Runs `cycles` cycles at a stretch; every cycle puts the next of `passes` on the pins, round and round.
  void feed(const std::vector<std::vector<std::int8_t>>& passes, int cycles);

  Clock clock;
  Macro macro;

 private:
  void on_feed();

  sc_core::sc_signal<bool> reset_{"reset"}, enable_{"enable"}, load_ready_{"load_ready"}, pass_ready_{"pass_ready"},
      final_ready_{"final_ready"}, swap_{"swap"}, swap_ready_{"swap_ready"};
  sc_core::sc_signal<LoadBeat> load_{"load"};
  sc_core::sc_signal<PassPins> pass_{"pass"};
  sc_core::sc_signal<PsumFinal> psum_final_{"psum_final"};
  const std::vector<std::vector<std::int8_t>>* feed_ = nullptr;
  std::size_t next_fed_ = 0;
};

}  // namespace flexcim
