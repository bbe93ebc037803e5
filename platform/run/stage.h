// A run of GEMMs: a SoC of its own, its weights in DRAM, its layers one after the other.
#pragma once

#include "platform/config/scenario.h"
#include "platform/host/accelerator_driver.h"
#include "platform/run/simulation.h"
#include "platform/run/soc_meter.h"
#include "platform/workload/gemm_job.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

class Stage : public Simulation {
 public:
  /// Maps the weights and puts them and the activations into DRAM. Throws InputError where the hardware cannot run a
  /// job. `scenario` and `jobs` outlive the stage.
  /// `folder`: of results.
  Stage(const std::string& name, const Scenario& scenario, Fidelity fidelity, const std::vector<const GemmJob*>& jobs,
        const std::filesystem::path& folder = {});

  Soc& soc() override { return *soc_; }
  void check(Findings& findings) override;
  void sample(std::uint64_t window) override { meter_->sample(window); }
  StageResult result() const override;

 private:
  struct Layer {
    const GemmJob* job;
    Descriptor command;
    CommandOutcome outcome;
    SocCounts spent;
  };

  void program(NativeHost& host);
  LayerResult layer_result(const Layer& layer, const CommandRecord& record) const;

  const Scenario& scenario_;
  const Fidelity fidelity_;
  std::uint64_t ring_ = 0;  ///< address
  std::vector<Layer> layers_;
  std::unique_ptr<Soc> soc_;
  std::unique_ptr<SocMeter> meter_;
};

}  // namespace flexcim
