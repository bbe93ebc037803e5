// Slurm's commands, played by scripts; a real Slurm: slurm_sweep_test.py.
#include "platform/sweep/slurm.h"

#include "platform/sweep/slurm_shards.h"
#include "tests/platform/temp_folder.h"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace flexcim;

namespace {

/// A folder of commands that alone is on PATH while it lives.
class Commands {
 public:
  Commands() { ::setenv("PATH", folder_.path().c_str(), 1); }
  ~Commands() { ::setenv("PATH", before_.c_str(), 1); }

  void play(const std::string& name, const std::string& script) const {
    const auto file =
        folder_.write(name, "#!/bin/sh\nfor word; do echo \"$word\"; done >" + said(name) + "\n" + script);
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }
  /// The arguments that one got, a line each.
  std::string arguments(const std::string& name) const { return folder_.read(name + ".said"); }

 private:
  std::string said(const std::string& name) const { return (folder_.path() / (name + ".said")).string(); }

  const std::string before_ = std::getenv("PATH");
  TempFolder folder_;
};

}  // namespace

TEST_CASE("slurm: the tasks of a script, and of no other one") {
  const Commands commands;
  commands.play("squeue",
                "echo '12 0 RUNNING flexcim-sweep-4 /a folder/slurm.sh'\n"
                "echo '12 3 PENDING flexcim-sweep-4 /a folder/slurm.sh'\n"
                "echo '13 0 PENDING flexcim-sweep-4 /a folder/slurm.sh.old'\n"
                "echo '14 N/A RUNNING bash (null)'\n");
  const std::vector<SlurmTask> tasks = slurm_tasks("/a folder/slurm.sh");
  REQUIRE(tasks.size() == 2);
  CHECK((tasks[0].job == 12 && tasks[0].index == 0 && tasks[0].running && tasks[0].name == "flexcim-sweep-4"));
  CHECK((tasks[1].job == 12 && tasks[1].index == 3 && !tasks[1].running));
  CHECK(commands.arguments("squeue") == "--me\n--array\n--noheader\n--format=%F %K %T %j %o\n");
}

TEST_CASE("slurm: what sbatch and scancel are told") {
  const Commands commands;
  commands.play("sbatch", "echo '17;cluster'");
  commands.play("scancel", "");
  CHECK(submit_tasks({"/a 50% folder/slurm.sh", "flexcim-sweep-9", 2, ""}, {0, 2, 7}) == 17);
  CHECK(commands.arguments("sbatch") ==
        "--parsable\n--job-name=flexcim-sweep-9\n--output=/a 50%% folder/slurm-%a.out\n--array=0,2,7\n"
        "--cpus-per-task=2\n/a 50% folder/slurm.sh\n");
  submit_tasks({"/s.sh", "n", 1, "long"}, {0});
  CHECK_THAT(commands.arguments("sbatch"), Catch::Contains("\n--partition=long\n/s.sh\n"));
  cancel_job(17);
  CHECK(commands.arguments("scancel") == "17\n");
}

TEST_CASE("slurm: without its commands, and in its own words where it refuses") {
  const Commands commands;
  CHECK(input_error([] { slurm_tasks("/s.sh"); }) == "Slurm: there is no squeue on PATH");
  commands.play("sbatch",
                "echo 'sbatch: error: invalid partition specified: x' >&2\n"
                "echo 'sbatch: error: Batch job submission failed: Invalid partition name specified' >&2\nexit 1\n");
  CHECK(input_error([] {
          submit_tasks({"/s.sh", "n", 1, "x"}, {0});
        }) ==
        "Slurm: sbatch: invalid partition specified: x; Batch job submission failed: Invalid partition name specified");
  commands.play("squeue", "exit 4");
  CHECK(input_error([] { slurm_tasks("/s.sh"); }) == "Slurm: squeue: exit code 4");
  commands.play("sbatch", "echo Hello");
  CHECK(input_error([] {
          submit_tasks({"/s.sh", "n", 1, ""}, {0});
        }) == "Slurm: sbatch has given no job number: Hello");
}

TEST_CASE("slurm: tasks of another number of shards are left alone, and nothing is written beside them") {
  const TempFolder folder;
  const std::string path = folder.path().string();
  const Commands commands;
  commands.play("squeue", "echo '12 0 RUNNING flexcim-sweep-8 " + path + "/slurm.sh'\n");
  const SlurmShards shards{path, {"flexcim", "sweep"}, 4, 1, ""};
  const auto look = [] { return std::vector<ShardState>(4); };
  CHECK(
      input_error([&] { run_in_slurm(shards, look, [](const SlurmProgress&) {}); }) ==
      path +
          ": job 12 (flexcim-sweep-8) of Slurm is at work on it with another number of shards; give --shards as then, "
          "or end it by scancel 12");
  CHECK(std::filesystem::is_empty(path));
}

TEST_CASE("slurm: what a task runs has its words as they are, and its shard") {
  const TempFolder folder;
  const Commands commands;
  commands.play("squeue", "");
  commands.play("sbatch", "echo 5");
  const SlurmShards shards{folder.path(), {"echo", "it's $HOME", "*"}, 2, 1, ""};
  int looks = 0;
  run_in_slurm(
      shards,
      [&] {
        return std::vector<ShardState>(2, {0, ++looks > 1});
      },
      [](const SlurmProgress&) {});
  CHECK_THAT(commands.arguments("sbatch"), Catch::Contains("\n--array=0,1\n"));
  commands.play("echo", "");
  const std::string run = "SLURM_ARRAY_TASK_ID=1 /bin/sh " + (folder.path() / "slurm.sh").string();
  REQUIRE(std::system(run.c_str()) == 0);
  CHECK(commands.arguments("echo") == "it's $HOME\n*\n--shard\n1/2\n");
}
