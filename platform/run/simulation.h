// One run of a scenario's workload.
#pragma once

#include "platform/config/findings.h"
#include "platform/results/run_result.h"
#include "platform/soc/soc_waveform.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace flexcim {

namespace debug {
class TraceSwitch;
}

class Observers;
class RtlBuffers;
class RtlMacroEngine;
class Visibility;

/// Constructed before the simulation starts, asked for its result afterwards. Several may live in one process; none
/// sees the others.
class Simulation {
 public:
  virtual ~Simulation() = default;
  /// Whether it has come to its end.
  virtual bool ended() const = 0;
  /// How many layers it is to run, where it can come to an end before it has run them all.
  virtual std::size_t layers() const { return 0; }
  /// How many of its layers are complete, where it can come to an end with those; 0 where it has none, or cannot.
  virtual std::size_t complete_layers() const { return 0; }
  /// Lets it come to its end with the layers that are complete, between two events of the simulation.
  virtual void cut_short() {}
  /// Who waits for what, one sentence: for the report of a simulation that does not end.
  virtual std::string waiting_for() const = 0;
  /// The pin-accurate macros, for a waveform; null where there are none.
  virtual RtlMacroEngine* rtl_engine() { return nullptr; }
  virtual const RtlBuffers* rtl_buffers() { return nullptr; }
  /// Adds its SoC to `file`, before the simulation starts. Null where there is none.
  virtual std::unique_ptr<SocWaveform> make_soc_waveform(TraceFile&) { return nullptr; }
  /// Recorder and protocol checker, where the scenario asks for them; null where there are none.
  virtual Observers* observers() { return nullptr; }
  /// Lets it listen to what is simulated, before the simulation starts.
  virtual void attach(Visibility&) {}
  /// Lets its debugger switch `trace`, which outlives it.
  virtual void add_switch(debug::TraceSwitch&) {}
  /// Finds what the hardware would refuse.
  virtual void check(Findings& findings) = 0;
  /// To be called at the end of power windows, as PowerLog::sample is.
  virtual void sample(std::uint64_t window) = 0;
  /// Figures, and everything compared with the golden model. Throws InputError naming the layer that the accelerator
  /// refused, and SimulationError where it has not come to its end.
  /// Its power over time is valid as long as the simulation is there.
  virtual SimulationResult result() const = 0;
};

}  // namespace flexcim
