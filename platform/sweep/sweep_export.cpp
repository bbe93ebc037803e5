#include "platform/sweep/sweep_export.h"

#include "flow/base/json_output.h"
#include "flow/base/output_file.h"
#include "platform/results/point_metrics.h"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace flexcim {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;

enum class CellType { whole, number, text };

struct ExportColumn {
  std::string name;
  CellType type;
  int decimals = -1;  ///< of a number; below 0: as many as tell it from others
};

/// An axis is of text where one of its values is, and so on.
CellType axis_type(const SqliteDatabase& sweep, const std::string& name) {
  const std::string type = "typeof(" + sql_name(name) + ")";
  SqliteStatement found =
      sweep.prepare(fmt::format("SELECT ifnull(max({0} = 'text'), 0), ifnull(max({0} = 'real'), 0) FROM points", type));
  found.step();
  return found.whole(0) != 0 ? CellType::text : found.whole(1) != 0 ? CellType::number : CellType::whole;
}

ExportColumn metric_column(const Column<PointFigures>& metric) {
  const ColumnValue value = metric.get(PointFigures());
  if (std::holds_alternative<std::uint64_t>(value)) return {std::string(metric.name), CellType::whole};
  const bool energy = std::holds_alternative<ColumnEnergy>(value);
  return {std::string(metric.name), CellType::number, energy ? 3 : metric.decimals};
}

std::vector<ExportColumn> columns_of(const SqliteDatabase& sweep) {
  std::vector<ExportColumn> columns{{"point", CellType::whole}, {"status", CellType::text}, {"reason", CellType::text}};
  for (auto axis = sweep.prepare("SELECT name FROM axes ORDER BY axis"); axis.step();) {
    columns.push_back({axis.text(0), axis_type(sweep, axis.text(0))});
  }
  for (const auto& metric : point_metrics()) columns.push_back(metric_column(metric));
  return columns;
}

std::string cell_text(const SqliteStatement& row, int column, const ExportColumn& what) {
  if (what.type != CellType::number && !row.is_number(column)) return row.text(column);
  const double value = row.number(column);
  return what.decimals < 0 ? fmt::format("{}", value) : fmt::format("{:.{}f}", value, what.decimals);
}

std::string json_cell(const std::string& text, CellType type) {
  if (type == CellType::text) return json_string(text);
  const bool fraction = text.find_first_of(".e") != std::string::npos;
  return type == CellType::number && !fraction ? text + ".0" : text;
}

/// A file that is written in large pieces.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& file) : file_(file.string()) {}
  std::string text;
  void flush(std::size_t beyond) {
    if (text.size() < beyond) return;
    file_.append(text.data(), text.size());
    text.clear();
  }
  void finish() {
    flush(0);
    file_.finish();
  }

 private:
  OutputFile file_;
};

}  // namespace

void export_points(const SqliteDatabase& sweep, const std::filesystem::path& folder) {
  const std::vector<ExportColumn> columns = columns_of(sweep);
  std::vector<std::string> keys;
  Lines csv(folder / kPointsCsv), json(folder / kPointsJsonl);
  for (const ExportColumn& column : columns) {
    csv.text += (keys.empty() ? "" : ",") + csv_text(column.name);
    keys.push_back((keys.empty() ? "{" : ", ") + json_string(column.name) + ": ");
  }
  csv.text += "\n";
  SqliteStatement row = sweep.prepare("SELECT * FROM points ORDER BY point");
  while (row.step()) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const int at = static_cast<int>(i);
      const std::string cell = row.is_nothing(at) ? "" : cell_text(row, at, columns[i]);
      csv.text += (i == 0 ? "" : ",") + csv_text(cell);
      json.text += keys[i] + (row.is_nothing(at) ? "null" : json_cell(cell, columns[i].type));
    }
    csv.text += "\n";
    json.text += "}\n";
    csv.flush(kChunk);
    json.flush(kChunk);
  }
  csv.finish();
  json.finish();
}

}  // namespace flexcim
