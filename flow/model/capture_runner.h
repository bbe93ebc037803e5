// A runner that keeps what goes into chosen linears, and what comes out.
#pragma once

#include "flow/model/int8_runner.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace flexcim {

/// An Int8Runner that keeps the quantized inputs and the sums of chosen linears, token after token in the order of the
/// calls: what the hardware would see and make of it.
class CaptureRunner : public Int8Runner {
 public:
  struct Captured {
    QuantizedInput input;
    Matrix<std::int32_t> sums;  ///< tokens x out
  };

  /// `names` as in LinearInfo::name; the others as of Int8Runner.
  CaptureRunner(std::vector<PackedLinear> linears, const std::vector<std::string>& names, int threads = 1);

  /// Of a chosen linear; no rows if it did not run. Throws std::out_of_range for one that was not chosen.
  Captured& captured(const std::string& name) { return captured_.at(name); }

 protected:
  void done(const LinearInfo& linear, QuantizedInput& input, Matrix<std::int32_t>& sums) override;

 private:
  std::map<std::string, Captured> captured_;
  std::mutex mutex_;
};

}  // namespace flexcim
