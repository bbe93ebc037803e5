#include "flow/select/outliers.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

namespace flexcim {
namespace {

struct Linear {
  Matrix<float> weights;
  std::vector<float> norms;
};

std::vector<Linear> random_block(std::mt19937& random, int linears) {
  std::normal_distribution<float> normal;
  std::vector<Linear> block;
  for (int i = 0; i < linears; ++i) {
    Linear linear{Matrix<float>(1 + random() % 70, 1 + random() % 70), {}};
    for (std::size_t k = 0; k < linear.weights.size(); ++k) linear.weights.data()[k] = normal(random);
    for (std::size_t j = 0; j < linear.weights.cols(); ++j) linear.norms.push_back(std::exp(normal(random)));
    block.push_back(linear);
  }
  return block;
}

/// As the definition reads, with v in memory and all pairs.
OutlierFigures naive(const std::vector<Linear>& block, double multiple) {
  std::vector<double> v;
  for (const Linear& linear : block) {
    for (std::size_t o = 0; o < linear.weights.rows(); ++o) {
      for (std::size_t j = 0; j < linear.weights.cols(); ++j)
        v.push_back(std::fabs(linear.weights(o, j)) * linear.norms[j]);
    }
  }
  double mean = 0;
  for (const double s : v) mean += s / static_cast<double>(v.size());
  std::vector<double> positions;
  for (std::size_t k = 0; k < v.size(); ++k) {
    if (v[k] > multiple * mean) positions.push_back(static_cast<double>(k));
  }
  OutlierFigures figures;
  figures.outlier_ratio = 100 * static_cast<double>(positions.size()) / static_cast<double>(v.size());
  if (positions.size() > 10000) positions.resize(10000);
  double sum = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    for (std::size_t j = i + 1; j < positions.size(); ++j) {
      sum += positions[j] - positions[i];
      ++pairs;
    }
  }
  if (pairs > 0) figures.locality = pairs / sum;
  return figures;
}

OutlierFigures streamed(const std::vector<Linear>& block, double multiple, int threads) {
  SaliencySum sum;
  for (const Linear& linear : block) sum.add(linear.weights, linear.norms, threads);
  OutlierScan scan(multiple * sum.mean());
  for (const Linear& linear : block) scan.add(linear.weights, linear.norms, threads);
  return scan.figures();
}

TEST_CASE("figures of a stream equal the definition, on any number of threads") {
  std::mt19937 random(1);
  for (int trial = 0; trial < 60; ++trial) {
    const std::vector<Linear> block = random_block(random, 1 + trial % 4);
    for (const double multiple : {0.5, 3.0, 1000.0}) {
      const OutlierFigures expected = naive(block, multiple);
      const OutlierFigures once = streamed(block, multiple, 1);
      CHECK(once.outlier_ratio == Approx(expected.outlier_ratio));
      CHECK(once.locality == Approx(expected.locality));
      const OutlierFigures threaded = streamed(block, multiple, 3);
      CHECK(threaded.outlier_ratio == once.outlier_ratio);
      CHECK(threaded.locality == once.locality);
    }
  }
}

TEST_CASE("only the first 10 000 outliers count for the locality") {
  // Every element of the first 11 000 is an outlier, the zeros behind them are not: the first 10 000 are consecutive.
  Matrix<float> weights(40, 1000);
  for (std::size_t k = 0; k < 11000; ++k) weights.data()[k] = 1;
  SaliencySum sum;
  sum.add(weights, std::vector<float>(1000, 2.0f), 2);
  CHECK(sum.sum() == 22000);
  CHECK(sum.mean() == 22000.0 / 40000);
  OutlierScan scan(3 * sum.mean());
  scan.add(weights, std::vector<float>(1000, 2.0f), 2);
  CHECK(scan.figures().outlier_ratio == 27.5);
  // The mean distance of n consecutive positions is (n + 1) / 3.
  CHECK(scan.figures().locality == Approx(3.0 / 10001));
}

TEST_CASE("mean pairwise distance by hand") {
  CHECK(mean_pairwise_distance({}) == 0);
  CHECK(mean_pairwise_distance({5}) == 0);
  CHECK(mean_pairwise_distance({5, 8}) == 3);
  CHECK(mean_pairwise_distance({0, 1, 5}) == Approx(10.0 / 3));  // 1 + 5 + 4
  CHECK(mean_pairwise_distance({std::uint64_t{1} << 40, (std::uint64_t{1} << 40) + 2}) == 2);
}

TEST_CASE("min-max normalisation never gives NaN") {
  CHECK(min_max_normalized({1, 3, 2}) == std::vector<double>{0, 1, 0.5});
  CHECK(min_max_normalized({4, 4, 4}) == std::vector<double>{0, 0, 0});
  CHECK(min_max_normalized({4}) == std::vector<double>{0});
  CHECK(min_max_normalized({}).empty());
  CHECK(min_max_normalized({-1e308, 1e308, 0}) == std::vector<double>{0, 1, 0.5});
  CHECK(min_max_normalized({0, 5e-324}) == std::vector<double>{0, 1});
}

}  // namespace
}  // namespace flexcim
