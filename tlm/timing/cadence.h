// Things that happen at equal distances, in stretches: how bursts in a row are told in one call.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flexcim {

/// Happening j of a stretch that begins with number `from` at time `at` comes at `at` + (j - from) * period, up to the
/// next stretch. Times are in any one unit.
class Cadence {
 public:
  struct Stretch {
    Stretch(std::uint64_t first, std::int64_t first_at) : from(first), at(first_at) {}
    std::uint64_t from;
    std::int64_t at;
  };

  Cadence() = default;
  /// One stretch from number 0 on.
  Cadence(std::int64_t first_at, std::int64_t period) : period_(period) { add(0, first_at); }

  /// Forgets all stretches. `period` is at least 1.
  void restart(std::int64_t period) {
    assert(period >= 1);
    period_ = period;
    stretches_.clear();
  }
  /// The next stretch: the first from number 0, every other one from a higher number than the one before.
  void add(std::uint64_t from, std::int64_t at) {
    assert(stretches_.empty() ? from == 0 : from > stretches_.back().from);
    stretches_.emplace_back(from, at);
  }

  std::int64_t period() const { return period_; }
  const std::vector<Stretch>& stretches() const { return stretches_; }

  /// When happening j comes.
  std::int64_t at(std::uint64_t j) const {
    assert(!stretches_.empty());
    std::size_t k = stretches_.size() - 1;
    while (stretches_[k].from > j) --k;
    return stretches_[k].at + static_cast<std::int64_t>(j - stretches_[k].from) * period_;
  }
  /// How many of the first `most` come until `limit`, where none comes before the one in front of it.
  std::uint64_t until(std::int64_t limit, std::uint64_t most) const {
    for (std::size_t k = stretches_.size(); k > 0 && most > 0 && at(most - 1) > limit; --k) {
      const auto [from, first] = stretches_[k - 1];
      most = std::min(most, first > limit ? from : from + static_cast<std::uint64_t>((limit - first) / period_) + 1);
    }
    return most;
  }

 private:
  std::vector<Stretch> stretches_;
  std::int64_t period_ = 1;
};

}  // namespace flexcim
