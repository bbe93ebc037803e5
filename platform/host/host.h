// What drives the SoC: the seam under which a program in C++ (NativeHost) or a simulated processor sits.
#pragma once

#include "flow/base/statistic.h"
#include "platform/host/host_listener.h"

#include <systemc>
#include <tlm>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace flexcim {

namespace debug {
class Machine;
}
namespace riscv {
class Hart;
}

/// The host's program has done what it cannot go on after. `what()` is one sentence.
class ProgramError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A refused access of the host's program: the bus fault of a processor.
class BusError : public ProgramError {
 public:
  using ProgramError::ProgramError;
};

/// What a host has done since the start.
struct HostCounts {
  std::uint64_t instructions = 0;  ///< one per word that it moves, and what the program says that it computes
  std::uint64_t bus_bytes = 0;     ///< moved over the bus, those of memory among them
  std::uint64_t memory_reads = 0;  ///< bytes of memory: what the bus said may be accessed through DMI
  std::uint64_t memory_writes = 0;
};

template <>
struct StatisticList<HostCounts> {
  static constexpr auto list = statistics<HostCounts>({
      {"instructions", "events", "executed", count<&HostCounts::instructions>},
      {"bus_bytes", "bytes", "moved over the bus", count<&HostCounts::bus_bytes>},
      {"memory_reads", "bytes", "read from memory", count<&HostCounts::memory_reads>},
      {"memory_writes", "bytes", "written to memory", count<&HostCounts::memory_writes>},
  });
};

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
