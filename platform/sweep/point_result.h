// What came out of a point of a sweep.
#pragma once

#include "platform/results/point_figures.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

enum class PointStatus {
  ok,
  invalid,  ///< breaks a constraint
  failed    ///< bad input, a simulation without an end, a limit, a process that died
};
constexpr std::string_view to_string(PointStatus status) {
  return status == PointStatus::ok ? "ok" : status == PointStatus::invalid ? "invalid" : "failed";
}
/// The status whose name is `text`; failed for others.
constexpr PointStatus status_of(std::string_view text) {
  for (const PointStatus status : {PointStatus::ok, PointStatus::invalid}) {
    if (text == to_string(status)) return status;
  }
  return PointStatus::failed;
}

struct PointResult {
  std::uint64_t point = 0;
  PointStatus status = PointStatus::failed;
  std::string reason;    ///< one line, of a point that is not ok
  PointFigures figures;  ///< of one that is
};

/// With the name of its value in every column of the axes.
struct PointRow {
  std::vector<std::string> values;
  PointResult result;
};

}  // namespace flexcim
