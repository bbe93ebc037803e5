// The float matrix product of the models: fast, and the same to the last bit on every machine.
#pragma once

#include "flow/base/matrix.h"

#include <cstddef>
#include <vector>

namespace flexcim {

/// Output channels that one panel holds side by side, one per SIMD lane.
constexpr std::size_t kPanel = 16;

/// Weights in the order in which the product reads them: panels of kPanel output channels, each panel [in][kPanel], the
/// last one padded with zeros.
class PanelMatrix {
 public:
  PanelMatrix() = default;
  /// Repacks weights [out][in].
  explicit PanelMatrix(MatrixView<const float> weights);
  /// Repacks the transpose of what is given: [in][out].
  static PanelMatrix of_transposed(MatrixView<const float> weights);

  std::size_t out() const { return out_; }
  std::size_t in() const { return in_; }
  const float* panel(std::size_t index) const { return data_.data() + index * in_ * kPanel; }

 private:
  std::size_t out_ = 0;
  std::size_t in_ = 0;
  std::vector<float> data_;
};

/// y[t][o] = ((x[t][0]*w[o][0] + x[t][1]*w[o][1]) + x[t][2]*w[o][2]) + ...: one rounded product and one rounded sum per
/// input, inputs in rising order, whatever the SIMD width. x is tokens x in, y tokens x out.
void matmul(MatrixView<const float> x, const PanelMatrix& weights, MatrixView<float> y);

/// matmul with weights [out][in] that are repacked on the way, a part at a time, on `threads` threads; the same result
/// for any number of them.
void matmul(MatrixView<const float> x, MatrixView<const float> weights, MatrixView<float> y, int threads);
/// The same for weights given as [in][out]: the plain product of two matrices.
void matmul_transposed(MatrixView<const float> x, MatrixView<const float> weights, MatrixView<float> y, int threads);

/// The same for one panel [in][kPanel] and its first `columns` lanes; y's columns are those lanes.
void matmul_panel(MatrixView<const float> x, const float* panel, MatrixView<float> y);

}  // namespace flexcim
