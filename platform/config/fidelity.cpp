#include "platform/config/fidelity.h"

namespace flexcim {

std::string_view to_string(Fidelity fidelity) {
  switch (fidelity) {
    case Fidelity::tlm:
      return "tlm";
    case Fidelity::rtl:
      return "rtl";
    case Fidelity::verilog:
      return "verilog";
    case Fidelity::estimate:
      return "estimate";
  }
  return "?";
}

}  // namespace flexcim
