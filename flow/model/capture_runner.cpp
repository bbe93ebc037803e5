#include "flow/model/capture_runner.h"

#include <algorithm>

namespace flexcim {

CaptureRunner::CaptureRunner(Int8Runner& inner, const std::vector<std::string>& names) : inner_(inner) {
  for (const std::string& name : names) captured_[name];
}

void CaptureRunner::run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) {
  const auto kept = captured_.find(linear.name);
  if (kept != captured_.end()) {
    const QuantizedInput now = quantize_input(linear.name, x, inner_.activation_scale(linear));
    const std::lock_guard<std::mutex> lock(mutex_);
    QuantizedInput& all = kept->second;
    Matrix<std::int8_t> joined(all.values.rows() + now.values.rows(), x.cols);
    std::copy_n(all.values.data(), all.values.size(), joined.data());
    std::copy_n(now.values.data(), now.values.size(), joined.row(all.values.rows()));
    all.values = std::move(joined);
    all.scales.insert(all.scales.end(), now.scales.begin(), now.scales.end());
  }
  inner_.run(linear, x, y);
}

}  // namespace flexcim
