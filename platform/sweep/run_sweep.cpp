#include "platform/sweep/run_sweep.h"

#include "platform/results/point_metrics.h"
#include "platform/sweep/sweep_folder.h"
#include "platform/sweep/sweep_progress.h"
#include "platform/sweep/worker_pool.h"

#include <fmt/format.h>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

namespace flexcim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostRows = 128;  // of a transaction
constexpr std::chrono::milliseconds kTransaction{300};
constexpr std::chrono::milliseconds kWait{100};

std::vector<double> objectives_of(const std::vector<Objective>& objectives, const PointResult& result) {
  std::vector<double> values;
  if (result.status != PointStatus::ok) return values;
  for (const Objective& objective : objectives) {
    values.push_back(metric_value(result.figures, *metric_index(objective.metric)));
  }
  return values;
}

/// The points that are not in the database yet, on their way through the processes.
class OpenPoints {
 public:
  OpenPoints(const Scenario& scenario, const Shard& shard, PointSource& source, SweepDatabase& database)
      : objectives_(scenario.sweep->objectives),
        shard_(shard),
        source_(source),
        database_(database),
        done_(source.size()),
        progress_(shard.points_of(source.size()), objectives_) {
    database_.for_each([&](std::uint64_t point, PointStatus, const std::vector<double>& values) {
      done_.at(point) = true;
      source_.tell(point, values);
      progress_.add(values, true);
    });
  }

  void run(WorkerPool& pool) {
    while (true) {
      feed(pool);
      if (pool.idle()) {
        store();
        if (next_ >= source_.size()) return;
        if (next_ >= source_.ready()) throw std::logic_error("a search has no further points");
        continue;
      }
      for (PointResult& result : pool.wait(kWait)) take(std::move(result));
      if (rows_.size() >= kMostRows || Clock::now() - stored_ > kTransaction) store();
      progress_.show();
    }
  }

 private:
  void feed(WorkerPool& pool) {
    for (; next_ < source_.ready() && pool.hungry(); ++next_) {
      if (shard_.has(next_) && !done_[next_]) pool.add({next_, source_.at(next_)});
    }
  }
  void take(PointResult result) {
    const std::vector<double> values = objectives_of(objectives_, result);
    source_.tell(result.point, values);
    progress_.add(values, false);
    rows_.push_back({source_.at(result.point).values, std::move(result)});
  }
  void store() {
    if (!rows_.empty()) database_.add(rows_);
    rows_.clear();
    stored_ = Clock::now();
  }

  const std::vector<Objective>& objectives_;
  const Shard shard_;
  PointSource& source_;
  SweepDatabase& database_;
  std::vector<bool> done_;
  SweepProgress progress_;
  std::uint64_t next_ = 0;
  std::vector<PointRow> rows_;  ///< that are not stored yet
  Clock::time_point stored_ = Clock::now();
};

}  // namespace

std::unique_ptr<PointSource> sweep_points(const Scenario& scenario, const Shard& shard) {
  if (!scenario.sweep) {
    throw InputError(scenario.file.string() + ": has no key \"sweep\", which says what its points are: docs/sweeps.md");
  }
  if (!shard.whole() && scenario.sweep->sample.kind == SampleKind::search) {
    throw InputError(scenario.place("sweep.sample") +
                     ": a search cannot be run in shards: where it goes on depends on all points");
  }
  return make_point_source(scenario);
}

SweepSummary run_sweep(const Scenario& scenario, const SweepOptions& options, const RunPoint& run) {
  const std::unique_ptr<PointSource> source = sweep_points(scenario, options.shard);
  const SweepIdentity identity = identity_of(scenario, source->size(), options.version);
  const SweepFolder folder(options.out, options.shard);
  SweepDatabase database(folder.path(), identity, options.shard);
  {
    PointEvaluator evaluator(scenario, run, folder.scratch());
    constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
    const WorkerLimits limits{options.jobs, simulates(scenario) ? 1 : kAny, options.limit};
    WorkerPool pool(limits, [&](const PointTask& task) { return evaluator.evaluate(task); }, {folder.lock()});
    OpenPoints(scenario, options.shard, *source, database).run(pool);
  }
  return finish_sweep(database, identity, options.shard);
}

}  // namespace flexcim
