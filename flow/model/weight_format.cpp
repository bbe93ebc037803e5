#include "flow/model/weight_format.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"

#include <algorithm>

namespace flexcim {
namespace {

constexpr int kLargestBlock = 1 << 20;

WeightFormat block_of(const ModelConfig& config, const std::string& key) {
  const nlohmann::json& sides = config.raw(key);
  const auto valid = [](const nlohmann::json& side) {
    return side.is_number_unsigned() && side >= 1 && side <= kLargestBlock;
  };
  if (sides.is_null()) return {};
  if (!sides.is_array() || sides.size() != 2 || !valid(sides[0]) || !valid(sides[1])) {
    config.fail(key, "is " + json_text(sides) + ", not a list of two sizes");
  }
  return {sides[0].get<std::size_t>(), sides[1].get<std::size_t>()};
}

/// As transformers writes it. Which linears are not quantized is seen from their tensors.
WeightFormat read_fp8(const ModelConfig& config) {
  config.require("activation_scheme", "dynamic");
  config.require("fmt", "e4m3");
  const WeightFormat format = block_of(config, "weight_block_size");
  config.require_all_known({"dequantize", "ignored_layers", "modules_to_not_convert"});
  return format;
}

WeightFormat read_weights(const ModelConfig& config) {
  config.require("num_bits", 8);
  config.require("symmetric", true);
  config.require("dynamic", false);
  const std::string type = config.text("type", "int"), strategy = config.text("strategy", "tensor");
  if (type != "int" && type != "float") config.fail("type", "is \"" + type + "\"; supported are int and float");
  WeightFormat format = block_of(config, "block_structure");
  if (strategy == "group") {
    format = {1, static_cast<std::size_t>(config.integer("group_size", 1, kLargestBlock))};
  } else if (strategy != "tensor" && strategy != "channel" && strategy != "block") {
    config.fail("strategy", "is \"" + strategy + "\"; supported are tensor, channel, group and block");
  }
  config.require_all_known({"group_size", "observer", "observer_kwargs", "scale_dtype", "zp_dtype"});
  return format;
}

WeightFormat read_compressed_tensors(const ModelConfig& config) {
  const std::string format = config.text("format", "int-quantized");
  if (format != "int-quantized" && format != "float-quantized" && format != "naive-quantized") {
    config.fail("format", "is \"" + format + "\"; supported are int-quantized, float-quantized and naive-quantized");
  }
  config.require("kv_cache_scheme", nullptr);
  for (const char* key : {"sparsity_config", "transform_config"}) config.require(key, nlohmann::json::object());
  const nlohmann::json& groups = config.raw("config_groups");
  if (!groups.is_object() || groups.size() != 1) config.fail("config_groups", "is not an object with one group");
  const ModelConfig group = config.object("config_groups").object(groups.begin().key());
  if (!group.raw("input_activations").is_null()) {
    const ModelConfig inputs = group.object("input_activations");
    if (!inputs.boolean("dynamic", false)) inputs.fail("dynamic", "is false; only true is supported");
  }
  group.require("output_activations", nullptr);
  group.require("format", format);
  const WeightFormat weights = read_weights(group.object("weights"));
  group.require_all_known({"targets"});
  config.require_all_known({"global_compression_ratio", "ignore", "quantization_status", "version"});
  return weights;
}

bool is_8_bit(Dtype type) { return type == Dtype::i8 || type == Dtype::f8_e4m3 || type == Dtype::f8_e5m2; }

/// The scales of a linear, null if there are none.
const Tensor* find_scales(const TensorStore& store, const std::string& linear) {
  const auto names = weight_tensors(linear);
  const Tensor* const scales = store.find(names[1]);
  const Tensor* const others = store.find(names[2]);
  if (scales != nullptr && others != nullptr)
    throw InputError(others->where() + " and " + names[1] + " are both there");
  return scales != nullptr ? scales : others;
}

/// The part of an out x in matrix that a scale is for; nothing where the scales are not for such a matrix.
std::optional<WeightFormat> scaled_part(const Tensor& scales, std::size_t out, std::size_t in, WeightFormat format) {
  using Shape = std::vector<std::size_t>;
  const auto blocks = [](std::size_t size, std::size_t block) { return (size + block - 1) / block; };
  if (scales.elements() == 1) return WeightFormat{out, in};
  if (scales.shape == Shape{out} || scales.shape == Shape{out, 1}) return WeightFormat{1, in};
  if (format.block_rows == 0 || format.block_cols == 0) return {};
  if (scales.shape != Shape{blocks(out, format.block_rows), blocks(in, format.block_cols)}) return {};
  return format;
}

}  // namespace

WeightFormat weight_format(const ModelConfig& config) {
  const char* const key = "quantization_config";
  if (config.raw(key).is_null()) return {};
  const ModelConfig inner = config.object(key);
  const std::string method = inner.text("quant_method", "");
  if (method == "fp8") return read_fp8(inner);
  if (method == "compressed-tensors") return read_compressed_tensors(inner);
  inner.fail("quant_method", "is \"" + method + "\"; supported are fp8 and compressed-tensors");
}

std::array<std::string, 3> weight_tensors(const std::string& linear) {
  return {linear + ".weight", linear + ".weight_scale", linear + ".weight_scale_inv"};
}

const Tensor* require_weights(const TensorStore& store, const std::string& linear, std::size_t out, std::size_t in,
                              const WeightFormat& format) {
  const Tensor& weights = store.at(linear + ".weight");
  weights.require_shape({out, in});
  if (!is_8_bit(weights.dtype)) {
    to_float(weights, 0, 0);  // throws for a type that is no float
    return nullptr;
  }
  const Tensor* const scales = find_scales(store, linear);
  if (scales == nullptr) {
    if (weights.dtype != Dtype::i8) return nullptr;
    throw InputError(weights.where() + " is I8, and there is no " + linear + ".weight_scale");
  }
  if (!scaled_part(*scales, out, in, format)) {
    throw InputError(scales->where() + " has shape " + shape_text(scales->shape) +
                     ", which is not one scale, one for " + "each output of " + shape_text({out, in}) +
                     ", or one for each block of quantization_config");
  }
  return scales;
}

Matrix<float> float_weights(const TensorStore& store, const std::string& linear, const WeightFormat& format) {
  const Tensor& tensor = store.at(linear + ".weight");
  if (!is_8_bit(tensor.dtype)) return to_float(tensor);
  Matrix<float> weights;
  if (tensor.dtype == Dtype::i8) {
    const MatrixView<const std::int8_t> values = tensor.view<std::int8_t>();
    weights = Matrix<float>(values.rows, values.cols);
    std::copy_n(values.data, weights.size(), weights.data());
  } else {
    weights = to_float(tensor);
  }
  const Tensor* const stored = find_scales(store, linear);
  if (stored == nullptr) return weights;
  const Matrix<float> scales = to_float(*stored);
  const WeightFormat part = scaled_part(*stored, weights.rows(), weights.cols(), format).value();
  const std::size_t across = (weights.cols() + part.block_cols - 1) / part.block_cols;
  for (std::size_t o = 0; o < weights.rows(); ++o) {
    const float* row = scales.data() + o / part.block_rows * across;
    for (std::size_t i = 0; i < weights.cols(); ++i) weights(o, i) *= row[i / part.block_cols];
  }
  return weights;
}

}  // namespace flexcim
