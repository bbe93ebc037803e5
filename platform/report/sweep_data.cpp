#include "platform/report/sweep_data.h"

#include "flow/base/error.h"
#include "platform/results/point_metrics.h"
#include "platform/sweep/shuffle.h"
#include "platform/sweep/sweep_folder.h"
#include "platform/sweep/sweep_summary.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string>
#include <unordered_map>
#include <vector>

namespace flexcim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMostPoints = 10'000;  // beside the front, about
constexpr int kDigits = 6;

/// Exact enough for a pixel.
double rounded(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10, kDigits - 1 - std::floor(std::log10(std::abs(value))));
  const double scaled = std::round(value * unit) / unit;
  return std::isfinite(scaled) ? scaled : value;
}

/// Without ".0", which is a tenth of a page.
Json number_data(double value) {
  if (std::abs(value) < 1e15 && value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

Json reasons_data(const SweepSummary& summary) {
  Json list = Json::array();
  for (const ReasonCount& each : summary.reasons) {
    list.push_back({{"status", to_string(each.status)}, {"reason", each.reason}, {"points", each.points}});
  }
  return list;
}

Json axes_data(const SweepSummary& summary) {
  Json list = Json::array();
  for (std::size_t i = 0; i < summary.axes.size(); ++i) {
    const AxisLevels& axis = summary.axes[i];
    list.push_back({{"name", summary.identity.columns[i]},
                    {"numbers", axis.numbers},
                    {"values", axis.values},
                    {"level_of", axis.level_of},
                    {"levels", axis.levels}});
  }
  return list;
}

Json objectives_data(const SweepIdentity& identity) {
  Json list = Json::array();
  for (const Objective& objective : identity.objectives) {
    list.push_back({{"metric", objective.metric}, {"best", objective.maximize ? "most" : "least"}});
  }
  return list;
}

Json sensitivity_data(const SweepSummary& summary) {
  Json list = Json::array();
  for (const Sensitivity& sensitivity : summary.sensitivity) {
    Json effects = Json::array();
    for (const MainEffect& effect : sensitivity.effects()) {
      Json levels = Json::array();
      for (const MainEffect::Level& level : effect.levels) {
        levels.push_back({{"points", level.points}, {"mean", level.mean}});
      }
      effects.push_back({{"share", effect.share}, {"levels", std::move(levels)}});
    }
    list.push_back({{"logarithm", sensitivity.logarithm()}, {"effects", std::move(effects)}});
  }
  return list;
}

bool is_objective(const SweepIdentity& identity, std::string_view metric) {
  return std::any_of(identity.objectives.begin(), identity.objectives.end(),
                     [&](const Objective& objective) { return objective.metric == metric; });
}

/// Names of the metrics that are objectives, or not the same at all points.
std::vector<std::string> metrics_of(const SqliteDatabase& database, const SweepIdentity& identity) {
  std::vector<std::string> names;
  for (const auto& metric : point_metrics()) {
    const std::string name = sql_name(metric.name);
    auto differs = database.prepare(fmt::format("SELECT min({0}) < max({0}) FROM points WHERE status = 'ok'", name));
    differs.step();
    if (differs.whole(0) != 0 || is_objective(identity, metric.name)) names.emplace_back(metric.name);
  }
  return names;
}

Json metrics_data(const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const std::string& name : names) {
    const auto& metric = point_metrics()[*metric_index(name)];
    list.push_back({{"name", name}, {"unit", metric.unit}, {"description", metric.description}});
  }
  return list;
}

/// Point by point into columns.
Json points_data(const SqliteDatabase& database, const SweepSummary& summary, const std::vector<std::string>& metrics) {
  const SweepIdentity& identity = summary.identity;
  Json number = Json::array(), front = Json::array();
  std::vector<Json> axes(summary.axes.size(), Json::array()), figures(metrics.size(), Json::array());
  std::vector<std::unordered_map<std::string, std::size_t>> places;
  for (const AxisLevels& axis : summary.axes) places.push_back(axis.places());
  SqliteStatement row = good_points(database, identity, metrics);
  while (row.step()) {
    const std::uint64_t point = row.whole(0);
    const bool best = std::binary_search(summary.front.begin(), summary.front.end(), point);
    if (!best && share_of(scatter(0, point), summary.ok) >= kMostPoints) continue;
    if (best) front.push_back(number.size());
    number.push_back(point);
    int column = 0;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) axes[axis].push_back(places[axis].at(row.text(++column)));
    for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
      const double value = row.number(++column);
      figures[metric].push_back(number_data(is_objective(identity, metrics[metric]) ? value : rounded(value)));
    }
  }
  Json by_name = Json::object();
  for (std::size_t i = 0; i < metrics.size(); ++i) by_name[metrics[i]] = std::move(figures[i]);
  return {{"number", std::move(number)}, {"front", std::move(front)}, {"axes", axes}, {"metrics", std::move(by_name)}};
}

}  // namespace

bool is_sweep(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder / Shard().file_name(), error)) return true;
  if (shard_files(folder, error).empty()) return false;
  throw InputError(fmt::format("{}: has shards of a sweep, not the whole: first flexcim sweep merge", folder.string()));
}

Json sweep_data(const std::filesystem::path& folder) {
  SqliteDatabase database(folder / Shard().file_name(), SqliteDatabase::Mode::read);
  database.run("BEGIN");  // what is read is of one moment
  const StoredSweep stored = read_sweep(database);
  const SweepSummary summary = summarize(database, stored.identity);
  const std::vector<std::string> metrics = metrics_of(database, stored.identity);
  return {{"folder", folder.string()},
          {"name", stored.identity.name},
          {"program_version", stored.identity.version},
          {"configuration", stored.identity.scenario},
          {"planned", stored.identity.points},
          {"ok", summary.ok},
          {"invalid", summary.invalid},
          {"failed", summary.failed},
          {"reasons", reasons_data(summary)},
          {"axes", axes_data(summary)},
          {"objectives", objectives_data(stored.identity)},
          {"metrics", metrics_data(metrics)},
          {"sensitivity", sensitivity_data(summary)},
          {"points", points_data(database, summary, metrics)}};
}

}  // namespace flexcim
