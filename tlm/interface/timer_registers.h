// Registers of the machine timer and the software interrupt, at the offsets of SiFive's CLINT (RISC-V's ACLINT: MTIMER
// and MSWI).
#pragma once

#include "tlm/interface/register_map.h"

#include <cstddef>
#include <cstdint>

namespace flexcim {

struct TimerRegisters {
  static constexpr std::uint32_t msip = 0x0;
  static constexpr std::uint32_t mtimecmp = 0x4000;
  static constexpr std::uint32_t mtimecmp_high = 0x4004;
  static constexpr std::uint32_t mtime = 0xBFF8;
  static constexpr std::uint32_t mtime_high = 0xBFFC;

  static RegisterMap register_map();
};

}  // namespace flexcim
