#include "tlm/interface/timer_registers.h"

namespace flexcim {

RegisterMap TimerRegisters::register_map() {
  return {"TIMER",
          {{"MSIP",
            msip,
            RegisterAccess::read_write,
            0,
            "software interrupt",
            {{"PENDING", 0, 1, "the line; the other bits stay 0"}}},
           {"MTIMECMP", mtimecmp, RegisterAccess::read_write, 0xFFFFFFFF, "compare value, bits 31:0", {}},
           {"MTIMECMP_HIGH", mtimecmp_high, RegisterAccess::read_write, 0xFFFFFFFF, "compare value, bits 63:32", {}},
           {"MTIME", mtime, RegisterAccess::read_write, 0, "time in ticks, bits 31:0", {}},
           {"MTIME_HIGH", mtime_high, RegisterAccess::read_write, 0, "time in ticks, bits 63:32", {}}}};
}

}  // namespace flexcim
