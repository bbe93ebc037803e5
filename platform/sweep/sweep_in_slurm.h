// A sweep on the computers of a cluster.
#pragma once

#include "platform/sweep/run_sweep.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

struct SlurmOptions {
  std::vector<std::string> command;  ///< what a task runs; it gets --shard I/N and comes to run_sweep() with `out`
  std::uint64_t shards = 2;          ///< at least 2
  std::string partition;             ///< empty: the cluster's default
};

/// run_sweep() in tasks of Slurm, one per shard with `options.jobs` processors, that all have the folder: what is not
/// complete is submitted and followed until it is (run_in_slurm() says how), then merged. The files come out as
/// run_sweep() makes them, and whatever ends the process, the next call goes on. Throws what both throw, and InputError
/// for a folder that has shards of another number.
SweepSummary sweep_in_slurm(const Scenario& scenario, const SweepOptions& options, const SlurmOptions& slurm);

}  // namespace flexcim
