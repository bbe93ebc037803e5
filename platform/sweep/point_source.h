// The points of a sweep, by number: the same for every run of the same scenario.
#pragma once

#include "platform/config/scenario.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

struct SweepPoint {
  std::vector<std::string> values;  ///< the name of its value in every column
  std::vector<Override> changes;    ///< what it changes of the scenario: PointLoader
};

/// Names of the axes, those that go together one by one, in the order of SweepPoint::values.
std::vector<std::string> column_names(const SweepSpec& sweep);

class PointSource {
 public:
  virtual ~PointSource() = default;
  /// Points in all.
  virtual std::uint64_t size() const = 0;
  /// Points [0, ready()) can be asked for. Of a search they become more as points are told.
  virtual std::uint64_t ready() const = 0;
  /// Throws std::out_of_range for a point that is not ready.
  virtual SweepPoint at(std::uint64_t index) const = 0;
  /// What came out of a point: its objectives in the order of the scenario, none where it is invalid or has failed.
  /// Each point is told once, in any order.
  virtual void tell(std::uint64_t index, const std::vector<double>& objectives) = 0;
};

/// `scenario` has a sweep. Throws InputError that names the key.
std::unique_ptr<PointSource> make_point_source(const Scenario& scenario);

}  // namespace flexcim
