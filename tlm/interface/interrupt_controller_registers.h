// Registers of the RISC-V PLIC specification 1.0, for one hart.
#pragma once

#include "tlm/interface/register_map.h"

#include <cstddef>
#include <cstdint>

namespace flexcim {

struct InterruptControllerRegisters {
  static constexpr int max_sources = 31;
  static constexpr std::uint32_t max_priority = 7;

  static constexpr std::uint32_t priority(int id) { return 4 * static_cast<std::uint32_t>(id); }
  static constexpr std::uint32_t pending = 0x1000;
  static constexpr std::uint32_t enable = 0x2000;
  static constexpr std::uint32_t threshold = 0x200000;
  static constexpr std::uint32_t claim = 0x200004;

  static RegisterMap register_map(int sources);
};

}  // namespace flexcim
