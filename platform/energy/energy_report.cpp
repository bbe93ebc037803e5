#include "platform/energy/energy_report.h"

#include <algorithm>

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

void EnergyReport::add(const EnergyTerm& term) {
  const auto same = std::find_if(terms.begin(), terms.end(), [&](const EnergyTerm& mine) {
    return mine.component == term.component && mine.name == term.name;
  });
  if (same == terms.end()) {
    terms.push_back(term);
  } else {
    same->energy += term.energy;
  }
}

EnergyReport& EnergyReport::operator+=(const EnergyReport& other) {
  for (const EnergyTerm& term : other.terms) add(term);
  return *this;
}

Femtojoules EnergyReport::total() const {
  Femtojoules sum = 0;
  for (const EnergyTerm& term : terms) sum += term.energy;
  return sum;
}

Femtojoules EnergyReport::of(Component component) const {
  Femtojoules sum = 0;
  for (const EnergyTerm& term : terms) sum += term.component == component ? term.energy : 0;
  return sum;
}

EnergyByComponent EnergyReport::by_component() const {
  EnergyByComponent sums{};
  for (const EnergyTerm& term : terms) sums[static_cast<std::size_t>(term.component)] += term.energy;
  return sums;
}

std::vector<FigureShare> EnergyReport::by_figure() const {
  std::vector<FigureShare> shares;
  for (const EnergyTerm& term : terms) {
    const auto same =
        std::find_if(shares.begin(), shares.end(), [&](const FigureShare& share) { return share.name == term.name; });
    if (same == shares.end()) {
      shares.push_back({term.name, term.figure, term.energy});
    } else {
      same->energy += term.energy;
    }
  }
  return shares;
}

double EnergyReport::macro_pj() const {
  Femtojoules sum = 0;
  for (const EnergyTerm& term : terms)
    sum += static_cast<std::size_t>(term.component) < kMacroComponents ? term.energy : 0;
  return picojoules(sum);
}

double EnergyReport::by_tag(char tag) const {
  Femtojoules sum = 0;
  for (const EnergyTerm& term : terms) sum += term.figure.tag == tag ? term.energy : 0;
  return picojoules(sum);
}

}  // namespace flexcim
