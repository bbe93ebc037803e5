#include "platform/sweep/sweep_summary.h"

#include "platform/sweep/pareto.h"
#include "platform/sweep/sweep_export.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr int kReasons = 5;

}  // namespace

std::string SweepSummary::text() const {
  std::string text =
      fmt::format("{} points: {} ok, {} invalid, {} failed\n", ok + invalid + failed, ok, invalid, failed);
  for (const ReasonCount& each : reasons) {
    text += fmt::format("  {} {}: {}\n", each.points, to_string(each.status), each.reason);
  }
  std::string names;
  for (const Objective& objective : objectives) {
    names += fmt::format("{}{} {}", names.empty() ? "" : ", ", objective.maximize ? "most" : "least", objective.metric);
  }
  text += fmt::format("Pareto front of {}: {} points\n", names, front);
  for (const std::filesystem::path& file : files) text += file.string() + "\n";
  return text;
}

SweepSummary finish_sweep(SweepDatabase& database, const SweepIdentity& identity, const Shard& shard) {
  SweepSummary summary;
  summary.objectives = identity.objectives;
  ParetoFront front;
  database.for_each([&](std::uint64_t point, PointStatus status, const std::vector<double>& values) {
    std::uint64_t& count = status == PointStatus::ok        ? summary.ok
                           : status == PointStatus::invalid ? summary.invalid
                                                            : summary.failed;
    ++count;
    if (status == PointStatus::ok) front.add(point, costs_of(identity.objectives, values));
  });
  summary.front = front.members().size();
  summary.reasons = count_reasons(database.database(), kReasons);
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
