#include "platform/workload/gemm_job.h"

#include "flow/base/error.h"
#include "flow/base/safetensors.h"
#include "flow/model/golden.h"
#include "flow/model/int8_matmul.h"
#include "flow/pack/quantize.h"

#include <limits>

namespace flexcim {
namespace {

void require_matrix(const Tensor& tensor) {
  if (tensor.shape.size() != 2)
    throw InputError(tensor.where() + " has " + std::to_string(tensor.shape.size()) + " dimensions, not 2");
  for (std::size_t size : tensor.shape) {
    if (size < 1 || size > kMostGemmInputs) {
      throw InputError(tensor.where() + ": dimension " + std::to_string(size) + " is outside 1.." +
                       std::to_string(kMostGemmInputs));
    }
  }
}

PackedLinear pack_float(const Tensor& tensor, Pattern pattern, int weight_bits) {
  const Matrix<float> weights = to_float(tensor);
  Matrix<std::int8_t> quantized(weights.rows(), weights.cols());
  Matrix<std::uint8_t> kept(weights.rows(), weights.cols());
  std::vector<float> scales(weights.rows());
  for (std::size_t o = 0; o < weights.rows(); ++o) {
    scales[o] = weight_scale(max_abs(weights.row(o), weights.cols()), weight_bits);
    quantize_weights(weights.row(o), weights.cols(), scales[o], quantized.row(o), weight_bits);
    for (std::size_t i = 0; i < weights.cols(); ++i) kept(o, i) = weights(o, i) != 0.0f ? 1 : 0;
  }
  PackedLinear packed = pack_kept(quantized, kept, pattern, tensor.where());
  packed.scales = std::move(scales);
  return packed;
}

Matrix<std::int8_t> quantize(const Tensor& tensor, float& scale) {
  const Matrix<float> values = to_float(tensor);
  scale = int8_scale(max_abs(values.data(), values.size()));
  Matrix<std::int8_t> quantized(values.rows(), values.cols());
  quantize_activations(values.data(), values.size(), scale, quantized.data());
  return quantized;
}

}  // namespace

Matrix<std::int32_t> golden_outputs(const GemmJob& job) {
  if (job.golden.rows() != 0) return job.golden;
  Matrix<std::int32_t> golden(job.activations.rows(), static_cast<std::size_t>(job.weights.out));
  int8_matmul(job.activations, job.weights, golden, 0);
  return golden;
}

GemmJob load_gemm(const std::filesystem::path& weights, const std::filesystem::path& activations, Pattern pattern,
                  int weight_bits) {
  const SafetensorsFile weight_file(weights.string());
  const SafetensorsFile activation_file(activations.string());
  const Tensor& weight = weight_file.at("weight");
  const Tensor& activation = activation_file.at("activation");
  require_matrix(weight);
  require_matrix(activation);
  if (weight.cols() != activation.cols()) {
    throw InputError(activation.where() + " has " + std::to_string(activation.cols()) + " inputs per token, but " +
                     weight.where() + " has " + std::to_string(weight.cols()));
  }
  GemmJob job;
  job.weights = weight.dtype == Dtype::i8 ? pack_int8(weight.view<std::int8_t>(), pattern, weight.where())
                                          : pack_float(weight, pattern, weight_bits);
  job.weights.weight_bits = weight_bits;
  validate(job.weights, weight.where());
  job.activations = activation.dtype == Dtype::i8 ? activation.copy<std::int8_t>()
                                                  : quantize(activation, job.weights.activation_scale);
  job.weights.name = "gemm";
  return job;
}

}  // namespace flexcim
