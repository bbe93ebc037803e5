// How much of a metric follows from each axis of a sweep alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flexcim {

/// What one axis does to a metric.
struct MainEffect {
  /// Of the variance of the metric's logarithm (of the metric itself where logarithms are not taken) the part between
  /// the levels of the axis, 0..1: the correlation ratio, which in a full grid is Sobol's first-order index (Saltelli
  /// et al., Global Sensitivity Analysis, 2008). 0 where nothing varies. Values that chance has put into levels give
  /// (levels - 1) / (points - 1) in the mean.
  double share = 0;
  struct Level {
    std::uint64_t points = 0;
    double mean = 0;  ///< of the metric: geometric of logarithms; 0 without points
  };
  std::vector<Level> levels;
};

/// Takes the points of a sweep one by one, and keeps none.
class Sensitivity {
 public:
  /// `levels`: how many each axis has. `logarithm`: every value of the metric is above 0, and its logarithm is looked
  /// at.
  Sensitivity(const std::vector<std::size_t>& levels, bool logarithm);

  /// `at`: the level of each axis.
  void add(const std::vector<std::size_t>& at, double metric);
  bool logarithm() const { return logarithm_; }
  /// Of each axis.
  std::vector<MainEffect> effects() const;

 private:
  /// Of numbers that come one by one (Welford, Technometrics 1962).
  struct Moments {
    std::uint64_t count = 0;
    double mean = 0;
    double squares = 0;  ///< sum of squared distances to the mean
    void add(double value);
  };

  bool logarithm_;
  Moments all_;
  std::vector<std::vector<Moments>> axes_;  ///< by level
};

}  // namespace flexcim
