// Windows of time in as many points as a plot can show.
#pragma once

#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace flexcim {

/// Figures of a run over time, each added up over the windows of a point.
template <std::size_t figures>
struct WindowPoints {
  static constexpr std::size_t kMost = 800;

  std::size_t windows = 0;    ///< that the run has
  std::size_t per_point = 0;  ///< neighbours in each point; the last may have fewer
  std::vector<double> edges_ns{0};
  std::vector<std::array<double, figures>> sums;

  /// `rows`: PowerRows or ActivityRows. `add(window, sums)` adds a window to its point.
  template <class Rows, class Add>
  WindowPoints(const Rows& rows, const Add& add) {
    rows([&](const auto&) { ++windows; });
    per_point = (windows + kMost - 1) / kMost;
    std::size_t seen = 0;
    rows([&](const auto& window) {
      if (seen++ % per_point == 0) {
        edges_ns.push_back(0);
        sums.emplace_back();
      }
      edges_ns.back() = window.end_ns;
      add(window, sums.back());
    });
  }

  /// Of a figure its sums over the time of each point, to six digits.
  std::vector<double> per_ns(std::size_t figure) const {
    std::vector<double> values;
    for (std::size_t point = 0; point < sums.size(); ++point) {
      const double value = sums[point][figure] / (edges_ns[point + 1] - edges_ns[point]);
      values.push_back(std::stod(fmt::format("{:.6g}", value)));
    }
    return values;
  }

  nlohmann::ordered_json json() const {
    return {{"windows", windows}, {"windows_per_point", per_point}, {"edges_ns", edges_ns}};
  }
};

}  // namespace flexcim
