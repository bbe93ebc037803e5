#include "platform/report/power_data.h"

#include "platform/report/window_points.h"

#include <algorithm>
#include <string>

namespace flexcim {

nlohmann::ordered_json power_data(const PowerRows& rows) {
  const WindowPoints<kComponents> points(rows, [](const PowerWindow& window, auto& energies_pj) {
    for (std::size_t i = 0; i < kComponents; ++i) energies_pj[i] += picojoules(window.energy[i]);
  });
  nlohmann::ordered_json json = points.json();
  json["mw"] = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < kComponents; ++i) {
    const bool any = std::any_of(points.sums.begin(), points.sums.end(), [&](const auto& sums) { return sums[i] > 0; });
    if (any) json["mw"][std::string(to_string(component_at(i)))] = points.per_ns(i);
  }
  return json;
}

}  // namespace flexcim
