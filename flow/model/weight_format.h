// Weights that a checkpoint holds as 8-bit numbers with scales.
#pragma once

#include "flow/base/tensor_store.h"
#include "flow/model/config.h"

#include <array>
#include <cstddef>
#include <string>

namespace flexcim {

/// What config.json says of the scales of 8-bit weights, beyond what their shapes say.
struct WeightFormat {
  /// The part of a matrix that has one scale, where scales are a matrix themselves; 0 where config.json names none.
  std::size_t block_rows = 0, block_cols = 0;
};

/// Reads quantization_config: quant_method "fp8", or "compressed-tensors" of 8-bit weights without zero points, whose
/// inputs are quantized as they come, if at all. What it says of inputs is not followed: they stay as they are. Throws
/// InputError naming the key for everything else.
WeightFormat weight_format(const ModelConfig& config);

/// The tensors that a linear's weights may be made of: weight, and one of two names of the scales.
std::array<std::string, 3> weight_tensors(const std::string& linear);

/// Throws InputError naming the tensor unless the weights of `linear` are there with this shape, and, if they are I8 or
/// F8, their scales fit: one, one for each output, or one for each block. F8 may come without scales. Returns the
/// scales, null if there are none.
const Tensor* require_weights(const TensorStore& store, const std::string& linear, std::size_t out, std::size_t in,
                              const WeightFormat& format);

/// The float weights, out x in: value * scale. For linears that have been required so.
Matrix<float> float_weights(const TensorStore& store, const std::string& linear, const WeightFormat& format);

}  // namespace flexcim
