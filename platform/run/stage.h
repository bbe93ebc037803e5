// One simulation of a workload: a SoC of its own, its weights in DRAM, its layers one after the other.
#pragma once

#include "platform/config/scenario.h"
#include "platform/energy/activity_timeline.h"
#include "platform/energy/energy_model.h"
#include "platform/host/accelerator_driver.h"
#include "platform/results/run_result.h"
#include "platform/soc/soc.h"
#include "platform/workload/gemm_job.h"

#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// Several stages may live in one SystemC simulation; none sees the others. `scenario` and `jobs` outlive the stage.
class Stage {
 public:
  /// Maps the weights and puts them and the activations into DRAM. Throws InputError where the hardware cannot run a
  /// job.
  Stage(const std::string& name, const Scenario& scenario, Fidelity fidelity, const std::vector<const GemmJob*>& jobs);

  Soc& soc() { return *soc_; }

  /// After the simulation: figures, and every output compared with the golden model. Throws InputError naming the layer
  /// that the accelerator refused, and SimulationError where the host's program has not come to its end.
  StageResult result() const;

 private:
  struct Layer {
    const GemmJob* job;
    Descriptor command;
    CommandOutcome outcome;
    DramEvents dram_before, dram_after;
  };
  struct HostSample {
    DramEvents dram;
    std::uint64_t host_bytes = 0;
    std::uint64_t host_instructions = 0;
  };

  void load(const Layer& layer, const std::vector<std::uint8_t>& image);
  void program(NativeHost& host);
  void sample_host();
  HostSample host_now() const;
  Activity activity(const AcceleratorEvents& events, double cycles, const HostSample& spent) const;
  LayerResult layer_result(const Layer& layer, const CommandRecord& record) const;
  std::vector<PowerWindow> power() const;

  const Scenario& scenario_;
  const Fidelity fidelity_;
  const EnergyModel energy_;
  ActivityTimeline timeline_;
  std::vector<Layer> layers_;
  std::vector<HostSample> samples_;  ///< at the end of each power window
  std::unique_ptr<Soc> soc_;
  bool finished_ = false;
  double end_ns_ = 0;
};

}  // namespace flexcim
