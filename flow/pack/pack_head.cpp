#include "flow/pack/pack_head.h"

#include "flow/pack/quantize_linear.h"

#include <utility>

namespace flexcim {
namespace {

constexpr int kAllProcessors = 0;

}  // namespace

PackedLinear pack_head(const LanguageModel& model) {
  const Matrix<float> weights = model.head();
  Pruned all;
  all.indices.assign(weights.size(), 0);
  return quantize_linear(kHeadLinear, weights, PruneRule{Pattern{}}, std::move(all), 8, kAllProcessors).packed;
}

}  // namespace flexcim
