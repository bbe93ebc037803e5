// The values of an axis, and which of them are looked at together.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

namespace flexcim {

struct AxisValue {
  std::string text;
  bool is_number = false;
  double number = 0;  ///< if it is one
};

struct AxisLevels {
  bool numbers = false;               ///< all values are
  std::vector<std::string> values;    ///< numbers ascending, words as they were given
  std::vector<std::size_t> level_of;  ///< of each value
  std::vector<std::string> levels;    ///< names; "1 to 8" of several values

  /// Where each value stands in `values`.
  std::unordered_map<std::string, std::size_t> places() const;
};

/// Of more numbers than this, neighbours are one level.
inline constexpr std::size_t kMostLevels = 12;

/// `values`: no two are the same. Of more than kMostLevels numbers every level has equally many, or one more. Words
/// have a level each.
AxisLevels axis_levels(std::vector<AxisValue> values);

}  // namespace flexcim
