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

bool alike(const EnergyTerm& a, const EnergyTerm& b) { return a.component == b.component && a.name == b.name; }

}  // namespace

const std::vector<EnergyTerm>& EnergyReport::terms() const {
  static const std::vector<EnergyTerm> none;
  return terms_ ? *terms_ : none;
}

std::vector<EnergyTerm>& EnergyReport::own_terms() {
  if (!terms_) {
    terms_ = std::make_shared<std::vector<EnergyTerm>>();
  } else if (terms_.use_count() > 1) {
    terms_ = std::make_shared<std::vector<EnergyTerm>>(*terms_);
  }
  return *terms_;
}

void EnergyReport::add(const EnergyTerm& term) {
  std::vector<EnergyTerm>& terms = own_terms();
  const auto same = std::find_if(terms.begin(), terms.end(), [&](const EnergyTerm& mine) { return alike(mine, term); });
  if (same == terms.end()) {
    terms.push_back(term);
  } else {
    same->energy += term.energy;
  }
}

EnergyReport& EnergyReport::operator+=(const EnergyReport& other) {
  if (!terms_) return *this = other;
  const std::vector<EnergyTerm>& added = other.terms();
  std::vector<EnergyTerm>& terms = own_terms();
  std::size_t i = 0;
  // Most reports have the same terms in the same order.
  for (; i < added.size() && i < terms.size() && alike(terms[i], added[i]); ++i) terms[i].energy += added[i].energy;
  for (; i < added.size(); ++i) add(added[i]);
  return *this;
}

EnergyReport& EnergyReport::operator*=(Femtojoules times) {
  if (times == 1) return *this;
  for (EnergyTerm& term : own_terms()) term.energy *= times;
  return *this;
}

Femtojoules EnergyReport::total() const {
  Femtojoules sum = 0;
  for (const EnergyTerm& term : terms()) sum += term.energy;
  return sum;
}

Femtojoules EnergyReport::of(Component component) const {
  Femtojoules sum = 0;
  for (const EnergyTerm& term : terms()) sum += term.component == component ? term.energy : 0;
  return sum;
}

EnergyByComponent EnergyReport::by_component() const {
  EnergyByComponent sums{};
  for (const EnergyTerm& term : terms()) sums[static_cast<std::size_t>(term.component)] += term.energy;
  return sums;
}

std::vector<FigureShare> EnergyReport::by_figure() const {
  std::vector<FigureShare> shares;
  for (const EnergyTerm& term : terms()) {
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
  for (const EnergyTerm& term : terms())
    sum += static_cast<std::size_t>(term.component) < kMacroComponents ? term.energy : 0;
  return picojoules(sum);
}

double EnergyReport::by_tag(char tag) const {
  Femtojoules sum = 0;
  for (const EnergyTerm& term : terms()) sum += term.figure.tag == tag ? term.energy : 0;
  return picojoules(sum);
}

}  // namespace flexcim
