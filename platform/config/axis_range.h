// Values of an axis by rule: steps, and ratios (docs/sweeps.md).
#pragma once

#include "platform/yaml/yaml_schema.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// from, from + step, ... up to `to`.
struct AxisRange {
  double from = 0;
  double to = 0;
  double step = 1;
};

/// from, from * factor, ... up to `to`, or as many `points` from `from` to `to`, both of them included. One of the two
/// is given.
struct LogRange {
  double from = 1;
  double to = 1;
  std::optional<double> factor;
  std::optional<std::uint64_t> points;
};

const Schema<AxisRange>& axis_range_schema();
const Schema<LogRange>& log_range_schema();

/// As they are written: whole, or with twelve significant digits. Those between whole ends of a LogRange are rounded to
/// whole numbers. Throws InputError for a `to` below `from`, for both or none of factor and points, and for more than
/// 100 000 values.
std::vector<std::string> values_of(const AxisRange& range);
std::vector<std::string> values_of(const LogRange& range);

}  // namespace flexcim
