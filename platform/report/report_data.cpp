#include "platform/report/report_data.h"

#include "flow/base/mapped_file.h"
#include "platform/report/activity_data.h"
#include "platform/report/power_data.h"
#include "platform/report/sweep_data.h"
#include "platform/report/timeline_data.h"
#include "platform/results/columns.h"
#include "platform/results/comparison_file.h"
#include "platform/results/load_result.h"
#include "platform/results/point_metrics.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace flexcim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostUartBytes = 20'000;

Json component_list() {
  Json list = Json::array();
  for (const ComponentInfo& info : kComponentInfos) {
    list.push_back({{"name", info.name}, {"description", info.description}});
  }
  return list;
}

template <class Row>
void add_columns(Json& list, const std::vector<Column<Row>>& columns) {
  for (const Column<Row>& column : columns) {
    list.push_back({{"name", column.name}, {"unit", column.unit}, {"description", column.description}});
  }
}

Json layer_columns_data() {
  Json list = Json::array();
  add_columns(list, layer_columns());
  return list;
}

Json comparison_columns_data() {
  Json list = Json::array();
  add_columns(list, point_metrics());
  add_columns(list, ratio_columns());
  return list;
}

Json layer_energies(const SimulationResult& simulation) {
  Json layers = Json::array();
  for (const LayerResult& layer : simulation.layers) {
    Json& energies = layers.emplace_back(Json::array());
    for (const ComponentInfo& info : kComponentInfos) energies.push_back(layer.energy[info.component]);
  }
  return layers;
}

Json areas(const std::vector<AreaPart>& parts) {
  Json list = Json::array();
  for (const AreaPart& part : parts) list.push_back({{"name", part.name}, {"mm2", part.mm2}});
  return list;
}

template <class Row>
void add_figures(Json& figures, const std::vector<Column<Row>>& columns, const std::vector<ComparisonPoint>& points) {
  for (const Column<Row>& column : columns) {
    Json& values = figures[std::string(column.name)] = Json::array();
    for (const ComparisonPoint& point : points)
      values.push_back(Json::parse(csv_text(column.get(point), column.decimals)));
  }
}

/// As comparison.csv has them.
Json comparison_figures(const std::vector<ComparisonPoint>& points) {
  Json figures = Json::object();
  add_figures(figures, point_metrics(), points);
  add_figures(figures, ratio_columns(), points);
  return figures;
}

Json roofs(const Architecture& architecture) {
  DramParameters dram = architecture.dram.device.timing;
  dram.channels = architecture.dram.channels;
  const double cells = static_cast<double>(architecture.macro.cells()) * architecture.macros.count();
  return {{"macs_per_s", cells * architecture.clock().mhz() * 1e6}, {"dram_bytes_per_s", dram.peak_bytes_per_second()}};
}

Json folder_data(const std::filesystem::path& folder) {
  const LoadedResult loaded = load_result(folder);
  const auto text_of = [&](const char* name) { return std::string(MappedFile((folder / name).string()).text()); };
  Json json{{"folder", folder.string()},
            {"summary", Json::parse(text_of("summary.json"))},
            {"configuration", text_of("scenario.yaml")},
            {"layer_energy_pj", Json::array()},
            {"power", Json::array()},
            {"activity", Json::array()},
            {"area", areas(loaded.result.area)},
            {"roofs", roofs(loaded.scenario.architecture)}};
  for (const SimulationResult& simulation : loaded.result.simulations) {
    json["layer_energy_pj"].push_back(layer_energies(simulation));
    json["power"].push_back(power_data(simulation.power));
    if (simulation.activity) json["activity"].push_back(activity_data(simulation.activity));
  }
  if (const auto& firmware = loaded.result.simulations.front().firmware) {
    json["uart"] = firmware->uart.substr(0, kMostUartBytes);
  }
  if (const auto& comparison = loaded.result.comparison) json["comparison"] = comparison_figures(comparison->points);
  if (std::filesystem::exists(folder / kTimelineFile)) json["timeline"] = timeline_data(folder / kTimelineFile);
  return json;
}

}  // namespace

Json report_data(const std::vector<std::filesystem::path>& folders) {
  const auto sweep = std::find_if(folders.begin(), folders.end(), is_sweep);
  if (sweep != folders.end()) {
    if (folders.size() == 1) return {{"sweep", sweep_data(*sweep)}};
    throw InputError(sweep->string() + ": is a sweep, which has a page of its own: name no other folder");
  }
  Json data{{"components", component_list()},
            {"layer_columns", layer_columns_data()},
            {"comparison_columns", comparison_columns_data()},
            {"folders", Json::array()}};
  for (const std::filesystem::path& folder : folders) data["folders"].push_back(folder_data(folder));
  return data;
}

}  // namespace flexcim
