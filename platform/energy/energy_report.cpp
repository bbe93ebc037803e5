#include "platform/energy/energy_report.h"

#include <algorithm>
#include <numeric>

namespace flexcim {

std::string_view to_string(Component component) {
  switch (component) {
    case Component::cells:
      return "cells";
    case Component::adder_trees:
      return "adder_trees";
    case Component::psum_buffers:
      return "psum_buffers";
    case Component::merger:
      return "merger";
    case Component::distributor:
      return "distributor";
    case Component::metadata:
      return "metadata";
    case Component::cell_writes:
      return "cell_writes";
    case Component::gated_cells:
      return "gated_cells";
    case Component::activation_buffer:
      return "activation_buffer";
    case Component::weight_buffer:
      return "weight_buffer";
    case Component::output_buffer:
      return "output_buffer";
    case Component::interconnect:
      return "interconnect";
    case Component::dram:
      return "dram";
    case Component::host:
      return "host";
    case Component::leakage:
      return "leakage";
  }
  return "?";
}

double EnergyReport::total_pj() const { return std::accumulate(by_component.begin(), by_component.end(), 0.0); }

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
