#include "flow/model/capture_runner.h"

#include <algorithm>
#include <utility>

namespace flexcim {
namespace {

template <class T>
void append(Matrix<T>& all, Matrix<T>& rows) {
  if (all.rows() == 0) {
    all = std::move(rows);
    return;
  }
  Matrix<T> joined(all.rows() + rows.rows(), rows.cols());
  std::copy_n(all.data(), all.size(), joined.data());
  std::copy_n(rows.data(), rows.size(), joined.row(all.rows()));
  all = std::move(joined);
}

}  // namespace

CaptureRunner::CaptureRunner(std::vector<PackedLinear> linears, const std::vector<std::string>& names, int threads)
    : Int8Runner(std::move(linears), threads) {
  for (const std::string& name : names) captured_[name];
}

void CaptureRunner::done(const LinearInfo& linear, QuantizedInput& input, Matrix<std::int32_t>& sums) {
  const auto kept = captured_.find(linear.name);
  if (kept == captured_.end()) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  Captured& all = kept->second;
  append(all.input.values, input.values);
  append(all.sums, sums);
  all.input.scales.insert(all.input.scales.end(), input.scales.begin(), input.scales.end());
}

}  // namespace flexcim
