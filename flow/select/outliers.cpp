#include "flow/select/outliers.h"

#include "flow/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace flexcim {
namespace {

constexpr std::size_t kOutlierRows = 16;

void require_shape(MatrixView<const float> weights, const std::vector<float>& channel_norms) {
  if (weights.cols != channel_norms.size()) throw std::logic_error("saliency: one norm per input channel");
}

/// Sums in eight interleaved parts: an order of its own, the same on any SIMD width.
double row_sum(const float* weights, const float* norms, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  double lanes[kLanes] = {};
  std::size_t j = 0;
  for (; j + kLanes <= count; j += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += static_cast<double>(std::fabs(weights[j + l]) * norms[j + l]);
  }
  for (; j < count; ++j) lanes[0] += static_cast<double>(std::fabs(weights[j]) * norms[j]);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace

void saliency_row(const float* weights, const float* channel_norms, std::size_t count, float* out) {
  for (std::size_t j = 0; j < count; ++j) out[j] = std::fabs(weights[j]) * channel_norms[j];
}

void SaliencySum::add(MatrixView<const float> weights, const std::vector<float>& channel_norms, int threads) {
  require_shape(weights, channel_norms);
  std::vector<double> sums(weights.rows);
  parallel_for(threads, weights.rows, kOutlierRows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) sums[r] = row_sum(weights.row(r), channel_norms.data(), weights.cols);
  });
  for (const double row : sums) sum_ += row;
  count_ += weights.rows * weights.cols;
}

void OutlierScan::add(MatrixView<const float> weights, const std::vector<float>& channel_norms, int threads) {
  require_shape(weights, channel_norms);
  std::vector<std::uint64_t> counts(weights.rows);
  parallel_for(threads, weights.rows, kOutlierRows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      const float* w = weights.row(r);
      std::uint64_t above = 0;
      for (std::size_t j = 0; j < weights.cols; ++j) {
        above += static_cast<double>(std::fabs(w[j]) * channel_norms[j]) > threshold_ ? 1 : 0;
      }
      counts[r] = above;
    }
  });
  for (std::size_t r = 0; r < weights.rows; ++r) {
    outliers_ += counts[r];
    const float* w = weights.row(r);
    for (std::size_t j = 0; counts[r] > 0 && j < weights.cols && positions_.size() < kMostPositions; ++j) {
      if (static_cast<double>(std::fabs(w[j]) * channel_norms[j]) > threshold_) positions_.push_back(count_ + j);
    }
    count_ += weights.cols;
  }
}

OutlierFigures OutlierScan::figures() const {
  OutlierFigures figures;
  if (count_ > 0) figures.outlier_ratio = 100.0 * static_cast<double>(outliers_) / static_cast<double>(count_);
  const double distance = mean_pairwise_distance(positions_);
  if (distance > 0) figures.locality = 1 / distance;
  return figures;
}

double mean_pairwise_distance(const std::vector<std::uint64_t>& ascending) {
  const std::size_t n = ascending.size();
  if (n < 2) return 0;
  // The gap before position k lies between k positions below it and n - k above it: it counts in k (n - k) pairs.
  double sum = 0;
  for (std::size_t k = 1; k < n; ++k) {
    sum += static_cast<double>(ascending[k] - ascending[k - 1]) * static_cast<double>(k) * static_cast<double>(n - k);
  }
  return sum / (static_cast<double>(n) * static_cast<double>(n - 1) / 2);
}

std::vector<double> min_max_normalized(const std::vector<double>& values) {
  std::vector<double> result(values.size(), 0.0);
  if (values.empty()) return result;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low == *high) return result;
  const double scale = std::isfinite(*high - *low) ? 1 : 0.5;  // the whole range may be beyond double, its half is not
  const double range = scale * *high - scale * *low;
  for (std::size_t i = 0; i < values.size(); ++i) result[i] = (scale * values[i] - scale * *low) / range;
  return result;
}

}  // namespace flexcim
