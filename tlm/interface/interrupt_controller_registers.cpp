#include "tlm/interface/interrupt_controller_registers.h"

#include <fmt/format.h>

namespace flexcim {

RegisterMap InterruptControllerRegisters::register_map(int sources) {
  RegisterMap map{"PLIC", {}};
  for (int id = 1; id <= sources; ++id) {
    map.registers.push_back({fmt::format("PRIORITY{}", id),
                             priority(id),
                             RegisterAccess::read_write,
                             0,
                             fmt::format("priority of source {}, 0 never interrupts", id),
                             {{"VALUE", 0, 3, "0..7, the highest first"}}});
  }
  map.registers.push_back({"PENDING", pending, RegisterAccess::read_only, 0, "requests, bit = source", {}});
  map.registers.push_back({"ENABLE",
                           enable,
                           RegisterAccess::read_write,
                           0,
                           "enabled sources, bit = source",
                           {{"SOURCES", 1, sources, ""}}});
  map.registers.push_back({"THRESHOLD",
                           threshold,
                           RegisterAccess::read_write,
                           0,
                           "only priorities above it interrupt",
                           {{"VALUE", 0, 3, "0..7"}}});
  map.registers.push_back({"CLAIM",
                           claim,
                           RegisterAccess::read_write,
                           0,
                           "a read claims the pending source of highest priority (0: none), a write completes it",
                           {},
                           true});
  return map;
}

}  // namespace flexcim
