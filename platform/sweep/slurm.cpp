#include "platform/sweep/slurm.h"

#include "platform/sweep/command.h"

#include <charconv>
#include <fmt/format.h>
#include <sstream>

namespace flexcim {
namespace {

constexpr std::chrono::seconds kAnswerLimit{30};

/// Slurm's words in one line, without the name of the program before each.
std::string in_one_line(const std::string& program, const std::string& text) {
  std::istringstream lines(text);
  std::string said;
  for (std::string line; std::getline(lines, line);) {
    for (const std::string& prefix : {program + ": ", std::string("error: "), std::string("fatal: ")}) {
      if (line.rfind(prefix, 0) == 0) line.erase(0, prefix.size());
    }
    if (!line.empty()) said += (said.empty() ? "" : "; ") + line;
  }
  return said;
}

/// The standard output of one of Slurm's commands.
std::string ask(const std::vector<std::string>& words) {
  const CommandOutcome outcome = run_command(words, kAnswerLimit);
  if (outcome.good()) return outcome.output;
  switch (outcome.end) {
    case CommandOutcome::End::missing:
      throw SlurmError(fmt::format("Slurm: there is no {} on PATH", words[0]));
    case CommandOutcome::End::late:
      throw SlurmError(fmt::format("Slurm: {} has not answered for {} s", words[0], kAnswerLimit.count()));
    case CommandOutcome::End::exited:
      break;
  }
  const std::string said = in_one_line(words[0], outcome.error);
  throw SlurmError(
      fmt::format("Slurm: {}: {}", words[0], said.empty() ? fmt::format("exit code {}", outcome.exit_code) : said));
}

/// The number at the beginning of a text; false where there is none.
bool read_number(const std::string& text, std::uint64_t& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

/// As it is in a pattern of sbatch's.
std::string in_pattern(const std::string& path) {
  std::string pattern;
  for (const char c : path) pattern += c == '%' ? std::string("%%") : std::string(1, c);
  return pattern;
}

}  // namespace

std::vector<SlurmTask> slurm_tasks(const std::filesystem::path& script) {
  // Job, index, state, name, script: the script last, since it may have blanks.
  std::istringstream lines(ask({"squeue", "--me", "--array", "--noheader", "--format=%F %K %T %j %o"}));
  std::vector<SlurmTask> tasks;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string job, index, state, name, runs;
    words >> job >> index >> state >> name >> std::ws;
    std::getline(words, runs);
    SlurmTask task{0, 0, state != "PENDING", name};
    if (runs == script && read_number(job, task.job) && read_number(index, task.index)) tasks.push_back(task);
  }
  return tasks;
}

std::uint64_t submit_tasks(const SlurmArray& array, const std::vector<std::uint64_t>& indices) {
  std::vector<std::string> words{"sbatch",
                                 "--parsable",
                                 "--job-name=" + array.name,
                                 "--output=" + in_pattern(array.script.parent_path().string()) + "/slurm-%a.out",
                                 fmt::format("--array={}", fmt::join(indices, ",")),
                                 fmt::format("--cpus-per-task={}", array.processors)};
  if (!array.partition.empty()) words.push_back("--partition=" + array.partition);
  words.push_back(array.script.string());
  const std::string answer = ask(words);  // JOB or JOB;CLUSTER
  std::uint64_t job = 0;
  if (!read_number(answer, job))
    throw SlurmError("Slurm: sbatch has given no job number: " + in_one_line("sbatch", answer));
  return job;
}

void cancel_job(std::uint64_t job) { ask({"scancel", std::to_string(job)}); }

}  // namespace flexcim
