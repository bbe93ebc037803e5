// The golden model: what every fidelity must reproduce bit for bit (architecture.md §10.1).
#pragma once

#include "flow/base/matrix.h"

#include <cstdint>

namespace flexcim {

/// The largest `in` of a gemm: no sum of that many int8 products leaves int32.
constexpr int kMostGemmInputs = 131072;

/// Y[token][out] = sum over in of X[token][in] * W[out][in], exact in int32.
/// Shapes: weights out x in, values in [-127, 127]; activations tokens x in; in <= kMostGemmInputs.
/// Throws std::logic_error where the shapes do not fit.
Matrix<std::int32_t> golden_gemm(MatrixView<const std::int8_t> weights, MatrixView<const std::int8_t> activations);

}  // namespace flexcim
