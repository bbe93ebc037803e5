// Pruning that repairs what it breaks: the weights that are kept make up for those that are dropped (after SparseGPT,
// arXiv 2301.00774, with the dense model's outputs as what is to be met).
#pragma once

#include "flow/compensate/inverse_factor.h"
#include "flow/prune/prune.h"

namespace flexcim {

/// The weights out x in with which inputs p of a pruned model come closest to what `weights` make of the dense model's
/// inputs d: W (C + λI)(H + λI)⁻¹, with C = Σ d pᵀ (`dense_with_own`), H = Σ p pᵀ, λ and the factor of (H + λI)⁻¹.
Matrix<float> refitted_weights(const Matrix<float>& weights, Matrix<float> dense_with_own, const InverseFactor& factor,
                               int threads);

struct Compensated {
  Pruned pruned;  ///< its saliencies are w²/U_ii²: by how much dropping w raises the squared error of the output
  Matrix<float> weights;     ///< out x in; those that are not kept mean nothing
  double squared_error = 0;  ///< of the outputs, Σ over tokens and rows, with the damping's share
};

/// Prunes `weights` from the first input to the last. At each group's start the rule keeps the largest sum of w²/U_ii²;
/// then, input by input, e = w/U_ii where w is dropped, and the row's later weights change by -e U_i. A dense rule
/// changes nothing. The same to the last bit for any number of threads.
Compensated compensate(Matrix<float> weights, const InverseFactor& factor, const Pruner& pruner, int threads);

}  // namespace flexcim
