#include "platform/results/fault_result.h"

#include <algorithm>
#include <cmath>

namespace flexcim {

double OutputError::rms() const { return outputs == 0 ? 0 : std::sqrt(square_sum / static_cast<double>(outputs)); }

OutputError& OutputError::operator+=(const OutputError& more) {
  outputs += more.outputs;
  wrong += more.wrong;
  square_sum += more.square_sum;
  largest = std::max(largest, more.largest);
  return *this;
}

OutputError output_error(MatrixView<const std::int32_t> output, MatrixView<const std::int32_t> golden) {
  OutputError error;
  error.outputs = static_cast<std::uint64_t>(output.rows) * output.cols;
  for (std::size_t t = 0; t < output.rows; ++t) {
    for (std::size_t o = 0; o < output.cols; ++o) {
      const std::int64_t difference = std::int64_t{output(t, o)} - golden(t, o);
      if (difference == 0) continue;
      ++error.wrong;
      error.square_sum += static_cast<double>(difference) * static_cast<double>(difference);
      error.largest = std::max(error.largest, static_cast<std::uint64_t>(std::abs(difference)));
    }
  }
  return error;
}

}  // namespace flexcim
