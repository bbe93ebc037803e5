// What a language model computes besides its linears, in classes that cost alike, with the unit that each is counted
// in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flexcim {

enum class OperatorClass {
  embedding,    ///< values of token embeddings
  norm,         ///< values normalised (RMSNorm, LayerNorm)
  rope,         ///< values rotated
  attention,    ///< multiply-accumulates of queries with keys and of weights with values
  softmax,      ///< scores
  activation,   ///< values through SiLU or softplus
  elementwise,  ///< values added, multiplied or compared (ReLU)
  convolution,  ///< multiply-accumulates of the depthwise convolution
  scan,         ///< state elements moved on by one token
  head,         ///< multiply-accumulates of the output head
  quantize,     ///< inputs of int8 linears
  dequantize    ///< outputs of int8 linears
};
constexpr std::size_t kOperatorClasses = 12;

struct OperatorClassInfo {
  OperatorClass operators;
  std::string_view name;
  std::string_view unit;
  std::string_view description;
};

/// All classes in order of their value: the one list for keys, tables and files.
const std::array<OperatorClassInfo, kOperatorClasses>& operator_classes();

}  // namespace flexcim
