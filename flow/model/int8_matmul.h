// The exact int8 matrix product, fast.
#pragma once

#include "flow/base/matrix.h"
#include "flow/pack/packed_linear.h"

#include <cstdint>

namespace flexcim {

/// y[t][o] = sum over in of x[t][in] * w[o][in], exactly as golden_gemm of the unpacked weights; x is tokens x in, y
/// tokens x out, in <= kMostGemmInputs (golden.h). A few rows of weights, and some hundred of activations, are unpacked
/// at a time, so that a product takes no memory to speak of. Work for more than a moment is spread over `threads`
/// threads (thread_count).
void int8_matmul(MatrixView<const std::int8_t> x, const PackedLinear& weights, MatrixView<std::int32_t> y,
                 int threads = 1);

}  // namespace flexcim
