// What drives the SoC: the seam under which a program in C++ (NativeHost) or a simulated processor sits.
#pragma once

#include "platform/driver/host_counts.h"
#include "platform/driver/program_error.h"
#include "platform/host/host_listener.h"

#include <systemc>
#include <tlm>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace flexcim {

namespace debug {
class Machine;
}
namespace riscv {
class Hart;
}

/// One RISC-V hart as the SoC sees it: a bus master with three interrupt lines, which are levels. Who implements it
/// binds the socket's backward interface.
class Host : public sc_core::sc_module {
 public:
  tlm::tlm_initiator_socket<> socket{"socket"};
  sc_core::sc_in<bool> external_interrupt{"external_interrupt"};  ///< of the interrupt controller
  sc_core::sc_in<bool> timer_interrupt{"timer_interrupt"};
  sc_core::sc_in<bool> software_interrupt{"software_interrupt"};

  /// Whether its program has come to its end.
  virtual bool ended() const = 0;
  /// What the program waits for, one sentence: for the report of a simulation that does not end.
  virtual std::string waiting_for() const = 0;
  /// How the program has come to where it is: lines for the same report, each behind a line feed; empty where there is
  /// nothing to tell.
  virtual std::string backtrace() const { return {}; }
  virtual const HostCounts& counts() const = 0;
  /// Who wants to hear that bytes of memory have been written over the bus: their first and last address. Empty where
  /// nobody does; asked for once, while the SoC is built.
  virtual std::function<void(std::uint64_t first, std::uint64_t last)> memory_listener() { return {}; }
  /// What is around it, for its debugger; outlives it. To be called before the simulation starts.
  virtual void set_machine(debug::Machine&) {}
  /// The processor that it is; null where it is none.
  virtual riscv::Hart* processor() { return nullptr; }
  /// `listener` hears from now on; outlives the host.
  void add_listener(HostListener& listener) { listener_ = listeners_.add(listener); }

 protected:
  explicit Host(const sc_core::sc_module_name& name) : sc_module(name) {}

  /// Who hears; null for nobody.
  HostListener* listener() const { return listener_; }

 private:
  HostFanOut listeners_;
  HostListener* listener_ = nullptr;
};

/// Makes the host of a SoC, with the module name `name`; called once, while the SoC is built.
using HostMaker = std::function<std::unique_ptr<Host>(const char* name)>;

}  // namespace flexcim
