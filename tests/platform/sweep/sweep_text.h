// A scenario with a sweep as text.
#pragma once

#include "platform/sweep/point_source.h"
#include "tests/platform/scenario_text.h"

#include <string>
#include <vector>

namespace flexcim {

/// `sweep` in YAML's flow style; its objectives are there already.
inline std::string sweep_text(const std::string& sweep) {
  return "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: llama-2-7b}\nsweep: {objectives: [{minimize: "
         "time_ns}], " +
         sweep + "}\n";
}

inline SweepSpec sweep_of(const std::string& sweep) {
  const TempFolder folder;
  return *load(folder, sweep_text(sweep)).sweep;
}

/// The names of an axis' values.
inline std::vector<std::string> names_of(const CompareAxis& axis) {
  std::vector<std::string> names;
  for (const CompareValue& value : axis.values) names.push_back(value.name);
  return names;
}

/// What is wrong with a sweep, without where.
inline std::string sweep_error(const std::string& sweep) {
  const TempFolder folder;
  const std::string error = error_in(folder, [&] { make_point_source(load(folder, sweep_text(sweep))); });
  const std::size_t place = error.find(": ");
  return place == std::string::npos ? error : error.substr(place + 2);
}

}  // namespace flexcim
