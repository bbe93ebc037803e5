// One process that evaluates points.
#pragma once

#include "platform/sweep/messages.h"

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace flexcim {

using EvaluatePoint = std::function<PointResult(const PointTask& task)>;

/// A child of this process, which gets points, answers each with its result, and ends when this object or this process
/// does. What it throws ends it.
class WorkerProcess {
 public:
  /// `close_in_child`: descriptors of this process that are no concern of the child's. Throws std::system_error where
  /// the system gives no process.
  WorkerProcess(const EvaluatePoint& evaluate, const std::vector<int>& close_in_child);
  /// Kills it.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// Readable when there is a result, or when it has ended.
  int descriptor() const { return socket_; }
  /// It has no points to work on. Does nothing where it has ended.
  void send(const std::vector<PointTask>& tasks) const;
  /// Takes the results that are there. Whether the process is there, too.
  bool receive(std::vector<PointResult>& results);
  /// Waits until it has ended, or kills it where it has not. How it ended, for a message: "was ended by signal 9
  /// (Killed)", "ended with exit code 70".
  std::string end(bool kill);

 private:
  int socket_ = -1;
  pid_t process_ = -1;
  std::string received_;
};

}  // namespace flexcim
