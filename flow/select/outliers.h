// The two figures by which FLOW tells blocks apart (flow.md §2; arXiv 2504.14365 §III, the outlier ratio after OWL,
// arXiv 2310.05175).
#pragma once

#include "flow/base/matrix.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// s[o][j] = |W[o][j]| * a_j (Wanda, arXiv 2306.11695) of one row, into `out`.
void saliency_row(const float* weights, const float* channel_norms, std::size_t count, float* out);

/// The saliencies of several linears, one after another, row-major, are one vector v. First pass: its mean.
class SaliencySum {
 public:
  /// Appends |weights[o][j]| * channel_norms[j]. `channel_norms` has weights.cols elements. The same sum for any number
  /// of threads.
  void add(MatrixView<const float> weights, const std::vector<float>& channel_norms, int threads);
  double sum() const { return sum_; }
  std::uint64_t count() const { return count_; }
  double mean() const { return count_ > 0 ? sum_ / static_cast<double>(count_) : 0; }

 private:
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

struct OutlierFigures {
  double outlier_ratio = 0;  ///< r, percent
  double locality = 0;       ///< lambda, 1 / elements
};

/// Second pass: elements above a threshold (the outlier multiple times the mean), and where they lie.
class OutlierScan {
 public:
  static constexpr std::size_t kMostPositions = 10000;

  explicit OutlierScan(double threshold) : threshold_(threshold) {}
  /// Appends the saliencies that SaliencySum::add appends.
  void add(MatrixView<const float> weights, const std::vector<float>& channel_norms, int threads);
  /// r = 100 * outliers / elements; lambda = 1 / (mean of all pairwise distances between the first 10 000 outliers'
  /// positions in v), 0 with fewer than two.
  OutlierFigures figures() const;

 private:
  double threshold_;
  std::uint64_t count_ = 0;
  std::uint64_t outliers_ = 0;
  std::vector<std::uint64_t> positions_;
};

/// Mean of all pairwise distances between ascending positions, in one walk over the gaps; 0 with fewer than two.
double mean_pairwise_distance(const std::vector<std::uint64_t>& ascending);

/// (x - min) / (max - min) for each; all 0 where all are equal.
std::vector<double> min_max_normalized(const std::vector<double>& values);

}  // namespace flexcim
