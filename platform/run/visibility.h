// What a scenario's `observe` wants to be written down of host, accelerator and memory (docs/visibility.md).
#pragma once

#include "platform/config/scenario.h"
#include "platform/results/run_result.h"
#include "platform/riscv/elf.h"
#include "platform/run/accelerator_timeline.h"
#include "platform/soc/soc.h"
#include "platform/visibility/call_profile.h"
#include "platform/visibility/interrupt_log.h"
#include "platform/visibility/register_log.h"
#include "platform/visibility/timeline.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// Listens to one SoC and changes nothing of what it does. Files lie in their places when finish() has been called, and
/// not before. They throw std::system_error that names the file.
class Visibility : private HostListener, private riscv::HartListener, private CallListener, private debug::TraceSwitch {
 public:
  /// Whether there is something to do.
  static bool wanted(const ObserveConfig& observe) {
    return observe.registers || observe.profile || observe.interrupts || observe.timeline;
  }
  /// Throws InputError where the host's firmware cannot be read. `scenario` outlives it.
  Visibility(const Scenario& scenario, std::filesystem::path folder);

  /// To be called once, before the simulation starts. `layer`: the name of the command with that tag. Both outlive it.
  void listen_to(Soc& soc, std::function<std::string(std::uint32_t tag)> layer);
  /// The simulation has ended, with this result; null for one that could not. Gives the names of the files.
  std::vector<std::string> finish(const SimulationResult* result);
  /// Of every source that has been seen.
  std::vector<InterruptLatency> interrupts() const;

 private:
  void access_begins(const BusAccess& access, const sc_core::sc_time& at) override;
  void access_ends(const BusAccess& access, const sc_core::sc_time& at, tlm::tlm_response_status status,
                   bool memory) override;
  void falls_asleep(const sc_core::sc_time& at) override;
  void wakes(const sc_core::sc_time& at) override;
  void trapped(const riscv::Trap& trap) override;
  void returned() override;
  void executed(std::uint32_t pc, const riscv::Instruction& instruction) override;
  void entered(std::size_t function, std::uint64_t cycle) override;
  void left(std::uint64_t cycle) override { timeline_->leave_function(at_cycle(cycle)); }

  std::string trace_name() const override { return "registers"; }
  void record(bool on) override { recording_ = on; }
  void listen_to_processor(riscv::Hart& hart);
  void listen_to_interrupts(const Soc& soc);
  void transaction_ended(const TransactionRecord& record, Picoseconds told_up_to);
  void write_register(const std::string& error);
  void draw_windows(const SimulationResult& result);
  Picoseconds at_cycle(std::uint64_t cycle) const;  ///< of the processor

  const Scenario& scenario_;
  const std::filesystem::path folder_;
  std::optional<riscv::ElfFile> program_;
  riscv::Hart* hart_ = nullptr;
  const RegisterNames names_;
  std::optional<OutputFile> registers_;
  bool recording_ = true;       ///< accesses of registers
  std::string register_lines_;  ///< not written yet
  std::optional<Timeline> timeline_;
  std::optional<AcceleratorTimeline> accelerator_;
  std::optional<CallProfile> profile_;
  std::vector<std::string> function_names_;  ///< as JSON
  InterruptLog interrupts_;
  RegisterAccessRecord access_;  ///< the present one
  bool accessing_ = false, asleep_ = false;
};

}  // namespace flexcim
