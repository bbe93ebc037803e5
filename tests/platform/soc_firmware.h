// What firmware of the tests needs to know of the SoC: where its devices lie, and how a simulation ends.
#pragma once

#include "tests/platform/riscv/firmware.h"

namespace flexcim::riscv::test {

constexpr u32 kDram = 0x8000'0000, kUart = 0x1000'0000, kFinisher = 0x0010'0000, kTimer = 0x0200'0000;

/// Ends the simulation with that exit code.
inline Firmware& end(Firmware& firmware, u32 code) {
  return firmware.load(t0, kFinisher).load(t1, code == 0 ? 0x5555 : code << 16 | 0x3333).add({sw(t1, 0, t0), j(0)});
}

}  // namespace flexcim::riscv::test
