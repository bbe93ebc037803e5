#include "platform/sweep/worker_pool.h"

#include <algorithm>
#include <fmt/format.h>
#include <poll.h>
#include <utility>

namespace flexcim {
namespace {

/// Points that a process gets at a time: neighbours, which share gemms; towards the end fewer, so that all end
/// together.
constexpr std::size_t kBatch = 64;

PointResult failed(std::uint64_t point, std::string reason) {
  PointResult result;
  result.point = point;
  result.reason = std::move(reason);
  return result;
}

}  // namespace

WorkerPool::WorkerPool(WorkerLimits limits, EvaluatePoint evaluate, std::vector<int> close_in_child)
    : limits_(limits),
      evaluate_(std::move(evaluate)),
      close_in_child_(std::move(close_in_child)),
      workers_(limits.processes) {}

bool WorkerPool::hungry() const { return waiting_.size() < kBatch * workers_.size(); }

void WorkerPool::add(PointTask task) { waiting_.push_back({std::move(task)}); }

bool WorkerPool::idle() const {
  return waiting_.empty() &&
         std::all_of(workers_.begin(), workers_.end(), [](const Worker& worker) { return worker.batch.empty(); });
}

std::vector<int> WorkerPool::closed_in_child() const {
  std::vector<int> descriptors = close_in_child_;
  for (const Worker& worker : workers_) {
    if (worker.process) descriptors.push_back(worker.process->descriptor());
  }
  return descriptors;
}

/// Gives it a batch where it has none. What has killed a process goes alone.
void WorkerPool::feed(Worker& worker) {
  if (!worker.batch.empty() || waiting_.empty()) return;
  if (worker.process && worker.taken >= limits_.points_per_process) {
    worker.process->end(false);
    worker.process.reset();
  }
  if (!worker.process) {
    worker.process = std::make_unique<WorkerProcess>(evaluate_, closed_in_child());
    worker.taken = 0;
  }
  const std::size_t share = std::clamp(waiting_.size() / workers_.size(), std::size_t{1}, kBatch);
  const std::size_t most = std::min(share, limits_.points_per_process - worker.taken);
  std::vector<PointTask> tasks;
  while (!waiting_.empty() && tasks.size() < most) {
    const bool suspect = waiting_.front().deaths > 0;
    if (suspect && !tasks.empty()) break;
    tasks.push_back(waiting_.front().task);
    worker.batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    if (suspect) break;
  }
  worker.taken += tasks.size();
  worker.since = Clock::now();
  worker.process->send(tasks);
}

/// What a process has answered, and its death.
void WorkerPool::collect(Worker& worker, std::vector<PointResult>& results) {
  const std::size_t before = results.size();
  const bool there = worker.process->receive(results);
  const std::size_t done = results.size() - before;
  if (done > 0) {
    worker.batch.erase(worker.batch.begin(), worker.batch.begin() + static_cast<std::ptrdiff_t>(done));
    worker.since = Clock::now();
  }
  if (!there) bury(worker, false, results);
}

void WorkerPool::bury(Worker& worker, bool too_long, std::vector<PointResult>& results) {
  const std::string how = worker.process->end(too_long);
  worker.process.reset();
  if (worker.batch.empty()) return;
  Waiting& suspect = worker.batch.front();
  const std::uint64_t point = suspect.task.point;
  if (too_long) {
    results.push_back(
        failed(point, fmt::format("took longer than {} s", static_cast<double>(limits_.time.count()) / 1000)));
    worker.batch.pop_front();
  } else if (++suspect.deaths == kMostDeaths) {
    results.push_back(failed(point, fmt::format("its process {}, {} times", how, kMostDeaths)));
    worker.batch.pop_front();
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(worker.batch.begin()),
                  std::make_move_iterator(worker.batch.end()));
  worker.batch.clear();
}

bool WorkerPool::too_long(const Worker& worker) const {
  return !worker.batch.empty() && Clock::now() - worker.since > limits_.time;
}

/// Until a limit of time may be reached.
std::chrono::milliseconds WorkerPool::patience(std::chrono::milliseconds longest) const {
  for (const Worker& worker : workers_) {
    if (worker.batch.empty()) continue;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(worker.since + limits_.time - Clock::now());
    longest = std::clamp(left + std::chrono::milliseconds(1), std::chrono::milliseconds(0), longest);
  }
  return longest;
}

std::vector<PointResult> WorkerPool::wait(std::chrono::milliseconds longest) {
  for (Worker& worker : workers_) feed(worker);
  std::vector<pollfd> polled;
  std::vector<Worker*> whose;
  for (Worker& worker : workers_) {
    if (!worker.process) continue;
    polled.push_back({worker.process->descriptor(), POLLIN, 0});
    whose.push_back(&worker);
  }
  ::poll(polled.data(), polled.size(), static_cast<int>(patience(longest).count()));
  std::vector<PointResult> results;
  for (std::size_t i = 0; i < polled.size(); ++i) {
    if (polled[i].revents != 0) collect(*whose[i], results);
    if (too_long(*whose[i])) bury(*whose[i], true, results);
  }
  return results;
}

}  // namespace flexcim
