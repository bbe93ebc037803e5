// The linears of a language model on an accelerator with its memory alone: no host, no simulation kernel. For what
// faults do to whole texts (docs/faults.md).
#pragma once

#include "flow/model/language_model.h"
#include "platform/config/scenario.h"
#include "platform/results/fault_result.h"

#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// Each linear is a command of the scenario's accelerator at tlm, whose image, inputs, descriptor and outputs lie in
/// the scenario's DRAM, with the scenario's faults. Outputs of a command that ends with an error are 0. For one thread.
class PlainRunner : public LinearRunner {
 public:
  /// `linears`: every linear that will run, for up to `most_tokens` at a time. `scenario` outlives it. Throws
  /// InputError where the hardware cannot run one, and for faults in commands, which without a host may lead anywhere.
  PlainRunner(const Scenario& scenario, std::vector<PackedLinear> linears, std::size_t most_tokens);
  ~PlainRunner() override;

  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override;
  bool runs_head() const override;
  /// So far.
  FaultResult faults() const;

 private:
  struct Hardware;

  std::vector<PackedLinear> linears_;
  std::unique_ptr<Hardware> hardware_;
};

}  // namespace flexcim
