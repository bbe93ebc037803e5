// What a run gives: filled by the run, read by the table and the files.
#pragma once

#include "flow/base/matrix.h"
#include "flow/base/pattern.h"
#include "flow/select/selection.h"
#include "platform/config/fidelity.h"
#include "platform/config/scenario.h"
#include "platform/energy/activity.h"
#include "platform/energy/energy_model.h"
#include "platform/energy/energy_report.h"
#include "platform/energy/power_sampler.h"
#include "platform/results/activity_window.h"
#include "platform/results/comparison.h"
#include "platform/results/fault_result.h"
#include "platform/results/firmware_result.h"
#include "platform/results/generation_result.h"
#include "platform/results/steps_result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// What says how many phases the tiles of a layer have.
enum class PhaseSource {
  packed,  ///< its weights, as they are packed
  policy,  ///< the index policy that they would be pruned with
  layout   ///< the tiles themselves: dense ones and scans have as many whatever the weights are
};
std::string_view to_string(PhaseSource source);

/// One GEMM on the accelerator.
struct LayerResult {
  std::string name;  ///< the linear's, or "gemm"
  int tokens = 0;
  int out = 0;
  int in = 0;
  Pattern pattern;      ///< of the weights
  Pattern runs_as;      ///< another one where the macro does not hold that
  int weight_bits = 8;  ///< of a weight: 8, or 4 where two share a cell
  std::uint64_t tiles = 0;
  std::uint64_t phases = 0;  ///< of one pass through every tile
  PhaseSource phases_from = PhaseSource::packed;
  std::uint64_t cycles = 0;         ///< accelerator cycles from the fetch of the descriptor to its completion
  std::uint64_t stall_cycles = 0;   ///< of those, neither computing nor loading cells: memory is waited for
  std::int64_t start_ps = 0;        ///< simulated time at which those cycles begin
  std::uint64_t macs_executed = 0;  ///< multiplications that the cells did
  double utilization = 0;           ///< macs_executed / (cycles * cells of all macros), 0..1
  std::uint64_t dram_bytes = 0;     ///< read and written in those cycles
  Activity activity;
  EnergyReport energy;
  std::optional<ToggleGroups> toggles;  ///< of an rtl run that counts them
  bool match = false;  ///< output, where there is one (compared()), equals the golden model bit for bit
  std::optional<LayerFaults> faults = std::nullopt;  ///< of a run with faults
  std::string mismatch;         ///< for the user, where it does not match: first difference and their number
  Matrix<std::int32_t> output;  ///< tokens x out accumulators

  std::uint64_t macs_dense() const { return static_cast<std::uint64_t>(tokens) * out * in; }
  /// Of a run with parts: what the name begins with, "prefill" or "decode" of a generation.
  std::string part() const { return name.substr(0, name.find('/')); }
};

/// One simulation: the scenario's own, or an entry of `also`.
struct SimulationResult {
  Fidelity fidelity = Fidelity::tlm;
  std::vector<LayerResult> layers;
  std::uint64_t cycles = 0;             ///< accelerator cycles, all layers
  std::int64_t time_ps = 0;             ///< simulated time from reset to the last completion
  EnergyReport between;                 ///< energy of what belongs to no layer; follows from parts where there are any
  EnergyReport energy;                  ///< over time_ps: the sum of the layers' and of `between`, add_up()
  PowerRows power;                      ///< over that time; valid as long as the simulation is there
  ActivityRows activity;                ///< likewise
  std::optional<ToggleGroups> toggles;  ///< of all macros, where they were counted
  std::optional<GenerationResult> generation;  ///< of the workload `generate` on the native host
  std::optional<FirmwareResult> firmware;      ///< of a riscv host; the layers are those that it has run
  std::optional<FaultResult> faults;           ///< of a scenario with faults
  std::optional<StepsResult> steps;            ///< of the workload `shapes` with steps

  /// Sets the energies that are sums of others: those of parts, and what is between layers there; that of the whole.
  void add_up();

  /// Those of a generation, or the passes of steps: layers are called PART/NAME; null for other runs.
  const std::vector<GenerationPart>* parts() const;
  std::vector<GenerationPart>* parts();
  TokenRates token_rates() const;

  /// Whether there are outputs, which the golden model has, too.
  bool compared() const { return fidelity != Fidelity::estimate; }
  bool match() const;
  std::uint64_t macs_dense() const;
  std::uint64_t macs_executed() const;
  double utilization() const;  ///< of the layers, weighted by cycles
};

/// What the waveform has of the window that was wanted.
struct TraceResult {
  double from_ns = 0, to_ns = 0;            ///< wanted
  std::uint64_t cycles = 0;                 ///< of the macros, recorded
  std::uint64_t first_ps = 0, last_ps = 0;  ///< the first and the last of them begin
  /// Of signals of the SoC, recorded, where they are wanted.
  std::optional<std::uint64_t> changes = std::nullopt;
};

inline constexpr const char* kTransactionsFile = "transactions.csv";
/// Of observe.registers, .profile and .timeline.
inline constexpr const char* kRegistersFile = "registers.log";
inline constexpr const char* kProfileFile = "profile.txt";
inline constexpr const char* kTimelineFile = "timeline.json";

/// How late interrupts of a source were served: from the rise of the line to the first instruction of the handler, or
/// to the claim where there was no handler.
struct InterruptLatency {
  std::string source;       ///< of the interrupt controller, or "timer", "software", "external"
  std::uint64_t count = 0;  ///< the others are 0 without one
  std::int64_t least_ps = 0, most_ps = 0;
  double mean_ns = 0;
};

/// A signal that has ended a run before its time.
struct Interruption {
  std::string signal;      ///< "SIGINT"
  std::size_t layers = 0;  ///< complete, of all runs: those that the result has
  std::size_t of = 0;      ///< there would have been
};

struct RunResult {
  std::vector<SimulationResult>
      simulations;       ///< at least one; the first is the scenario's own, then its `also` in order
  std::string waveform;  ///< file in the result folder that shows the waveform (wave.gtkw); empty without or where
                         ///< there is nothing in it
  std::optional<TraceResult> trace = std::nullopt;    ///< of a run with a waveform
  std::optional<Selection> selection = std::nullopt;  ///< of the model's patterns, where the run has selected them
  std::vector<AreaPart> area = {};                    ///< of the accelerator
  double dense_macros_mm2 = 0;                        ///< dense_macros_mm2() of the architecture
  std::string transactions = {};  ///< file in the result folder that has them (kTransactionsFile); empty without
  std::optional<std::uint64_t> checked_transactions = std::nullopt;  ///< by protocol checkers, of all runs, where on
  /// Of all macros of all runs at fidelity verilog: cycles in which every output pin of the RTL was the model's.
  std::optional<std::uint64_t> compared_rtl_cycles = std::nullopt;
  std::vector<std::string> shown = {};  ///< files in the result folder of observe.registers, .profile and .timeline
  std::optional<std::vector<InterruptLatency>> interrupts = std::nullopt;  ///< of the first run, where wanted

  std::optional<Interruption> interrupted = std::nullopt;  ///< of a run that is not complete

  std::optional<Comparison> comparison = std::nullopt;  ///< of a scenario with axes to compare

  bool match() const;
};

/// The area of the scenario's accelerator.
void add_area(RunResult& result, const Scenario& scenario);

}  // namespace flexcim
