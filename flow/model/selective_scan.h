// The recurrent operators of Mamba, step by step with their state (arXiv 2312.00752 §3).
#pragma once

#include "flow/base/matrix.h"

#include <vector>

namespace flexcim {

/// A causal depthwise convolution over tokens.
class CausalConvolution {
 public:
  CausalConvolution() = default;
  /// weights: channels x taps, the last tap on the current token; bias: per channel.
  CausalConvolution(MatrixView<const float> weights, std::vector<float> bias);

  /// The inputs before the first token: taps-1 x channels of zeros.
  Matrix<float> initial_state() const { return {weights_.rows() - 1, weights_.cols()}; }
  /// y[t][c] = bias[c] + sum over k of weights[c][k] * x[t - taps + 1 + k][c]; tokens before x come from `state`, which
  /// moves on.
  void apply(MatrixView<const float> x, Matrix<float>& state, MatrixView<float> y) const;

 private:
  Matrix<float> weights_;  ///< taps x channels
  std::vector<float> bias_;
};

/// The selective scan: h[n][c] = exp(delta[t][c] * A[n][c]) * h[n][c] + delta[t][c] * u[t][c] * B[t][n], then
/// y[t][c] = D[c] * u[t][c] + sum over n of C[t][n] * h[n][c], for each token in turn. A = -exp(A_log).
class SelectiveScan {
 public:
  SelectiveScan() = default;
  /// a_log: channels x states; d: per channel.
  SelectiveScan(MatrixView<const float> a_log, std::vector<float> d);

  /// states x channels of zeros.
  Matrix<float> initial_state() const { return {a_.rows(), a_.cols()}; }
  /// u, delta, y are tokens x channels; b, c tokens x states; `state` moves on.
  void apply(MatrixView<const float> u, MatrixView<const float> delta, MatrixView<const float> b,
             MatrixView<const float> c, Matrix<float>& state, MatrixView<float> y) const;

 private:
  Matrix<float> a_;  ///< states x channels
  std::vector<float> d_;
};

/// x[t][i] = softplus(x[t][i] + bias[i]).
void softplus_with_bias(MatrixView<float> x, const std::vector<float>& bias);

}  // namespace flexcim
