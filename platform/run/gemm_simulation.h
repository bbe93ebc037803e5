// A run of GEMMs: a SoC of its own, its weights in DRAM, its layers one after the other.
#pragma once

#include "platform/run/soc_simulation.h"
#include "platform/workload/gemm_job.h"

#include <filesystem>
#include <string>
#include <vector>

namespace flexcim {

class GemmSimulation : public SocSimulation {
 public:
  /// Maps the weights and puts them and the activations into DRAM. Throws InputError where the hardware cannot run a
  /// job. `scenario` and `jobs` outlive the simulation.
  /// `folder`: of results.
  GemmSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                 const std::vector<const GemmJob*>& jobs, const std::filesystem::path& folder = {});

  SimulationResult result() const override;

 private:
  /// The linear of the same place.
  struct Layer {
    const GemmJob* job;
    CommandOutcome outcome;
    SocCounts spent;
  };

  void program(NativeHost& host);
  LayerResult layer_result(std::size_t index, Account& account) const;

  std::vector<Layer> layers_;
};

}  // namespace flexcim
