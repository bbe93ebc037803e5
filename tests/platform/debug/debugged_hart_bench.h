// A hart under a debugger, with what a small program needs around it.
#pragma once

#include "platform/host/riscv_host.h"
#include "tests/platform/riscv/firmware.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/interface/memory_map.h"
#include "tlm/memory/sram.h"
#include "tlm/peripherals/test_finisher.h"
#include "tlm/peripherals/timer.h"

#include <fmt/format.h>
#include <functional>
#include <string>
#include <utility>

namespace flexcim::debug::test {

using namespace riscv::test;

constexpr u32 kSram = static_cast<u32>(memory_map::sram), kTimerBase = static_cast<u32>(memory_map::timer);
constexpr u32 kFinisher = static_cast<u32>(memory_map::finisher), kData = kSram + 0x1000;

inline InterconnectParameters bus_parameters() {
  InterconnectParameters parameters;
  parameters.clock_ps = 2000;
  return parameters;
}

/// A hart of 1 ns with SRAM, timer and test finisher.
struct Bench {
  RiscvHost host;
  Interconnect interconnect{"interconnect", bus_parameters()};
  Sram sram{"sram", memory_map::sram_size, sc_core::sc_time(2, sc_core::SC_NS)};
  Timer timer{"timer", sc_core::sc_time(100, sc_core::SC_NS)};
  TestFinisher finisher{"finisher"};
  sc_core::sc_signal<bool> external, timer_line, software;

  Bench(const Firmware& firmware, Debugger* debugger) : host("host", firmware.elf(), parameters(debugger)) {
    interconnect.connect(host.socket);
    interconnect.map(sram.socket, kSram, memory_map::sram_size, "sram");
    interconnect.map(timer.socket, kTimerBase, memory_map::timer_size, "timer");
    interconnect.map(finisher.socket, kFinisher, memory_map::finisher_size, "finisher");
    host.external_interrupt(external);
    host.timer_interrupt(timer_line);
    host.software_interrupt(software);
    timer.interrupt(timer_line);
    timer.software_interrupt(software);
    riscv::Memory memory;
    memory.first = kSram, memory.last = kSram + static_cast<u32>(memory_map::sram_size) - 1;
    memory.data = sram.store().data();
    firmware.elf().load({memory});
  }
  static RiscvHostParameters parameters(Debugger* debugger) {
    RiscvHostParameters parameters;
    parameters.debugger = debugger;
    return parameters;
  }
  /// Until the firmware ends the simulation, or after that many milliseconds. All that it leaves behind.
  std::string run(double most_ms = 1) {
    try {
      sc_core::sc_start(most_ms, sc_core::SC_MS);
    } catch (const std::exception& error) {
      return error.what();
    }
    const riscv::Hart& hart = host.hart();
    std::string text =
        fmt::format("exit code {}, {}, {} cycles, {} instructions, pc {:#x}", finisher.exit_code().value_or(-1),
                    sc_core::sc_time_stamp().to_string(), hart.cycles(), hart.instructions(), hart.pc());
    for (int i = 0; i < 32; ++i) text += fmt::format(" {:x}", hart.reg(i));
    for (u32 at = 0; at < 16; ++at) text += fmt::format(" {:x}", sram.store().data()[0x1000 + at]);
    return text + fmt::format(" {} {}", host.counts().memory_reads, host.counts().bus_bytes);
  }
};

class Script : public Debugger {
 public:
  explicit Script(std::function<Resume(DebugTarget&, const StopReason&)> at_stop) : at_stop_(std::move(at_stop)) {}
  Resume stopped(DebugTarget& target, const StopReason& reason) override {
    ++stops;
    return at_stop_(target, reason);
  }
  bool wants_stop() override { return every_look != 0 && ++looks % every_look == 0; }

  int stops = 0, looks = 0, every_look = 0;

 private:
  std::function<Resume(DebugTarget&, const StopReason&)> at_stop_;
};

/// Computes, stores, asks a device, and sleeps until the timer's interrupt at 30 us, whose handler counts in s0. `loop`
/// and `sleep` are places in it.
struct Program {
  u32 loop = 0, sleep = 0;
  Firmware firmware{kSram};

  Program() {
    firmware.load(a2, kTimerBase + Timer::mtimecmp).load(gp, kData).add({sw(zero, 4, a2), li(a3, 300), sw(a3, 0, a2)});
    firmware.add({jal(ra, 4 * 4), addi(s0, s0, 1), sw(ra, 4, a2), mret});  // ra is the handler
    firmware.add({csrw(csrs::mtvec, ra), li(t0, 0x80), csrw(csrs::mie, t0), csrrsi(zero, csrs::mstatus, 8)});
    firmware.load(t0, 300);
    loop = firmware.here();
    firmware.add(
        {mul(a0, a0, t0), addi(a0, a0, 1), sw(a0, 0, gp), lb(a1, 1, gp), addi(t0, t0, -1), bne(t0, zero, -20)});
    sleep = firmware.here();
    firmware.add({wfi, csrr(t1, csrs::mcycle), sw(t1, 8, gp), lw(t2, 0, a2)});
    firmware.load(a4, kFinisher).load(a5, 5u << 16 | 0x3333).add({sw(a5, 0, a4), j(0)});
  }
};

}  // namespace flexcim::debug::test
