// GEMMs, one after the other.
#pragma once

#include "platform/program/native_program.h"

#include <vector>

namespace flexcim {

class GemmProgram : public NativeProgram {
 public:
  /// Puts weights and activations of the jobs, which outlive it, into DRAM. Throws InputError where the hardware cannot
  /// run one.
  GemmProgram(const Scenario& scenario, const std::vector<const GemmJob*>& jobs);

  void run(ProgramHost& host, const SocMeter& meter) override;
  std::size_t complete_layers() const override { return complete_; }
  void add_result(SimulationResult& result, const SocMeter& meter, const std::uint8_t* dram) const override;

 private:
  /// The linear of the same place.
  struct Layer {
    const GemmJob* job;
    CommandOutcome outcome;
    SocCounts spent;
  };

  LayerResult layer_result(std::size_t index, const SocMeter& meter, Account& account, const std::uint8_t* dram) const;

  std::vector<Layer> layers_;
  std::size_t complete_ = 0;  ///< of these, with outcome
};

}  // namespace flexcim
