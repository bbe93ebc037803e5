// The shards of a sweep as tasks of Slurm.
#pragma once

#include "platform/sweep/shard_attempts.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace flexcim {

struct SlurmShards {
  std::filesystem::path folder;      ///< of the sweep; absolute, and the same on every node
  std::vector<std::string> command;  ///< what a task runs, which gets --shard INDEX/COUNT
  std::uint64_t count = 1;
  int processors = 1;     ///< of a task
  std::string partition;  ///< empty: the default one
};

/// Where the shards are now: what their files say, and how many tasks run and wait.
struct SlurmProgress {
  std::uint64_t complete = 0;
  std::uint64_t rows = 0;
  std::uint64_t running = 0;
  std::uint64_t waiting = 0;
};

/// What had begun in Slurm cannot come to its end. what() is one sentence for the user.
class SlurmFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Submits the shards that are not complete as a job array, and again those whose tasks end too early, until all are
/// complete. `look` reads the files of all shards; `show` is called whenever it has. Tasks that an earlier call has
/// left in Slurm are followed, not doubled. A signal that ends the program cancels the tasks first. Writes into the
/// folder: slurm.sh, which a task runs, and slurm-INDEX.out, what it prints. Throws InputError where Slurm takes no
/// jobs, or where tasks of another number of shards are at work in the folder; SlurmFailure where Slurm does not answer
/// any more (its tasks go on), and where shards are given up (it names them).
void run_in_slurm(const SlurmShards& shards, const std::function<std::vector<ShardState>()>& look,
                  const std::function<void(const SlurmProgress&)>& show);

}  // namespace flexcim
