// One GEMM for the accelerator, whatever workload it comes from.
#pragma once

#include "flow/base/matrix.h"
#include "flow/pack/packed_linear.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace flexcim {

struct GemmJob {
  PackedLinear weights;             ///< `weights.name` names the layer in results
  Matrix<std::int8_t> activations;  ///< tokens x in
  /// The weights as the scenario's architecture has them in DRAM; empty where they are still to be encoded.
  MappedVector<std::uint8_t> image = {};
  /// What the golden model makes of them, tokens x out; empty where it is still to be formed.
  Matrix<std::int32_t> golden = {};
};

/// GemmJob::golden, formed now where it has not been.
Matrix<std::int32_t> golden_outputs(const GemmJob& job);

/// The workload `gemm`: tensor `weight` [out, in] of one safetensors file and `activation` [tokens, in] of another (or
/// the same), int8 or float. Float weights are quantized with a scale per row, float activations with one scale
/// (docs/flow.md §5); a float weight counts as kept where it is not zero. `weight_bits`: 4 or 8. Throws InputError
/// naming file and tensor for a missing file or tensor, another type, shapes that do not fit each other, a weight out
/// of range, and weights that violate `pattern`.
GemmJob load_gemm(const std::filesystem::path& weights, const std::filesystem::path& activations, Pattern pattern,
                  int weight_bits);

}  // namespace flexcim
