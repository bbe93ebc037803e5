#include "platform/config/fidelity.h"

namespace flexcim {

std::string_view to_string(Fidelity fidelity) {
  return fidelity == Fidelity::tlm ? "tlm" : fidelity == Fidelity::rtl ? "rtl" : "estimate";
}

}  // namespace flexcim
