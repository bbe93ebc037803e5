#include "platform/results/energy_file.h"

#include "flow/model/operator_class.h"
#include "platform/results/columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace flexcim {
namespace {

enum Columns : std::size_t { kRun, kFidelity, kPart, kItem, kName, kComponent, kFigure, kEnergy };
constexpr const char* kHeader = "run,fidelity,part,item,name,component,figure,energy_pj";

/// What is not divided further, and the cells from `part` to `name`.
template <class Report>
struct Item {
  std::string cells;
  Report* energy;
};

/// In the order of rows. `Simulation`: const or not, as `Report` is.
template <class Report, class Simulation>
std::vector<Item<Report>> items_of(Simulation& simulation) {
  std::vector<Item<Report>> items;
  for (auto& layer : simulation.layers) {
    const std::string part = simulation.parts() != nullptr ? layer.part() : "";
    items.push_back({fmt::format("{},layer,{}", part, csv_text(layer.name)), &layer.energy});
  }
  if (simulation.parts() == nullptr) {
    items.push_back({",between,", &simulation.between});
    return items;
  }
  for (auto& part : *simulation.parts()) {
    for (std::size_t i = 0; i < kOperatorClasses; ++i) {
      items.push_back(
          {fmt::format("{},operator,{}", part.name, operator_classes()[i].name), &part.operators[i].energy});
    }
    items.push_back({part.name + ",driver,", &part.driver});
  }
  return items;
}

/// The cells up to `name`.
std::string row_begin(std::size_t run, Fidelity fidelity, const std::string& item) {
  return fmt::format("{},{},{}", run, to_string(fidelity), item);
}

EnergyTerm term_of(const CsvReader& reader, const std::map<std::string, Figure>& figures, Femtojoules& left) {
  const auto* const component =
      std::find_if(std::begin(kComponentInfos), std::end(kComponentInfos),
                   [&](const ComponentInfo& info) { return info.name == reader.cell(kComponent); });
  if (component == std::end(kComponentInfos)) reader.fail(kComponent, "is no component");
  const auto figure = figures.find(reader.cell(kFigure));
  if (figure == figures.end()) reader.fail(kFigure, "is not in energy.figures of summary.json");
  return {component->component, figure->first, figure->second, energy_of(reader, kEnergy, left)};
}

}  // namespace

Femtojoules energy_of(const CsvReader& reader, std::size_t column, double pj, Femtojoules& left) {
  if (!(pj >= 0 && pj <= picojoules(left))) reader.fail(column, "is no energy of a run");
  const Femtojoules energy = std::llround(1000 * pj);
  left -= energy;
  return energy;
}

Femtojoules energy_of(const CsvReader& reader, std::size_t column, Femtojoules& left) {
  constexpr std::size_t kDecimals = 3;
  const double pj = reader.number(column);
  std::string digits = reader.cell(column);
  const std::size_t point = digits.find('.');
  Femtojoules energy = 0;
  if (point != std::string::npos && digits.size() == point + 1 + kDecimals) {
    digits.erase(point, 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), energy);
    if (error == std::errc() && end == digits.data() + digits.size() && energy >= 0 && energy <= left) {
      left -= energy;
      return energy;
    }
  }
  return energy_of(reader, column, pj, left);  // not as results are written, or too much: refused here or when compared
}

std::string energy_csv(const RunResult& result) {
  std::string text = std::string(kHeader) + "\n";
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    const SimulationResult& simulation = result.simulations[run];
    for (const auto& item : items_of<const EnergyReport>(simulation)) {
      const std::string begin = row_begin(run, simulation.fidelity, item.cells);
      for (const EnergyTerm& term : item.energy->terms()) {
        text += fmt::format("{},{},{},{}\n", begin, to_string(term.component), term.name, picojoules_text(term.energy));
      }
    }
  }
  return text;
}

void read_energy_csv(const std::string& path, const EnergyFigureLists& figures, RunResult& result) {
  CsvReader reader(path, kHeader);
  bool row = reader.next();
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    SimulationResult& simulation = result.simulations[run];
    Femtojoules left = kMostEnergy;
    for (const auto& item : items_of<EnergyReport>(simulation)) {
      const std::string begin = row_begin(run, simulation.fidelity, item.cells) + ",";
      while (row && reader.line().substr(0, begin.size()) == begin) {
        item.energy->add(term_of(reader, figures.at(run), left));
        row = reader.next();
      }
    }
  }
  if (row) reader.fail("is of no layer, operator or run of summary.json, or not where it belongs");
  require_csv(path, energy_csv(result));
}

}  // namespace flexcim
