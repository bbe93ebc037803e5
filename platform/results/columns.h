// The figures of results, a line each: from these lists come the columns of CSV files, the keys of summary.json and the
// tables of docs/results.md.
#pragma once

#include "platform/results/generation_report.h"
#include "platform/results/json_place.h"
#include "platform/results/run_result.h"
#include "platform/results/steps_report.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace flexcim {

/// In files in pJ: exactly, with three decimals, in CSV; as a number in JSON.
struct ColumnEnergy {
  Femtojoules femtojoules = 0;
};
template <class Json>
void to_json(Json& json, const ColumnEnergy& energy) {
  json = picojoules(energy.femtojoules);
}

/// The first is none: an empty cell, no key.
using ColumnValue = std::variant<std::monostate, std::uint64_t, double, ColumnEnergy, bool, std::string>;

template <class Row>
struct Column {
  std::string_view name;
  std::string_view unit;  ///< empty for a number without one
  std::string_view description;
  ColumnValue (*get)(const Row&);
  void (*set)(Row&, const JsonPlace&) = nullptr;  ///< from summary.json; null where it follows from other values
  int decimals = -1;                              ///< of a double in CSV; below 0: as many as tell it from others
};

/// Of a layer; its name, shape, energy and whether it matches are not in the list.
const std::vector<Column<LayerResult>>& layer_columns();
const std::vector<Column<LayerKind>>& layer_kind_columns();
/// Of a pass of steps.
const std::vector<Column<StepRow>>& step_columns();

/// The tables of docs/results.md, in markdown: the columns of both lists, and the components of energy.
struct ResultTable {
  std::string title;
  std::string markdown;
};
std::vector<ResultTable> result_tables();

/// ",name,name,...": the header of columns behind others.
template <class Row>
std::string csv_header(const std::vector<Column<Row>>& columns) {
  std::string text;
  for (const auto& column : columns) text += "," + std::string(column.name);
  return text;
}

/// A cell, in quotes where it needs them.
std::string csv_text(const std::string& text);
std::string csv_text(const ColumnValue& value, int decimals);

/// ",value,value,..."
template <class Row>
std::string csv_row(const std::vector<Column<Row>>& columns, const Row& row) {
  std::string text;
  for (const auto& column : columns) text += "," + csv_text(column.get(row), column.decimals);
  return text;
}

/// Adds `row` to the JSON object `json`, a key per column.
template <class Json, class Row>
void put_columns(Json& json, const std::vector<Column<Row>>& columns, const Row& row) {
  for (const auto& column : columns) {
    const auto put = [&](const auto& value) {
      if constexpr (!std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
        json[std::string(column.name)] = value;
      }
    };
    std::visit(put, column.get(row));
  }
}

}  // namespace flexcim
