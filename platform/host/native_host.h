// The host as C++: a program in one SC_THREAD that reads and writes the SoC's addresses, loosely timed.
#pragma once

#include "flow/base/statistic.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

namespace flexcim {

/// A refused access of the host's program: the bus fault of a processor.
class BusError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
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

/// TLM-2.0 initiator with temporal decoupling (tlm_global_quantum). Memory is accessed through DMI where the target
/// grants it.
class NativeHost : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<NativeHost> socket{"socket"};
  sc_core::sc_in<bool> interrupt{"interrupt"};

  using Program = std::function<void(NativeHost&)>;

  /// `program` runs once, from time 0; what it throws leaves sc_start().
  NativeHost(const sc_core::sc_module_name& name, Program program);

  bool ended() const { return state_ == State::ended; }
  /// What the program waits for, one sentence: for the report of a simulation that does not end.
  std::string waiting_for() const;

  // For the program. Accesses advance local time; a response other than OK throws BusError that names the address.
  std::uint32_t read32(std::uint64_t address);
  void write32(std::uint64_t address, std::uint32_t value);
  void read(std::uint64_t address, void* data, std::size_t bytes);
  void write(std::uint64_t address, const void* data, std::size_t bytes);
  /// Returns when the interrupt line is high (RISC-V: wfi).
  void wait_for_interrupt();
  /// The program computes for that long.
  void compute(std::uint64_t instructions, const sc_core::sc_time& time);
  /// The program's own time: simulated time and what it is ahead of it.
  sc_core::sc_time now() const { return quantum_.get_current_time(); }

  const HostCounts& counts() const { return counts_; }

 private:
  SC_HAS_PROCESS(NativeHost);
  enum class State { working, accessing, sleeping, ended };
  void run();
  void access(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes);
  bool access_directly(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes);
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last);

  Program program_;
  State state_ = State::working;
  std::uint64_t accessed_ = 0;  ///< address of the last access over the bus
  tlm_utils::tlm_quantumkeeper quantum_;
  tlm::tlm_dmi dmi_;
  bool dmi_valid_ = false;
  HostCounts counts_;
};

}  // namespace flexcim
