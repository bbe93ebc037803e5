// A hart that a debugger looks into, runs and stops.
#pragma once

#include "platform/debug/debug_target.h"
#include "platform/riscv/hart.h"

#include <systemc>
#include <tlm>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace flexcim {

/// Stops change nothing of what the hart does and when: what it would have done up to a cycle is done in pieces, and
/// simulated time stands still in between. So a hart that runs ahead of simulated time is shown as it is, devices as
/// they are at simulated time, which is what the hart can have seen of them. When the debugger kills the program,
/// ProgramError is thrown.
class DebuggedHart : private debug::DebugTarget {
 public:
  /// `bus` is where the hart's addresses are; `period` is that of its clock; `debugger` outlives it; `reset` loads the
  /// program and resets the hart.
  DebuggedHart(riscv::Hart& hart, tlm::tlm_initiator_socket<>& bus, const sc_core::sc_time& period,
               debug::Debugger& debugger, std::function<void()> reset);

  /// Outlives it.
  void set_machine(debug::Machine& machine) { machine_ = &machine; }

  /// Before the first instruction.
  void begin() { stop({debug::Signal::trap}); }
  /// As Hart::run(UINT64_MAX, until_cycle) does, or until an earlier cycle, and never returns for a break- or
  /// watchpoint, and for an unhandled trap only when the debugger has seen it and lets the run end by it.
  riscv::Stop run(std::uint64_t until_cycle);
  /// While the hart sleeps: waits for one of `events`, and looks after the debugger meanwhile. Where nobody is left to
  /// cause one, the debugger hears of it first.
  void wait_asleep(const sc_core::sc_event_or_list& events);
  /// Before the run is given up for what the program has done.
  void give_up() { stop({debug::Signal::abort, {}, 0, true}); }

 private:
  const std::vector<debug::RegisterName>& registers() const override;
  std::optional<std::uint32_t> read_register(int number) const override;
  bool write_register(int number, std::uint32_t value) override;
  std::size_t read_memory(std::uint32_t address, std::uint8_t* data, std::size_t bytes) override;
  std::size_t write_memory(std::uint32_t address, const std::uint8_t* data, std::size_t bytes) override;
  void set_breakpoint(std::uint32_t address, bool set) override { hart_.set_breakpoint(address, set); }
  void set_watchpoint(debug::Watch kind, std::uint32_t first, std::uint32_t last, bool set) override;
  std::uint64_t time_ps() const override;
  void stop_at(std::uint64_t ps) override;
  void stop_after(const std::optional<debug::CommandStop>& command) override;
  void reset() override;
  debug::Machine* machine() const override { return machine_; }

  static constexpr std::uint64_t kNever = UINT64_MAX;
  void stop(const debug::StopReason& reason);
  void stop_if_due(std::uint64_t cycle);
  bool command_has_ended();
  std::uint64_t next_edge() const;
  debug::StopReason watchpoint() const;
  std::size_t access(tlm::tlm_command command, std::uint32_t address, std::uint8_t* data, std::size_t bytes);

  riscv::Hart& hart_;
  tlm::tlm_initiator_socket<>& bus_;
  const sc_core::sc_time period_;
  debug::Debugger& debugger_;
  debug::Resume resume_ = debug::Resume::run;
  std::uint64_t stop_cycle_ = kNever;
  const std::function<void()> reset_;
  debug::Machine* machine_ = nullptr;
  std::optional<debug::CommandStop> command_stop_;  ///< less the commands that have ended
  std::uint64_t commands_after_ps_ = 0;             ///< those that end later count ...
  std::size_t commands_seen_ = 0;                   ///< ... that come behind these
};

}  // namespace flexcim
