// energy.csv: every term of every energy, once (docs/results.md).
#pragma once

#include "platform/config/figure.h"
#include "platform/results/csv_reader.h"
#include "platform/results/run_result.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace flexcim {

/// The whole text: a row per run, item (a layer, an operator of a generation, what is between), component and figure.
std::string energy_csv(const RunResult& result);

/// `pj` of the cell in `column` as an energy, which it takes from `left`. Throws InputError where it is below 0 or
/// more.
Femtojoules energy_of(const CsvReader& reader, std::size_t column, double pj, Femtojoules& left);
/// The same of a cell in pJ, exactly as picojoules_text() has written it.
Femtojoules energy_of(const CsvReader& reader, std::size_t column, Femtojoules& left);

/// Figures by name, of each run.
using EnergyFigureLists = std::vector<std::map<std::string, Figure>>;

/// Fills the energies of layers, operators, drivers and of what is between; `result` has all else of summary.json.
/// Throws InputError with file and line for a row that is not where it belongs, and for a figure that is not in
/// `figures`.
void read_energy_csv(const std::string& path, const EnergyFigureLists& figures, RunResult& result);

}  // namespace flexcim
