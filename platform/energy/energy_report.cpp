#include "platform/energy/energy_report.h"

#include <algorithm>
#include <numeric>

namespace flexcim {

namespace {

constexpr bool components_in_order() {
  for (std::size_t i = 0; i < kComponents; ++i) {
    if (static_cast<std::size_t>(component_at(i)) != i) return false;
  }
  return true;
}
static_assert(components_in_order());

}  // namespace

double EnergyReport::total_pj() const {
  return stated_total_pj ? *stated_total_pj : std::accumulate(by_component.begin(), by_component.end(), 0.0);
}

double EnergyReport::macro_pj() const {
  const auto end = by_component.begin() + static_cast<std::ptrdiff_t>(Component::gated_cells) + 1;
  return std::accumulate(by_component.begin(), end, 0.0);
}

double EnergyReport::by_tag(char tag) const {
  double sum = 0;
  for (const FigureShare& share : by_figure) sum += share.figure.tag == tag ? share.energy_pj : 0;
  return sum;
}

EnergyReport& EnergyReport::operator+=(const EnergyReport& other) {
  if (stated_total_pj || other.stated_total_pj) stated_total_pj = total_pj() + other.total_pj();
  for (std::size_t i = 0; i < kComponents; ++i) by_component[i] += other.by_component[i];
  for (const FigureShare& share : other.by_figure) {
    const auto same = std::find_if(by_figure.begin(), by_figure.end(),
                                   [&](const FigureShare& mine) { return mine.name == share.name; });
    if (same == by_figure.end()) {
      by_figure.push_back(share);
    } else {
      same->energy_pj += share.energy_pj;
    }
  }
  return *this;
}

}  // namespace flexcim
