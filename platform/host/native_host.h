// The host as C++: a program in one SC_THREAD that reads and writes the SoC's addresses, loosely timed.
#pragma once

#include "platform/host/host.h"
#include "platform/riscv/hart.h"

#include <tlm_utils/tlm_quantumkeeper.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace flexcim {

using riscv::Interrupt;

/// TLM-2.0 initiator with temporal decoupling (tlm_global_quantum). Memory is accessed through DMI where the target
/// grants it.
class NativeHost : public Host, private tlm::tlm_bw_transport_if<> {
 public:
  using Program = std::function<void(NativeHost&)>;

  /// `program` runs once, from time 0; what it throws leaves sc_start().
  NativeHost(const sc_core::sc_module_name& name, Program program);

  bool ended() const override { return state_ == State::ended; }
  std::string waiting_for() const override;
  const HostCounts& counts() const override { return counts_; }

  // For the program. Accesses advance local time; a response other than OK throws BusError that names the address.
  std::uint32_t read32(std::uint64_t address);
  void write32(std::uint64_t address, std::uint32_t value);
  void read(std::uint64_t address, void* data, std::size_t bytes);
  void write(std::uint64_t address, const void* data, std::size_t bytes);
  /// Returns when the line of one of `enabled` is high (RISC-V: wfi, with these set in `mie`).
  void wait_for_interrupt(std::initializer_list<Interrupt> enabled = {Interrupt::external});
  /// Whether the line is high.
  bool pending(Interrupt interrupt) const { return line(interrupt).read(); }
  /// The program computes for that long.
  void compute(std::uint64_t instructions, const sc_core::sc_time& time);
  /// The program's own time: simulated time and what it is ahead of it.
  sc_core::sc_time now() const { return quantum_.get_current_time(); }

 private:
  SC_HAS_PROCESS(NativeHost);
  enum class State { working, accessing, sleeping, ended };
  void run();
  void access(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes);
  bool access_directly(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes);
  const sc_core::sc_in<bool>& line(Interrupt interrupt) const;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  Program program_;
  State state_ = State::working;
  std::uint64_t accessed_ = 0;      ///< address of the last access over the bus
  std::vector<Interrupt> awaited_;  ///< while sleeping
  tlm_utils::tlm_quantumkeeper quantum_;
  tlm::tlm_dmi dmi_;
  bool dmi_valid_ = false;
  HostCounts counts_;
};

/// A NativeHost that runs `program`.
HostMaker native_host(NativeHost::Program program);

}  // namespace flexcim
