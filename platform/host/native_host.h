// The host as C++: a program in one SC_THREAD that reads and writes the SoC's addresses, loosely timed.
#pragma once

#include "platform/driver/program_host.h"
#include "platform/host/host.h"
#include "tlm/fabric/picoseconds.h"

#include <tlm_utils/tlm_quantumkeeper.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace flexcim {

/// TLM-2.0 initiator with temporal decoupling (tlm_global_quantum). Memory is accessed through DMI where the target
/// grants it.
class NativeHost : public Host, public ProgramHost, private tlm::tlm_bw_transport_if<> {
 public:
  using Program = std::function<void(NativeHost&)>;

  /// `program` runs once, from time 0; what it throws leaves sc_start().
  NativeHost(const sc_core::sc_module_name& name, Program program);

  bool ended() const override { return state_ == State::ended; }
  /// The program gets CutShort out of what it does or waits for, once. Between two events of the simulation.
  void cut_short();
  std::string waiting_for() const override;
  const HostCounts& counts() const override { return ProgramHost::counts(); }

  // For the program: ProgramHost, whose local time runs ahead of simulated time, and
  /// Whether the line is high.
  bool pending(Interrupt interrupt) const { return line(interrupt).read(); }
  /// The program's own time: simulated time and what it is ahead of it.
  sc_core::sc_time now() const { return quantum_.get_current_time(); }
  Picoseconds now_ps() const override { return to_picoseconds(now()); }

 private:
  SC_HAS_PROCESS(NativeHost);
  enum class State { working, accessing, sleeping, ended };
  void run();
  bool transfer(bool write, std::uint64_t address, void* data, std::size_t bytes) override;
  void transfer_stream(bool write, std::uint64_t address, std::size_t bytes) override;
  void transport(tlm::tlm_generic_payload& payload);
  bool transfer_directly(bool write, std::uint64_t address, void* data, std::size_t bytes);
  void pass(Picoseconds time) override;
  void throw_if_cut();
  void sleep(const std::vector<Interrupt>& enabled) override;
  const sc_core::sc_in<bool>& line(Interrupt interrupt) const;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  Program program_;
  State state_ = State::working;
  std::uint64_t accessed_ = 0;      ///< address of the last access over the bus
  std::vector<Interrupt> awaited_;  ///< while sleeping
  bool cut_ = false;
  sc_core::sc_event cut_event_;
  tlm_utils::tlm_quantumkeeper quantum_;
  tlm::tlm_dmi dmi_;
  bool dmi_valid_ = false;
};

/// A NativeHost that runs `program`.
HostMaker native_host(NativeHost::Program program);

}  // namespace flexcim
