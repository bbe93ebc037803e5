// What the simulations of a SoC have in common: linears whose weights are in DRAM, the SoC, and what it has done.
#pragma once

#include "flow/pack/packed_linear.h"
#include "platform/config/scenario.h"
#include "platform/host/firmware_driver.h"
#include "platform/run/accelerator_runner.h"
#include "platform/run/simulation.h"
#include "platform/run/soc_meter.h"
#include "platform/soc/soc.h"
#include "platform/workload/gemm_job.h"
#include "platform/workload/memory_image.h"

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
  std::string waiting_for() const override { return soc_->waiting_for(); }
  RtlMacroEngine* rtl_engine() override { return soc_->rtl_engine(); }
  const RtlBuffers* rtl_buffers() override { return soc_->rtl_buffers(); }
  std::unique_ptr<SocWaveform> make_soc_waveform(TraceFile& file) override;
  Observers* observers() override { return &soc_->observers(); }
  void attach(Visibility& visibility) override;
  void add_switch(debug::TraceSwitch& trace) override { soc_->machine().add(trace); }
  void check(Findings& findings) override;
  void sample(std::uint64_t window) override { meter_->sample(window); }

 protected:
  /// `scenario` outlives it.
  SocSimulation(const Scenario& scenario, Fidelity fidelity);

  /// Of commands as the accelerator gets them, where those of linears() begin with 0.
  virtual std::uint32_t first_tag() const { return 0; }
  /// DRAM with the descriptor ring in it.
  MemoryImage dram_image();
  /// Puts the weights of `linear`, which outlives it, into `memory` and the linear behind linears(). Its command for
  /// `tokens` is complete but for the addresses of activations and outputs. Throws InputError where the hardware cannot
  /// run it.
  PlacedLinear& add_linear(MemoryImage& memory, const PackedLinear& linear, std::size_t tokens);
  /// The same for a job, with its activations and the memory of its outputs: the command is complete.
  PlacedLinear& add_job(MemoryImage& memory, const GemmJob& job);
  /// Makes the SoC, called `name`, whose host `make_host` makes and whose UART sends to `console`, with `memory` in its
  /// DRAM, which is as large as the architecture says and at least as large as `memory`. `folder`: of results.
  void build(const std::string& name, const MemoryImage& memory, const HostMaker& make_host,
             const std::filesystem::path& folder, std::ostream& console);

  /// For the host's program: the driver, with the accelerator ready for commands.
  FirmwareDriver start_driver(NativeHost& host) const;
  /// The name of the linear whose commands have this tag; empty where none has.
  std::string linear_name(std::uint32_t tag) const;

  /// At the end of the host's program.
  void finish(std::int64_t end_ps);
  /// A result with time and toggles of the whole, without layers and energy. Throws SimulationError where the host's
  /// program has not come to its end.
  SimulationResult whole_result() const;
  /// The energy of `result`, which has its layers and what is `between` them, and power over time.
  void add_up(SimulationResult& result) const;

  const Scenario& scenario() const { return scenario_; }
  const std::vector<PlacedLinear>& linears() const { return linears_; }
  std::vector<PlacedLinear>& linears() { return linears_; }
  const SocMeter& meter() const { return *meter_; }

 private:
  const Scenario& scenario_;
  const Fidelity fidelity_;
  std::uint64_t ring_ = 0;         ///< address
  std::uint64_t dram_needed_ = 0;  ///< bytes
  std::vector<PlacedLinear> linears_;
  std::unique_ptr<Soc> soc_;
  std::unique_ptr<SocMeter> meter_;
};

}  // namespace flexcim
