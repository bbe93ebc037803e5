// One configuration's Verilated SystemVerilog. CMakeLists.txt compiles this file once per configuration; it is small,
// since what compares them is compiled once (equivalence_test.cpp).
#include "tests/equivalence/pin_macro.h"
#include "tests/equivalence/rtl_macro.h"

#include FLEXCIM_TOP_HEADER

namespace flexcim {
namespace {

class VerilatedCase : public PinMacro {
 public:
  explicit VerilatedCase(const MacroGeometry& geometry) : macro_(geometry) {}
  void drive(const MacroInputs& inputs) override { macro_.drive(inputs); }
  void read(MacroOutputs& outputs) const override { macro_.read(outputs); }
  void tick() override { macro_.tick(); }

 private:
  RtlMacro<FLEXCIM_TOP> macro_;
};

}  // namespace

MakePinMacro FLEXCIM_MAKE;
std::unique_ptr<PinMacro> FLEXCIM_MAKE(const MacroGeometry& geometry) {
  return std::make_unique<VerilatedCase>(geometry);
}

}  // namespace flexcim
