// Processes that die, hang, or are killed.
#include "platform/sweep/worker_pool.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <map>
#include <stdexcept>
#include <thread>
#include <unistd.h>

using namespace flexcim;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kAny = static_cast<std::size_t>(-1);

PointResult done(const PointTask& task) {
  PointResult result;
  result.point = task.point;
  result.status = PointStatus::ok;
  result.figures.cycles = 10 * task.point;
  return result;
}

/// All points below `points`, each of which has to come back once.
std::map<std::uint64_t, PointResult> results_of(WorkerPool& pool, std::uint64_t points) {
  std::map<std::uint64_t, PointResult> results;
  for (std::uint64_t point = 0; point < points; ++point) pool.add({point, {{}, {{"key", std::to_string(point)}}}});
  while (!pool.idle()) {
    for (const PointResult& result : pool.wait(1000ms)) CHECK(results.emplace(result.point, result).second);
  }
  CHECK(results.size() == points);
  return results;
}

}  // namespace

TEST_CASE("Processes share points among them, and each comes back once with what its task said") {
  const auto evaluate = [](const PointTask& task) {
    PointResult result = done(task);
    result.reason = task.what.changes.at(0).path + "=" + task.what.changes.at(0).value;
    return result;
  };
  WorkerPool pool({3, kAny, 10s}, evaluate, {});
  for (const auto& [point, result] : results_of(pool, 500)) {
    REQUIRE(result.figures.cycles == 10 * point);
    REQUIRE(result.reason == "key=" + std::to_string(point));
  }
}

TEST_CASE("A point that kills its process, or is a mistake of the program, has failed, and no other with it") {
  const auto evaluate = [](const PointTask& task) {
    if (task.point == 3) ::raise(SIGKILL);
    if (task.point == 17) ::_exit(5);
    return done(task);
  };
  WorkerPool pool({2, kAny, 10s}, evaluate, {});
  for (const auto& [point, result] : results_of(pool, 60)) {
    CAPTURE(point);
    CHECK((result.status == PointStatus::ok) == (point != 3 && point != 17));
    if (point == 3) CHECK(result.reason == "its process was ended by signal 9 (Killed), 3 times");
    if (point == 17) CHECK(result.reason == "its process ended with exit code 5, 3 times");
  }
}

TEST_CASE("A point that takes too long has failed, and those behind it in its process have not") {
  const auto evaluate = [](const PointTask& task) {
    if (task.point == 2) std::this_thread::sleep_for(1h);
    return done(task);
  };
  WorkerPool pool({1, kAny, 200ms}, evaluate, {});
  for (const auto& [point, result] : results_of(pool, 10)) {
    CAPTURE(point);
    CHECK((result.status == PointStatus::ok) == (point != 2));
    if (point == 2) CHECK(result.reason == "took longer than 0.2 s");
  }
}

TEST_CASE("Where a process may evaluate one point only, each has its own") {
  const auto evaluate = [](const PointTask& task) {
    PointResult result = done(task);
    result.figures.cycles = static_cast<std::uint64_t>(::getpid());
    return result;
  };
  WorkerPool pool({2, 1, 10s}, evaluate, {});
  std::vector<std::uint64_t> processes;
  for (const auto& [point, result] : results_of(pool, 20)) processes.push_back(result.figures.cycles);
  std::sort(processes.begin(), processes.end());
  CHECK(std::adjacent_find(processes.begin(), processes.end()) == processes.end());
}
