// The Cholesky factor of an inverse, which tells what pruning a weight costs and how the others make up for it (optimal
// brain surgeon; Frantar and Alistarh, SparseGPT, arXiv 2301.00774 §3.3).
#pragma once

#include "flow/base/matrix.h"

namespace flexcim {

struct InverseFactor {
  /// Lower triangular, n x n: transposed(j, i) = U(i, j) of the upper triangular U with Uᵀ U = (H + damping I)⁻¹.
  Matrix<float> transposed;
  float damping = 0;
};

/// Of a symmetric matrix H, n x n, whose memory is used. `damping` (above 0) is raised tenfold as often as it takes for
/// H + damping I to be positive definite in single precision. The same to the last bit for any number of threads and on
/// every machine. Throws InputError where no damping will do: H is not finite.
InverseFactor inverse_factor(Matrix<float> h, float damping, int threads);

}  // namespace flexcim
