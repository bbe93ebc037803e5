// Processes that share the points of a sweep among them.
#pragma once

#include "platform/sweep/worker_process.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace flexcim {

struct WorkerLimits {
  std::size_t processes;
  /// Points that a process may evaluate in all, from 1: the SystemC kernel elaborates once per process.
  std::size_t points_per_process;
  std::chrono::milliseconds time;  ///< of a point, then its process is killed
};

/// A process that dies is replaced, and its points are evaluated again. A point in whose midst kMostDeaths processes
/// have died, and one that takes too long, has failed.
class WorkerPool {
 public:
  static constexpr int kMostDeaths = 3;

  /// `close_in_child`: as WorkerProcess has it.
  WorkerPool(WorkerLimits limits, EvaluatePoint evaluate, std::vector<int> close_in_child);

  /// Whether points are wanted: few enough wait.
  bool hungry() const;
  void add(PointTask task);
  /// Whether nothing is under way.
  bool idle() const;
  /// Waits for results, at most `longest`, and returns those that there are, in any order.
  std::vector<PointResult> wait(std::chrono::milliseconds longest);

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    PointTask task;
    int deaths = 0;  ///< of processes that were at it
  };
  struct Worker {
    std::unique_ptr<WorkerProcess> process;
    std::deque<Waiting> batch;  ///< the first one is being worked on
    std::size_t taken = 0;      ///< points, since the process began
    Clock::time_point since;    ///< it works on that one
  };

  std::vector<int> closed_in_child() const;
  void feed(Worker& worker);
  void collect(Worker& worker, std::vector<PointResult>& results);
  void bury(Worker& worker, bool too_long, std::vector<PointResult>& results);
  bool too_long(const Worker& worker) const;
  std::chrono::milliseconds patience(std::chrono::milliseconds longest) const;

  const WorkerLimits limits_;
  const EvaluatePoint evaluate_;
  const std::vector<int> close_in_child_;
  std::vector<Worker> workers_;
  std::deque<Waiting> waiting_;
};

}  // namespace flexcim
