// One command from its descriptor to its last output (docs/architecture.md §7).
#pragma once

#include "tlm/interface/descriptor.h"
#include "tlm/timing/gemm_unit.h"

#include <cstdint>

namespace flexcim {

/// What became of one command.
struct CommandRecord {
  std::uint64_t descriptor_address = 0;
  std::uint32_t tag = 0;
  ErrorCode error = ErrorCode::none;
  Cycle start = 0;    ///< in which its descriptor is asked for
  Cycle fetched = 0;  ///< at whose beginning that has arrived, or is known not to
  Cycle end = 0;      ///< at whose beginning its last output is in memory (or its error is raised)
  GemmStatistics gemm;

  Cycle cycles() const { return end - start; }
  Cycle stall_cycles() const { return cycles() - gemm.compute_cycles - gemm.load_cycles; }
};

/// Needs no simulation kernel: a thread of one waits in `clock`, or a plain loop that steps the memory.
class CommandUnit {
 public:
  /// All outlive the unit.
  CommandUnit(const AcceleratorParameters& parameters, MemoryPort& memory, MacroEngine& engine, CommandClock& clock);

  /// Runs the command whose descriptor lies at `address`, from cycle `start`; returns when its last cycle has begun.
  /// What is wrong with it is the record's error. Throws CommandAborted after the clock's abort().
  CommandRecord run(std::uint64_t address, Cycle start);

  /// Of the present or last command; only the flag `stop` where it could not be read.
  const Descriptor& descriptor() const { return descriptor_; }
  /// Whether the descriptor of the present command has still to arrive.
  bool fetching() const { return fetching_; }
  /// What the present command waits for.
  const char* stage() const { return gemm_.stage(); }
  /// As GemmUnit's.
  void return_loans() { gemm_.return_loans(); }
  /// Hears of the steps of commands; null for none.
  void set_step_listener(StepListener* listener) {
    steps_ = listener;
    gemm_.set_step_listener(listener);
  }
  /// As GemmUnit's.
  GemmStatistics statistics() const { return gemm_.statistics(); }
  void set_listener(ActivityListener* listener) { gemm_.set_listener(listener); }
  void set_buffer_listener(BufferListener* listener) { gemm_.set_buffer_listener(listener); }

 private:
  ErrorCode execute(CommandRecord& record);
  ErrorCode fetch_descriptor(CommandRecord& record);

  const AcceleratorParameters& parameters_;
  MemoryPort& memory_;
  CommandClock& clock_;
  GemmUnit gemm_;
  StepListener* steps_ = nullptr;
  Descriptor descriptor_;
  bool fetching_ = false;
};

}  // namespace flexcim
