#include "platform/cli/sweep_command.h"

#include "flow/base/error.h"
#include "flow/base/parallel.h"
#include "platform/cli/number_options.h"
#include "platform/cli/run_point.h"
#include "platform/sweep/merge_sweep.h"
#include "platform/sweep/run_sweep.h"
#include "platform/sweep/sweep_in_slurm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {
namespace {

constexpr int kMostJobs = 4096;
constexpr int kMostShards = 100'000;
constexpr double kLongestS = 1e9;

struct SweepFlags {
  std::string file;
  std::vector<std::string> sets;
  std::string out;
  int jobs = 0;
  double limit_s = kLongestS;
  std::string shard = "0/1";
  bool slurm = false;
  int shards = 16;
  std::string partition;
};

struct MergeFlags {
  std::vector<std::string> folders;
  std::string out;
};

/// The same sweep, as a task of Slurm's starts it: paths may be relative, since it works in the same folder.
std::vector<std::string> task_command(const SweepFlags& flags, const SweepOptions& options) {
  std::vector<std::string> words{std::filesystem::read_symlink("/proc/self/exe").string(), "sweep", flags.file};
  for (const std::string& set : flags.sets) words.insert(words.end(), {"--set", set});
  words.insert(words.end(), {"--out", options.out.string(), "--jobs", std::to_string(options.jobs), "--limit-s",
                             fmt::format("{}", flags.limit_s)});
  return words;
}

void sweep(const SweepFlags& flags) {
  std::vector<Override> overrides;
  for (const std::string& set : flags.sets) overrides.push_back(parse_override(set));
  const Scenario scenario = load_scenario(flags.file, overrides);
  SweepOptions options;
  options.out = flags.out;
  if (flags.out.empty()) options.out = std::filesystem::path("out") / scenario.file.stem();
  options.version = FLEXCIM_VERSION;
  options.jobs = static_cast<std::size_t>(thread_count(flags.jobs));
  options.shard = parse_shard(flags.shard);
  options.limit = std::chrono::milliseconds(std::llround(flags.limit_s * 1000));
  if (flags.slurm) {
    options.jobs = static_cast<std::size_t>(std::max(flags.jobs, 1));
    const SlurmOptions slurm{task_command(flags, options), static_cast<std::uint64_t>(flags.shards), flags.partition};
    fmt::print("{}", sweep_in_slurm(scenario, options, slurm).text());
    return;
  }
  GemmEstimates estimates;  // each process has its own
  const auto run = [&](Scenario& point, const std::filesystem::path& scratch, PointResult& result) {
    run_point(point, scratch, result, estimates);
  };
  fmt::print("{}", run_sweep(scenario, options, run).text());
}

void merge(const MergeFlags& flags) {
  const std::string& out = flags.out.empty() ? flags.folders.front() : flags.out;
  fmt::print("{}", merge_sweep({flags.folders.begin(), flags.folders.end()}, out).text());
}

}  // namespace

void add_sweep_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sweep", "Evaluate every point of a scenario's sweep, or what is left of it");
  auto flags = std::make_shared<SweepFlags>();
  CLI::Option* file = command->add_option("scenario", flags->file, "scenario YAML with the key sweep");
  command->add_option("--set", flags->sets, "key.path=value, in place of the scenario's; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--out", flags->out, "folder of the results; out/SCENARIO if not given");
  add_whole(*command, "--jobs", flags->jobs, 0, kMostJobs, "processes; 0: one per processor, or one per task of Slurm");
  add_real(*command, "--limit-s", flags->limit_s, 1e-3, kLongestS, "seconds that a point may take");
  CLI::Option* shard =
      command->add_option("--shard", flags->shard, "I/N: only every Nth point from I on, for flexcim sweep merge");
  CLI::Option* engine = command->add_option("--engine", "local, or slurm: tasks of a cluster, which share the folder");
  engine->check(CLI::IsMember({"local", "slurm"}));
  CLI::Option* shards = add_whole(*command, "--shards", flags->shards, 2, kMostShards, "tasks of Slurm");
  CLI::Option* partition = command->add_option("--partition", flags->partition, "of Slurm; its default if not given");

  CLI::App* merging = command->add_subcommand("merge", "Put the shards of a sweep together");
  auto merge_flags = std::make_shared<MergeFlags>();
  merging->add_option("folders", merge_flags->folders, "folders with the shards")->required();
  merging->add_option("--out", merge_flags->out, "folder of the whole; the first one if not given");
  merging->callback([merge_flags] { merge(*merge_flags); });

  command->callback([=] {
    if (merging->parsed()) return;
    if (file->count() == 0) throw CLI::RequiredError("scenario");
    flags->slurm = engine->count() > 0 && engine->as<std::string>() == "slurm";
    for (const CLI::Option* option : {shards, partition}) {
      if (option->count() > 0 && !flags->slurm) throw InputError(option->get_name() + ": only with --engine slurm");
    }
    if (shard->count() > 0 && flags->slurm) {
      throw InputError("--shard: not with --engine slurm, which makes the shards");
    }
    sweep(*flags);
  });
}

}  // namespace flexcim
