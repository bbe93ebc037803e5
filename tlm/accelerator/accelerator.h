// The FlexCiM accelerator as a TLM-2.0 module (docs/architecture.md §7): register target, DMA initiator, interrupt
// line, the command queue, buffers and loop nest around a MacroEngine.
#pragma once

#include "tlm/accelerator/simulated_clock.h"
#include "tlm/dma/dma.h"
#include "tlm/engine/macro_engine.h"
#include "tlm/fabric/register_file.h"
#include "tlm/faults/faulty_memory.h"
#include "tlm/interface/registers.h"
#include "tlm/timing/command_unit.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace flexcim {

/// A ring of descriptors in memory is the command queue. Software writes descriptors, then the new tail to DOORBELL;
/// the accelerator fetches, works and advances the head, one command after the other, in order. A command that is
/// malformed, whose weight image is, or whose transfers fail, ends with ERROR_CODE, ERROR_ADDRESS and the ERROR
/// interrupt; its outputs are then unspecified, nothing else is disturbed, and the queue goes on with the next command
/// unless the flag `stop` halts it. All work is placed in clock cycles by arithmetic on flow/map/schedule.h and on when
/// DMA bursts end, never by the order of simulator events, so that any MacroEngine gives the same cycles.
class Accelerator : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<RegisterFile> registers_socket{"registers_socket"};
  sc_core::sc_out<bool> irq{"irq"};  ///< high while an enabled interrupt is pending

  /// Throws InputError for parameters out of range. `engine` outlives the module, as do `faults` of what its DMA reads;
  /// null for none.
  Accelerator(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters, const DmaParameters& dma,
              MacroEngine& engine, FaultInjector* faults = nullptr);

  /// To be bound to memory.
  tlm::tlm_initiator_socket<>& memory_socket() { return dma_.socket; }

  const AcceleratorParameters& parameters() const { return parameters_; }
  /// All commands that have ended since the simulation's start, whatever resets came between.
  const std::vector<CommandRecord>& records() const { return records_; }
  /// Totals since the last reset, up to the last command that has ended.
  const AcceleratorEvents& events() const { return total_.events; }
  /// `listener` hears of every load, run and transfer, after those added before. Outlives the module. To be called
  /// before the simulation starts.
  void add_listener(ActivityListener& listener);
  /// `listener` hears of every access to the SRAM buffers, likewise.
  void add_buffer_listener(BufferListener& listener);
  /// `step` is called in simulated time whenever a command has ended, with its record; steps are called in the order in
  /// which they were added. Commands that a reset has cut off have no record.
  void on_command_end(std::function<void(const CommandRecord&)> step) { ended_.push_back(std::move(step)); }
  /// Commands in the ring that have not ended, the present one among them.
  std::uint32_t queued() const;
  /// Of the present or last command.
  const Descriptor& descriptor() const { return commands_.descriptor(); }
  /// What the accelerator waits for, one sentence: for the report of a simulation that does not end.
  std::string waiting_for() const;
  /// Whether the accelerator may run ahead of simulated time (docs/fast_path.md); true from the start. Results are the
  /// same. To be called before the simulation starts.
  void use_fast_path(bool use) { dma_.use_path(use); }
  /// How far it runs ahead, in cycles; kQuantum from the start. Results are the same. Likewise.
  void set_quantum(Cycle cycles) { dma_.set_quantum(cycles); }

 private:
  void work();
  bool may_fetch() const;
  void process_command();
  void end_command(const CommandRecord& record);
  void raise(ErrorCode error, std::uint64_t descriptor_address);
  void reset();
  void on_control(std::uint32_t value);
  void on_doorbell(std::uint32_t tail);
  void drive_irq();
  void declare_callbacks();
  void declare_counters();
  std::uint64_t counter(std::size_t index) const;
  std::uint64_t descriptor_address(std::uint32_t index) const { return ring_.base + index * kDescriptorBytes; }

  const AcceleratorParameters parameters_;
  MacroEngine& engine_;
  RegisterFile registers_;
  Dma dma_;
  SimulatedClock clock_;
  std::unique_ptr<FaultyMemory> faulty_memory_;  ///< before the DMA; null where there are no faults
  CommandUnit commands_;
  /// As the registers had it with the last good doorbell: what software writes to them later waits for the next one.
  struct Ring {
    std::uint64_t base = 0;
    std::uint32_t size = 0;
  };
  Ring ring_;
  std::vector<CommandRecord> records_;
  std::vector<std::function<void(const CommandRecord&)>> ended_;
  ActivityFanOut listeners_;
  BufferFanOut buffer_listeners_;
  GemmStatistics total_;
  std::uint64_t busy_cycles_ = 0;
  Cycle reset_cycle_ = 0;
  std::uint32_t latched_high_ = 0;
  bool busy_ = false;
  bool halted_ = false;
  sc_core::sc_event wake_;
  sc_core::sc_event irq_changed_;
};

}  // namespace flexcim
