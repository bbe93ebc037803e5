// Gram matrices of the inputs of linears over calibration tokens.
#pragma once

#include "flow/base/matrix.h"
#include "flow/compensate/inverse_factor.h"

namespace flexcim {

/// gram += aᵀ b over the tokens of two matrices, tokens x inputs each: gram(i, j) += Σ_t a(t, i) b(t, j). The sum of
/// one call is formed token by token and then added, the same for any number of threads.
void add_gram(MatrixView<const float> a, MatrixView<const float> b, Matrix<float>& gram, int threads);

/// λ of compensation, as a share of the mean of the Gram matrix's diagonal.
constexpr double kDamping = 0.03;

/// inverse_factor of a Gram matrix with λ = kDamping of its mean diagonal; of one that is all zero, with λ = 1.
InverseFactor damped_inverse_factor(Matrix<float> gram, int threads);

}  // namespace flexcim
