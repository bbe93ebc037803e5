// Register and values of SiFive's `test0`, which RISC-V toolchains and QEMU know.
#pragma once

#include "tlm/interface/register_map.h"

#include <cstddef>
#include <cstdint>

namespace flexcim {

struct FinisherRegisters {
  static constexpr std::uint32_t finish = 0x00;

  static constexpr std::uint32_t pass = 0x5555;
  static constexpr std::uint32_t fail = 0x3333;  ///< in bits 15:0; bits 31:16 are the exit code

  static RegisterMap register_map();
};

}  // namespace flexcim
