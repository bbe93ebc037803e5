// Estimates of equal gemms on equal accelerators, each once.
#pragma once

#include "platform/config/architecture.h"
#include "platform/estimate/gemm_estimate.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

namespace flexcim {

/// What an estimate takes of an accelerator, as text, but for the sizes of its buffers of activations and outputs: of
/// those it takes how many tokens they hold (token_tile()).
std::string accelerator_text(const Architecture& architecture, Sequencing sequencing);

/// A model has few shapes, and design points next to each other share most of their gemms. Keeps the last ones, at most
/// kMostKept. Several threads may ask.
class GemmEstimates {
 public:
  static constexpr std::size_t kMostKept = 10'000;

  /// As estimate_gemm(); `accelerator` is the accelerator_text() of the other two.
  GemmEstimate of(const Architecture& architecture, Sequencing sequencing, const std::string& accelerator,
                  const GemmShape& shape);

 private:
  using Key = std::tuple<std::string, int, GemmShape>;  ///< accelerator, tokens of a tile
  std::mutex mutex_;
  std::map<Key, GemmEstimate> estimates_;
};

}  // namespace flexcim
