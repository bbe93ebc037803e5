// What happens where RTL first differs from the model: a waveform of both around it, and the end of the simulation.
#pragma once

#include "platform/run/checkpoints.h"
#include "platform/run/simulation.h"
#include "rtl_models/observe/waveform.h"
#include "rtl_models/verilated/rtl_difference.h"

#include <systemc>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// Of all simulations of a run at Fidelity::verilog. While nothing differs no signal is recorded; every few seconds a
/// checkpoint is taken, from which the last cycles before the difference are simulated again.
class RtlWatch : public sc_core::sc_module {
 public:
  /// To be made before the simulation starts. `simulations` outlive it.
  RtlWatch(const sc_core::sc_module_name& name, const std::vector<std::unique_ptr<Simulation>>& simulations,
           const std::filesystem::path& folder);

  /// To be called before the simulation starts, and between two stretches of it.
  void begin();
  void keep_up();

  /// The waveform's, in the folder; none where there is nothing to be seen. Named difference.vcd, difference.gtkw.
  const std::vector<std::string>& files() const { return files_; }

 private:
  struct Watched {
    std::unique_ptr<Waveform> waveform;
    std::uint64_t period_ps = 0;
  };
  void watch(RtlMacroEngine& engine, std::size_t index);
  void take_checkpoint();
  void differs(std::size_t index, const RtlDifference& difference);
  void start_recording();
  void write_and_leave();

  std::filesystem::path folder_;
  std::vector<Watched> watched_;
  Checkpoints checkpoints_;
  std::chrono::steady_clock::time_point last_checkpoint_;
  std::vector<std::string> files_;
  // In a process that has been restored:
  bool restored_ = false;
  std::size_t differing_ = 0;
  sc_core::sc_event record_, leave_;
};

/// Null where no simulation has RTL. `folder` empty: nothing will run.
std::unique_ptr<RtlWatch> make_rtl_watch(const std::vector<std::unique_ptr<Simulation>>& simulations,
                                         const std::filesystem::path& folder);

}  // namespace flexcim
