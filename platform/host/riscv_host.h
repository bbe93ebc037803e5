// The host as a RISC-V hart: firmware in the SoC's memory, executed instruction by instruction.
#pragma once

#include "platform/config/clock_period.h"
#include "platform/debug/debug_target.h"
#include "platform/host/debugged_hart.h"
#include "platform/host/host.h"
#include "platform/riscv/elf.h"
#include "platform/riscv/hart.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace flexcim {

struct RiscvHostParameters {
  ClockPeriod clock{1000};  ///< of the hart
  riscv::Timing timing;     ///< cycles of its instructions
  /// How far it may run ahead of simulated time, ten times as far where nobody else has anything to do meanwhile. Where
  /// the global quantum is not 0, that one counts.
  sc_core::sc_time quantum{1, sc_core::SC_US};
  std::uint32_t boot_block = 0;         ///< what the program finds in a1; it finds its hart's number, 0, in a0
  debug::Debugger* debugger = nullptr;  ///< is asked before the first instruction; outlives the host
};

/// A hart with temporal decoupling, out of reset at time 0 at the entry of its program, which somebody else has loaded.
///
/// Time is counted in cycles of its clock, from time 0, those in which it sleeps among them: `mcycle` and simulated
/// time tell the same. An instruction takes what Timing says. A load, a store or an atomic instruction of memory takes
/// the latency of the direct memory interface on top, rounded up to whole cycles; memory is not cached and each access
/// goes there by itself. Fetches take no time and are not counted, as if from an instruction cache that always hits.
/// What is no memory is accessed over the bus at the exact time; the access ends with the first clock edge after the
/// response, when the interrupt lines show what it has changed.
///
/// Lines that others change are seen when the hart has come to the end of its quantum, accesses a device, or sleeps, so
/// at most a quantum late; the same holds for memory that others write. Firmware that sleeps (wfi) until it is called,
/// or asks devices, runs the same with every quantum.
///
/// A trap that no handler takes, and wfi while `mie` enables nothing, end the simulation with a ProgramError that names
/// pc, function, cause and address, and has the backtrace behind it.
class RiscvHost : public Host, private tlm::tlm_bw_transport_if<>, private riscv::Bus {
 public:
  RiscvHost(const sc_core::sc_module_name& name, riscv::ElfFile program, const RiscvHostParameters& parameters = {});

  /// Never: who runs its program asks the test finisher.
  bool ended() const override { return false; }
  std::string waiting_for() const override;
  std::string backtrace() const override;
  const HostCounts& counts() const override;
  std::function<void(std::uint64_t, std::uint64_t)> memory_listener() override;
  riscv::Hart* processor() override { return &hart_; }

  void set_machine(debug::Machine& machine) override;

  const riscv::Hart& hart() const { return hart_; }

 private:
  enum class State { running, accessing, sleeping };
  void run();
  void begin();
  void reset();
  void sleep();
  void synchronize();
  std::uint64_t quantum_end() const;
  [[noreturn]] void give_up(const std::string& why) const;
  std::string place(std::uint32_t address) const;
  sc_core::sc_time time() const { return sc_core::sc_time::from_value(hart_.cycles() * period_.value()); }

  bool read(std::uint32_t address, unsigned bytes, std::uint32_t& value) override {
    return access(tlm::TLM_READ_COMMAND, address, bytes, value);
  }
  bool write(std::uint32_t address, unsigned bytes, std::uint32_t value) override {
    return access(tlm::TLM_WRITE_COMMAND, address, bytes, value);
  }
  void need_memory(std::uint32_t address) override;
  bool access(tlm::tlm_command command, std::uint32_t address, unsigned bytes, std::uint32_t& value);
  std::uint32_t whole_cycles(const sc_core::sc_time& time) const;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  const riscv::ElfFile program_;
  const sc_core::sc_time period_, quantum_;
  const std::uint32_t boot_block_;
  riscv::Hart hart_;
  /// Of accesses. Not on the stack of the process, which is never unwound where an access ends the simulation.
  tlm::tlm_generic_payload payload_;
  std::optional<DebuggedHart> debugged_;  ///< under a debugger
  sc_core::sc_event_or_list lines_;       ///< changes of the interrupt lines
  State state_ = State::running;
  std::uint32_t accessed_ = 0;  ///< address of the last access over the bus
  HostCounts over_bus_;         ///< of accesses over the bus
  mutable HostCounts counts_;   ///< of all
};

/// A RiscvHost with these.
HostMaker riscv_host(riscv::ElfFile program, const RiscvHostParameters& parameters = {});

}  // namespace flexcim
