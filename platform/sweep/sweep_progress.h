// What a sweep says while it goes on.
#pragma once

#include "platform/config/sweep_spec.h"
#include "platform/sweep/point_result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// On standard error: a line that is drawn again and again on a terminal, otherwise one now and then.
class SweepProgress {
 public:
  SweepProgress(std::uint64_t points, std::vector<Objective> objectives);
  ~SweepProgress();
  SweepProgress(const SweepProgress&) = delete;
  SweepProgress& operator=(const SweepProgress&) = delete;

  /// A point that is done: `values` of its objectives, none where it is not ok. `before`: by an earlier command.
  void add(const std::vector<double>& values, bool before);
  /// Says how far it is, and `more`, if it is time.
  void show(const std::string& more = "");
  /// "812 of 10000 points, 405/s, 0:23 left; best time_ns 1.53e+06, energy_pj 2.1e+09". `seconds`: since the start.
  std::string line(double seconds) const;

 private:
  using Clock = std::chrono::steady_clock;

  const bool terminal_;
  const std::uint64_t points_;
  const std::vector<Objective> objectives_;
  std::vector<std::optional<double>> best_;
  std::uint64_t before_ = 0;
  std::uint64_t done_ = 0;  ///< those before, too
  const Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
};

}  // namespace flexcim
