#include "platform/sweep/sweep_summary.h"

#include "platform/sweep/pareto.h"
#include "platform/sweep/sweep_export.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

namespace flexcim {
namespace {

constexpr std::size_t kReasons = 5;
constexpr std::size_t kAxesNamed = 4;
constexpr double kSmallShare = 0.01;

void count_points(const SqliteDatabase& database, SweepSummary& summary) {
  ReasonGroups reasons;
  auto row = database.prepare("SELECT status, ifnull(reason, ''), count(*) FROM points GROUP BY status, reason");
  while (row.step()) {
    const std::uint64_t points = row.whole(2);
    const PointStatus status = status_of(row.text(0));
    (status == PointStatus::ok        ? summary.ok
     : status == PointStatus::invalid ? summary.invalid
                                      : summary.failed) += points;
    if (status != PointStatus::ok) reasons.add(status, row.text(1), points);
  }
  summary.reasons = reasons.commonest(kReasons);
}

/// Words in the order of the first points that have them, which in a grid is that of the scenario.
AxisLevels levels_of(const SqliteDatabase& database, const std::string& axis) {
  std::vector<AxisValue> values;
  auto row = database.prepare(
      fmt::format("SELECT {0}, typeof({0}) != 'text' FROM points WHERE status = 'ok' GROUP BY {0} ORDER BY min(point)",
                  sql_name(axis)));
  while (row.step()) values.push_back({row.text(0), row.whole(1) != 0, row.number(0)});
  return axis_levels(std::move(values));
}

bool is_positive(const SqliteDatabase& database, const std::string& metric) {
  auto row = database.prepare(fmt::format("SELECT min({}) > 0 FROM points WHERE status = 'ok'", sql_name(metric)));
  row.step();
  return row.whole(0) != 0;
}

void look_at_points(const SqliteDatabase& database, SweepSummary& summary) {
  const SweepIdentity& identity = summary.identity;
  std::vector<std::unordered_map<std::string, std::size_t>> places;
  std::vector<std::size_t> levels;
  for (const AxisLevels& axis : summary.axes) {
    places.push_back(axis.places());
    levels.push_back(axis.levels.size());
  }
  std::vector<std::string> metrics;
  for (const Objective& objective : identity.objectives) {
    metrics.push_back(objective.metric);
    summary.sensitivity.emplace_back(levels, is_positive(database, objective.metric));
  }
  ParetoFront front;
  std::vector<std::size_t> at(levels.size());
  std::vector<double> values(metrics.size());
  for (SqliteStatement row = good_points(database, identity, metrics); row.step();) {
    int column = 0;
    for (std::size_t i = 0; i < at.size(); ++i) {
      at[i] = summary.axes[i].level_of[places[i].at(row.text(++column))];
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = row.number(++column);
      summary.sensitivity[i].add(at, values[i]);
    }
    front.add(row.whole(0), costs_of(identity.objectives, values));
  }
  for (const ParetoFront::Member& member : front.members()) summary.front.push_back(member.point);
}

/// "log time_ns: memory 61 %, array 20 %"; nothing where no axis has its percent.
std::string sensitivity_line(const SweepSummary& summary, std::size_t objective) {
  const Sensitivity& sensitivity = summary.sensitivity[objective];
  std::vector<std::pair<double, std::string>> shares;
  const std::vector<MainEffect> effects = sensitivity.effects();
  for (std::size_t axis = 0; axis < effects.size(); ++axis) {
    if (effects[axis].share >= kSmallShare) shares.emplace_back(effects[axis].share, summary.identity.columns[axis]);
  }
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  if (shares.size() > kAxesNamed) shares.resize(kAxesNamed);
  std::string text;
  for (const auto& [share, axis] : shares)
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", axis, 100 * share);
  if (text.empty()) return text;
  return fmt::format("  {}{}: {}\n", sensitivity.logarithm() ? "log " : "",
                     summary.identity.objectives[objective].metric, text);
}

}  // namespace

std::string SweepSummary::text() const {
  std::string text =
      fmt::format("{} points: {} ok, {} invalid, {} failed\n", ok + invalid + failed, ok, invalid, failed);
  for (const ReasonCount& each : reasons) {
    text += fmt::format("  {} {}: {}\n", each.points, to_string(each.status), each.reason);
  }
  std::string names, lines;
  for (const Objective& objective : identity.objectives) {
    names += fmt::format("{}{} {}", names.empty() ? "" : ", ", objective.maximize ? "most" : "least", objective.metric);
  }
  text += fmt::format("Pareto front of {}: {} points\n", names, front.size());
  for (std::size_t i = 0; i < sensitivity.size(); ++i) lines += sensitivity_line(*this, i);
  if (!lines.empty()) text += "Part of the variance that an axis explains by itself:\n" + lines;
  for (const std::filesystem::path& file : files) text += file.string() + "\n";
  return text;
}

SweepSummary summarize(const SqliteDatabase& database, const SweepIdentity& identity) {
  SweepSummary summary;
  summary.identity = identity;
  count_points(database, summary);
  for (const std::string& axis : identity.columns) summary.axes.push_back(levels_of(database, axis));
  look_at_points(database, summary);
  return summary;
}

SweepSummary finish_sweep(SweepDatabase& database, const SweepIdentity& identity, const Shard& shard) {
  SweepSummary summary = summarize(database.database(), identity);
  const std::filesystem::path file = database.database().file();
  summary.files.push_back(file);
  if (shard.whole()) {
    export_points(database.database(), file.parent_path());
    for (const char* name : {kPointsCsv, kPointsJsonl}) summary.files.push_back(file.parent_path() / name);
  }
  database.finish();
  return summary;
}

}  // namespace flexcim
