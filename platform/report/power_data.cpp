#include "platform/report/power_data.h"

#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace flexcim {
namespace {

constexpr std::size_t kMostPoints = 800;

double six_digits(double value) { return std::stod(fmt::format("{:.6g}", value)); }

}  // namespace

nlohmann::ordered_json power_data(const PowerRows& rows) {
  std::size_t windows = 0;
  rows([&](const PowerWindow&) { ++windows; });
  const std::size_t per_point = (windows + kMostPoints - 1) / kMostPoints;
  std::vector<double> edges_ns{0};
  std::vector<std::array<double, kComponents>> energies_pj;
  std::size_t seen = 0;
  rows([&](const PowerWindow& window) {
    if (seen++ % per_point == 0) {
      edges_ns.push_back(0);
      energies_pj.emplace_back();
    }
    edges_ns.back() = window.end_ns;
    for (std::size_t i = 0; i < kComponents; ++i) {
      energies_pj.back()[i] += window.power_mw(component_at(i)) * (window.end_ns - window.start_ns);
    }
  });

  nlohmann::ordered_json json{{"windows", windows}, {"windows_per_point", per_point}, {"edges_ns", edges_ns}};
  json["mw"] = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < kComponents; ++i) {
    std::vector<double> mw;
    bool any = false;
    for (std::size_t point = 0; point < energies_pj.size(); ++point) {
      any = any || energies_pj[point][i] > 0;
      mw.push_back(six_digits(energies_pj[point][i] / (edges_ns[point + 1] - edges_ns[point])));
    }
    if (any) json["mw"][std::string(to_string(component_at(i)))] = mw;
  }
  return json;
}

}  // namespace flexcim
