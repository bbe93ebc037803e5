#include "platform/estimate/gemm_estimates.h"

#include "platform/config/data_files.h"

namespace flexcim {

std::string accelerator_text(const Architecture& architecture, Sequencing sequencing) {
  Architecture rest = architecture;
  rest.buffers.activation.bytes = rest.buffers.output.bytes = BufferParameters::least_bytes;
  return std::string(to_string(sequencing)) + "\n" + architecture_text(rest);
}

GemmEstimate GemmEstimates::of(const Architecture& architecture, Sequencing sequencing, const std::string& accelerator,
                               const GemmShape& shape) {
  const Key key{accelerator, token_tile(architecture, sequencing, shape), shape};
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = estimates_.find(key); known != estimates_.end()) return known->second;
  }
  const GemmEstimate estimate = estimate_gemm(architecture, sequencing, shape);
  const std::lock_guard lock(mutex_);
  if (estimates_.size() == kMostKept) estimates_.clear();
  return estimates_.emplace(key, estimate).first->second;
}

}  // namespace flexcim
