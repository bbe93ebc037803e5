// SiFive's CLINT for one hart: the machine timer of RISC-V, 64-bit `mtime` and `mtimecmp`, and its software interrupt
// `msip` (the parts MTIMER and MSWI of RISC-V's ACLINT).
#pragma once

#include "tlm/fabric/register_file.h"
#include "tlm/interface/timer_registers.h"

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

namespace flexcim {

class Timer : public sc_core::sc_module, public TimerRegisters {
 public:
  tlm_utils::simple_target_socket<RegisterFile> socket{"socket"};
  /// Level: high while mtime >= mtimecmp, unsigned (RISC-V privileged architecture, machine timer registers). Follows a
  /// write or a tick in the same simulated time, some delta cycles later.
  sc_core::sc_out<bool> interrupt{"interrupt"};
  /// Level: bit 0 of msip, some delta cycles after the write.
  sc_core::sc_out<bool> software_interrupt{"software_interrupt"};

  /// `tick` is the period of mtime; tick n begins at n periods of simulated time. Throws std::invalid_argument unless
  /// it is positive.
  Timer(const sc_core::sc_module_name& name, const sc_core::sc_time& tick);

  /// All registers but mtime, which counts on, get their reset values at once.
  void reset();

 private:
  std::uint64_t elapsed() const { return sc_core::sc_time_stamp().value() / tick_.value(); }
  std::uint64_t now() const { return elapsed() + offset_; }
  void set_half(std::uint32_t value, int shift);
  void drive_interrupts();

  RegisterFile registers_;
  sc_core::sc_time tick_;
  std::uint64_t offset_ = 0;  ///< mtime less the ticks since the simulation's start, modulo 2^64
  sc_core::sc_event update_;
};

}  // namespace flexcim
