#include "flow/pack/finish_linear.h"

#include "flow/pack/quantize.h"
#include "flow/pack/quantize_linear.h"

#include <utility>

namespace flexcim {

FinishedLinear finish_linear(const LinearInfo& linear, MatrixView<const float> weights, const PruneRule& rule,
                             Pruned pruned, const ModelPruning& pruning, float largest_input) {
  FinishedLinear result;
  LinearReport& report = result.report;
  report.pattern = rule.pattern;
  report.policy = rule.policy;
  report.saliency_total = pruned.saliency_total;
  report.saliency_kept = pruned.saliency_kept;
  QuantizedLinear quantized =
      quantize_linear(linear.name, weights, rule, std::move(pruned), pruning.weight_bits, pruning.threads);
  report.squared_error = quantized.squared_error;
  report.squared_weights = quantized.squared_weights;
  report.parameters = static_cast<double>(linear.out) * linear.in;
  result.packed = std::move(quantized.packed);
  result.packed.activation_scale = pruning.static_activations ? int8_scale(largest_input) : 0.0f;
  return result;
}

}  // namespace flexcim
