// Slurm, through its commands: its library is under the GPL, and another one in every release.
#pragma once

#include "flow/base/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace flexcim {

/// What tasks are submitted with. They work in the folder in which we do.
struct SlurmArray {
  std::filesystem::path script;  ///< absolute; what each task runs, with its index as SLURM_ARRAY_TASK_ID
  std::string name;              ///< of the job; letters, digits, "-"
  int processors = 1;            ///< of a task
  std::string partition;         ///< empty: the cluster's default, or what SBATCH_PARTITION says
};

/// A task that has not ended.
struct SlurmTask {
  std::uint64_t job = 0;
  std::uint64_t index = 0;
  bool running = false;  ///< otherwise it waits for its turn
  std::string name;      ///< of its job
};

/// One of Slurm's commands is not there, refuses, or does not answer within 30 s; what() has Slurm's own words.
class SlurmError : public InputError {
 public:
  using InputError::InputError;
};

// These three ask squeue, sbatch and scancel, and throw SlurmError.

/// The tasks of this user that run `script` (absolute).
std::vector<SlurmTask> slurm_tasks(const std::filesystem::path& script);
/// Submits a job array of tasks with these indices; what a task prints is slurm-INDEX.out beside the script. The number
/// of the job.
std::uint64_t submit_tasks(const SlurmArray& array, const std::vector<std::uint64_t>& indices);
void cancel_job(std::uint64_t job);

}  // namespace flexcim
