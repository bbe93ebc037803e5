// Which model of the macro runs (architecture.md §10).
#pragma once

#include <string_view>

namespace flexcim {

enum class Fidelity {
  tlm,      ///< transaction-level, bit-exact data
  rtl,      ///< the pin-accurate macro under the same accelerator
  verilog,  ///< a Verilated macro beside it, whose results are taken (docs/your_rtl.md)
  estimate  ///< no data and no simulation: the same schedule by arithmetic (docs/estimate.md)
};

std::string_view to_string(Fidelity fidelity);

}  // namespace flexcim
