// The linears of a language model on the accelerator, everything else on its host.
#pragma once

#include "flow/model/language_model.h"
#include "platform/config/host_costs.h"
#include "platform/driver/firmware_driver.h"
#include "platform/program/placed_linears.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace flexcim {

/// The accelerator ended a command with an error.
struct LayerRefused {
  std::string layer;
  ErrorCode error = ErrorCode::none;
};

/// What the host has computed of one class.
struct OperatorWork {
  std::uint64_t units = 0;
  std::uint64_t cycles = 0;  ///< of the host
};

/// To be used from the program of `host`. A linear: the host quantizes its inputs and writes them to DRAM, the driver
/// submits a command and sleeps until the interrupt, the host reads the accumulators back and dequantizes them. Other
/// operators have been computed by the model itself, natively; here they only take simulated time.
class AcceleratorRunner : public LinearRunner {
 public:
  /// Called after each command with the position of its linear, the int8 inputs and the accumulators.
  using Done =
      std::function<void(std::size_t linear, const Matrix<std::int8_t>& inputs, const Matrix<std::int32_t>& sums)>;

  /// All that is referred to outlives the runner.
  AcceleratorRunner(ProgramHost& host, FirmwareDriver& driver, const std::vector<PlacedLinear>& linears,
                    const HostCosts& costs, Done done);

  /// Throws LayerRefused.
  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override;
  void on_operator(OperatorClass operators, std::uint64_t units) override;

  const std::array<OperatorWork, kOperatorClasses>& work() const { return work_; }

 private:
  ProgramHost& host_;
  FirmwareDriver& driver_;
  const std::vector<PlacedLinear>& linears_;
  const HostCosts costs_;
  const Done done_;
  std::map<std::string, std::size_t> positions_;  ///< of linears, by name
  std::array<OperatorWork, kOperatorClasses> work_{};
};

}  // namespace flexcim
