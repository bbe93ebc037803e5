// A SoC in a waveform: interrupts, host, bus, power, and what accelerator and DRAM do.
#pragma once

#include "platform/energy/power_sampler.h"
#include "platform/soc/accelerator_signals.h"
#include "platform/soc/dram_signals.h"
#include "platform/soc/soc.h"
#include "rtl_models/trace/trace_file.h"

#include <systemc>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// Signals of the scope `soc` (docs/results.md), at any fidelity and the same with and without the fast path: nothing
/// is sampled, who knows of a change tells it with its time.
class SocWaveform : public sc_core::sc_module, private GrantListener, private HostListener {
 public:
  /// `layers`: as of AcceleratorSignals. All outlive it, and it outlives the simulation. To be made before the
  /// simulation starts.
  SocWaveform(const sc_core::sc_module_name& name, TraceFile& file, Soc& soc,
              std::map<std::uint32_t, std::string> layers);

  /// Power is known when the simulation is over: to be called for each window, in order.
  void add_power(const PowerWindow& window);

 private:
  using Signal = ChangeLog::Signal;
  void add_host();
  void add_bus();
  void on_lines();
  void host_is(const char* state, const sc_core::sc_time& at);
  void access_begins(const BusAccess& access, const sc_core::sc_time& at) override;
  void access_ends(const BusAccess& access, const sc_core::sc_time& at, tlm::tlm_response_status status,
                   bool memory) override;
  void falls_asleep(const sc_core::sc_time& at) override;
  void wakes(const sc_core::sc_time& at) override;
  void ends(const sc_core::sc_time& at) override;
  void on_grant(std::size_t initiator, std::size_t target, Picoseconds from_ps, Picoseconds to_ps) override;

  TraceFile& file_;
  ChangeLog& log_;
  Soc& soc_;
  std::vector<Signal> lines_;  ///< of soc.interrupt_lines()
  Signal host_state_ = ChangeLog::none, host_pc_ = ChangeLog::none;
  std::vector<Signal> targets_;  ///< of the interconnect
  Signal total_mw_ = ChangeLog::none;
  std::vector<Signal> component_mw_;
  std::unique_ptr<AcceleratorSignals> accelerator_;
  std::unique_ptr<DramSignals> dram_;
};

}  // namespace flexcim
