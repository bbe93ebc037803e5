#include "flow/model/operator_class.h"

namespace flexcim {

const std::array<OperatorClassInfo, kOperatorClasses>& operator_classes() {
  using C = OperatorClass;
  static const std::array<OperatorClassInfo, kOperatorClasses> classes{{
      {C::embedding, "embedding", "value", "token embedding looked up and widened"},
      {C::norm, "norm", "value", "RMSNorm, LayerNorm"},
      {C::rope, "rope", "value", "rotary positions"},
      {C::attention, "attention", "MAC", "queries times keys, weights times values"},
      {C::softmax, "softmax", "score", "softmax of the scores"},
      {C::activation, "activation", "value", "SiLU, softplus"},
      {C::elementwise, "elementwise", "value", "residual additions, gates, biases, ReLU"},
      {C::convolution, "convolution", "MAC", "depthwise convolution"},
      {C::scan, "scan", "state", "selective scan: a state element moved on by a token"},
      {C::head, "head", "MAC", "output head"},
      {C::quantize, "quantize", "value", "inputs of a linear to int8"},
      {C::dequantize, "dequantize", "value", "accumulators of a linear to float"},
  }};
  return classes;
}

}  // namespace flexcim
