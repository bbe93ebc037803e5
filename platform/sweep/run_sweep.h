// Runs a sweep, or what is left of it.
#pragma once

#include "platform/config/scenario.h"
#include "platform/sweep/point_evaluator.h"
#include "platform/sweep/point_source.h"
#include "platform/sweep/sweep_summary.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace flexcim {

struct SweepOptions {
  std::filesystem::path out;  ///< folder
  std::string version;        ///< of the program
  std::size_t jobs = 1;       ///< processes
  Shard shard;
  std::chrono::milliseconds limit;  ///< of a point
};

/// What a shard of the scenario's sweep takes its points from. Throws InputError for a scenario without a sweep, and
/// for a search in shards.
std::unique_ptr<PointSource> sweep_points(const Scenario& scenario, const Shard& shard);

/// Evaluates, with `run`, every point of the scenario's sweep that its database in the folder does not have, and writes
/// the database and, of a whole sweep, the files made from it. Whatever ends the process, the next call goes on from
/// there, and the files come out the same for any number of processes and calls. Throws InputError, before anything is
/// written, for a scenario without a sweep, a search in shards, a folder that is another sweep's or cannot be used;
/// std::system_error where the system gives no room.
SweepSummary run_sweep(const Scenario& scenario, const SweepOptions& options, const RunPoint& run);

}  // namespace flexcim
