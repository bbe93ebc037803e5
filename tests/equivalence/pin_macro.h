// A Verilated macro of any configuration, for who does not see Verilator's headers.
#pragma once

#include "rtl_models/verilated/pin_values.h"

#include <memory>

namespace flexcim {

/// RtlMacro (rtl_macro.h) without its type.
class PinMacro {
 public:
  virtual ~PinMacro() = default;
  virtual void drive(const MacroInputs& inputs) = 0;
  virtual void read(MacroOutputs& outputs) const = 0;
  virtual void tick() = 0;
};

using MakePinMacro = std::unique_ptr<PinMacro>(const MacroGeometry& geometry);

}  // namespace flexcim
