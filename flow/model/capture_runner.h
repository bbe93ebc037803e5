// A runner that keeps what goes into chosen linears.
#pragma once

#include "flow/model/int8_runner.h"

#include <map>
#include <mutex>
#include <string>

namespace flexcim {

/// Passes every linear on to an Int8Runner and keeps the quantized inputs of the chosen ones, token after token in the
/// order of the calls: the activations that the hardware would see. Keeps a reference to the inner runner.
class CaptureRunner : public LinearRunner {
 public:
  /// `names` as in LinearInfo::name.
  CaptureRunner(Int8Runner& inner, const std::vector<std::string>& names);

  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override;

  /// What has been kept of a chosen linear; no rows if it did not run. Throws std::out_of_range for one that was not
  /// chosen.
  const QuantizedInput& captured(const std::string& name) const { return captured_.at(name); }

 private:
  Int8Runner& inner_;
  std::map<std::string, QuantizedInput> captured_;
  std::mutex mutex_;
};

}  // namespace flexcim
