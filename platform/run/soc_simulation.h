// What the simulations of a SoC have in common: the SoC, and what it has done.
#pragma once

#include "platform/config/scenario.h"
#include "platform/program/soc_meter.h"
#include "platform/run/simulated_probe.h"
#include "platform/run/simulation.h"
#include "platform/soc/soc.h"
#include "platform/workload/memory_image.h"
#include "rtl_models/verilated/rtl_library.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// A workload derives from it, fills a memory image and calls build(), all in its constructor.
class SocSimulation : public Simulation {
 public:
  Soc& soc() const { return *soc_; }
  bool ended() const override { return soc_->host().ended(); }
  std::size_t layers() const override { return layer_names().size(); }
  std::string waiting_for() const override { return soc_->waiting_for(); }
  RtlMacroEngine* rtl_engine() override { return soc_->rtl_engine(); }
  const RtlBuffers* rtl_buffers() override { return soc_->rtl_buffers(); }
  std::unique_ptr<SocWaveform> make_soc_waveform(TraceFile& file) override;
  Observers* observers() override { return &soc_->observers(); }
  void attach(Visibility& visibility) override;
  void add_switch(debug::TraceSwitch& trace) override { soc_->machine().add(trace); }
  void sample(std::uint64_t window) override { meter_->sample(window); }

 protected:
  /// `scenario` outlives it.
  SocSimulation(const Scenario& scenario, Fidelity fidelity);

  /// By the tags of their commands, from first_tag() on.
  virtual std::vector<std::string> layer_names() const = 0;
  virtual std::uint32_t first_tag() const { return 0; }
  /// Makes the SoC, called `name`, whose host `make_host` makes and whose UART sends to `console`, with `memory` moved
  /// to its DRAM, which is as large as the architecture says and at least as large as `memory`. `folder`: of results.
  void build(const std::string& name, MemoryImage& memory, const HostMaker& make_host,
             const std::filesystem::path& folder, std::ostream& console);

  /// A result without anything in it. Throws SimulationError where the host's program has not come to its end.
  SimulationResult begin_result() const;

  const Scenario& scenario() const { return scenario_; }
  SocMeter& meter() const { return *meter_; }

 private:
  const Scenario& scenario_;
  const Fidelity fidelity_;
  std::shared_ptr<const RtlLibrary> verilog_;  ///< of Fidelity::verilog
  std::unique_ptr<Soc> soc_;
  std::unique_ptr<SimulatedProbe> probe_;
  std::unique_ptr<SocMeter> meter_;
};

}  // namespace flexcim
