// A SoC whose host runs firmware that the test has put together.
#pragma once

#include "platform/host/riscv_host.h"
#include "platform/soc/soc.h"
#include "tests/platform/default_architecture.h"
#include "tests/platform/riscv/firmware.h"
#include "tlm/interface/memory_map.h"

#include <cstdint>
#include <cstring>
#include <sstream>

namespace flexcim::test {

using riscv::test::Firmware;
using riscv::test::u32;

constexpr u32 kSram = static_cast<u32>(memory_map::sram), kDram = static_cast<u32>(memory_map::dram);
constexpr u32 kTimerBase = static_cast<u32>(memory_map::timer), kFinisher = static_cast<u32>(memory_map::finisher);
constexpr std::uint64_t kDramBytes = 1 << 16;

/// A SoC of 2 ns, whose interconnect takes 4 cycles each way, with a hart of 1 ns.
struct Bench {
  std::ostringstream console;
  Soc soc;

  explicit Bench(const Firmware& firmware, const RiscvHostParameters& parameters = {})
      : soc("soc", default_architecture(), Fidelity::tlm, kDramBytes, riscv_host(firmware.elf(), parameters), console) {
    riscv::Memory sram, dram;
    sram.first = kSram, sram.last = kSram + static_cast<u32>(memory_map::sram_size) - 1;
    sram.data = soc.sram().store().data();
    dram.first = kDram, dram.last = kDram + static_cast<u32>(kDramBytes) - 1;
    dram.data = soc.dram().store().data();
    firmware.elf().load({sram, dram});
  }
  const riscv::Hart& hart() const { return dynamic_cast<const RiscvHost&>(soc.host()).hart(); }
  u32 word(u32 address) {
    u32 value = 0;
    const bool in_dram = address >= kDram;
    std::memcpy(
        &value,
        (in_dram ? soc.dram().store().data() : soc.sram().store().data()) + (address - (in_dram ? kDram : kSram)), 4);
    return value;
  }
  /// Whether the firmware has ended the simulation, by that time.
  bool run(const sc_core::sc_time& end = {1, sc_core::SC_MS}) {
    sc_core::sc_start(end);
    return soc.finisher().exit_code().has_value();
  }
};

/// Ends the simulation with `pass`; takes a4, a5.
inline Firmware& finish(Firmware& firmware) {
  using namespace riscv::test;
  return firmware.load(a4, kFinisher).load(a5, 0x5555).add({sw(a5, 0, a4), j(0)});
}

}  // namespace flexcim::test
