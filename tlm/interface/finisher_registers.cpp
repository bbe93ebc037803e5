#include "tlm/interface/finisher_registers.h"

namespace flexcim {

RegisterMap FinisherRegisters::register_map() {
  return {"FINISHER",
          {{"FINISH",
            finish,
            RegisterAccess::write_only,
            0,
            "ends the simulation",
            {{"STATUS", 0, 16, "0x5555 pass, 0x3333 fail, others do nothing"},
             {"CODE", 16, 16, "exit code of a failure, 1..255"}}}}};
}

}  // namespace flexcim
