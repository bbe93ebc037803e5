#include "platform/sweep/slurm_shards.h"

#include "flow/base/output_file.h"
#include "flow/base/unfinished.h"
#include "platform/sweep/slurm.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <set>

namespace flexcim {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kScript = "slurm.sh";
constexpr auto kShortestPause = 500ms;
constexpr std::chrono::milliseconds kLongestPause = 10s;  ///< a cluster's controller has others to serve
constexpr auto kPatience = 5min;                          ///< with a controller that begins again, say
constexpr auto kCancelLimit = 60s;                        ///< twice the KillWait that Slurm has by itself

/// As a word of /bin/sh.
std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string script_text(const SlurmShards& shards) {
  std::string text =
      "#!/bin/sh\n# A task of the job array that runs this sweep; flexcim sweep --engine slurm has written it.\nexec";
  for (const std::string& word : shards.command) text += " " + quoted(word);
  return text + fmt::format(" --shard \"$SLURM_ARRAY_TASK_ID/{}\"\n", shards.count);
}

/// The last line that says something.
std::string last_line(const std::filesystem::path& file) {
  std::ifstream lines(file);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) last = line;
  }
  return last.empty() ? "has nothing" : last;
}

class Run {
 public:
  Run(const SlurmShards& shards, const std::function<std::vector<ShardState>()>& look)
      : shards_(shards),
        look_(look),
        array_{shards.folder / kScript, fmt::format("flexcim-sweep-{}", shards.count), shards.processors,
               shards.partition},
        attempts_(shards.count) {}

  /// Throws InputError unless Slurm answers and has no tasks of another number of shards.
  void require_alone() const {
    for (const SlurmTask& task : slurm_tasks(array_.script)) {
      if (task.name == array_.name) continue;
      throw InputError(
          fmt::format("{}: job {} ({}) of Slurm is at work on it with another number of shards; give --shards "
                      "as then, or end it by scancel {}",
                      shards_.folder.string(), task.job, task.name, task.job));
    }
  }

  /// One look at Slurm and at the files, in this order: a shard whose task has gone is complete or abandoned. Throws
  /// SlurmError, and SlurmFailure where shards are given up and no other has a task.
  SlurmProgress step() {
    const std::vector<SlurmTask> tasks = slurm_tasks(array_.script);
    const std::vector<ShardState> states = look_();
    SlurmProgress progress;
    std::set<std::uint64_t> busy;
    for (const SlurmTask& task : tasks) {
      busy.insert(task.index);
      ++(task.running ? progress.running : progress.waiting);
    }
    for (const ShardState& state : states) {
      progress.rows += state.rows;
      if (state.complete) ++progress.complete;
    }
    const std::vector<std::uint64_t> wanted = attempts_.to_begin(states, busy);
    if (!wanted.empty()) {
      submit_tasks(array_, wanted);
      attempts_.begun(wanted);
      progress.waiting += wanted.size();
    }
    if (progress.running + progress.waiting == 0) require_none_given_up();
    return progress;
  }

  /// Ends all tasks, and waits for that: not without limit, nor beyond another signal.
  void cancel(const SignalsWait& signals) const {
    const auto end = Clock::now() + kCancelLimit;
    std::set<std::uint64_t> jobs;
    fmt::print(stderr, "flexcim: cancelling the tasks in Slurm; a second signal does not wait for them\n");
    try {
      do {
        jobs.clear();
        for (const SlurmTask& task : slurm_tasks(array_.script)) jobs.insert(task.job);
        for (const std::uint64_t job : jobs) cancel_job(job);
      } while (!jobs.empty() && Clock::now() < end && signals.next(kShortestPause) == 0);
    } catch (const SlurmError& error) {
      fmt::print(stderr, "flexcim: tasks may go on: {}\n", error.what());
      return;
    }
    for (const std::uint64_t job : jobs) fmt::print(stderr, "flexcim: job {} of Slurm is still ending\n", job);
  }

 private:
  void require_none_given_up() const {
    const std::set<std::uint64_t>& given_up = attempts_.given_up();
    if (given_up.empty()) return;
    const auto output = shards_.folder / fmt::format("slurm-{}.out", *given_up.begin());
    throw SlurmFailure(fmt::format("{}: shard {} of {}: its task has ended {} times without a new point; {}: {}",
                                   shards_.folder.string(), fmt::join(given_up, ", "), shards_.count,
                                   ShardAttempts::kInARow, output.string(), last_line(output)));
  }

  const SlurmShards& shards_;
  const std::function<std::vector<ShardState>()>& look_;
  const SlurmArray array_;
  ShardAttempts attempts_;
};

/// A long sweep is looked at less often.
std::chrono::milliseconds pause_after(Clock::duration elapsed) {
  return std::clamp<std::chrono::milliseconds>(std::chrono::duration_cast<std::chrono::milliseconds>(elapsed / 20),
                                               kShortestPause, kLongestPause);
}

}  // namespace

void run_in_slurm(const SlurmShards& shards, const std::function<std::vector<ShardState>()>& look,
                  const std::function<void(const SlurmProgress&)>& show) {
  const SignalsWait signals;
  Run run(shards, look);
  run.require_alone();
  Unfinished script((shards.folder / kScript).string(), Unfinished::Kind::file);
  write_text_file((shards.folder / kScript).string(), script_text(shards));
  const auto begin = Clock::now();
  std::optional<Clock::time_point> answered;
  for (;;) {
    try {
      const SlurmProgress progress = run.step();
      answered = Clock::now();
      script.keep();
      show(progress);
      if (progress.complete == shards.count) return;
    } catch (const SlurmError& error) {
      if (!answered) throw;
      if (Clock::now() - *answered > kPatience) {
        throw SlurmFailure(fmt::format("{}; the tasks go on, and the same command finds them again", error.what()));
      }
    }
    if (const int signal = signals.next(pause_after(Clock::now() - begin))) {
      run.cancel(signals);
      std::raise(signal);  // ends the program when signals wait no more
      return;
    }
  }
}

}  // namespace flexcim
