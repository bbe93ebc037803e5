// The pin-accurate SystemC macro with a signal on every pin.
#pragma once

#include "rtl_models/macro.h"
#include "tests/equivalence/macro_pins.h"

#include <systemc>

namespace flexcim {

class SystemcMacro {
 public:
  explicit SystemcMacro(const MacroGeometry& geometry);

  /// Puts the inputs on the pins and lets the combinational paths settle.
  void drive(const MacroInputs& inputs);
  /// The output pins as they are.
  void read(MacroOutputs& outputs) const;
  /// The rising edge that ends the cycle.
  void tick();

  Macro macro;

 private:
  sc_core::sc_signal<bool> clock_, reset_, enable_, load_ready_, pass_ready_, final_ready_;
  sc_core::sc_signal<LoadBeat> load_;
  sc_core::sc_signal<PassPins> pass_;
  sc_core::sc_signal<PsumFinal> psum_final_;
};

}  // namespace flexcim
