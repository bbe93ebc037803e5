// flexcim sweep as a user runs it, and ends it.
#include "tests/platform/small_run.h"
#include "tests/platform/sweep/small_sweep.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

constexpr const char* kRest = "cycles,stall_cycles,time_ns,tokens_per_s,tokens_out,first_token_ns,per_token_ns,";

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// A command that goes on by itself.
class Started {
 public:
  explicit Started(std::vector<std::string> words) {
    words.insert(words.begin(), FLEXCIM_COMMAND);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&files, stream, "/dev/null", O_WRONLY, 0);
    }
    REQUIRE(::posix_spawn(&process_, argv[0], &files, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
  }
  pid_t process() const { return process_; }
  /// Its own processes.
  std::vector<pid_t> children() const {
    std::ifstream list("/proc/" + std::to_string(process_) + "/task/" + std::to_string(process_) + "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; list >> child;) children.push_back(child);
    return children;
  }
  /// Its exit code, or less than 0 for the signal that has ended it.
  int wait() const {
    int status = 0;
    REQUIRE(::waitpid(process_, &status, 0) == process_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t process_ = 0;
};

void sleep_ms(unsigned ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

/// Whether the process is there and has not ended; one that nobody has waited for yet has.
bool runs(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(stat, text);
  return !text.empty() && text.find(") Z ") == std::string::npos;
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace

TEST_CASE("Every point of a sweep has a row in the order of their numbers, with its reason where it has no figures") {
  const SmallSweep sweep;
  const std::string printed = sweep.run("out");
  CHECK_THAT(printed, StartsWith("240 points: 117 ok, 6 invalid, 117 failed\n"));
  CHECK_THAT(printed, Contains("  6 invalid: workload.tokens != 7\n"));
  CHECK_THAT(printed,
             Contains("  117 failed: --set architecture.window=…: architecture: gemm 256 x 512, dense, … tokens: "));
  CHECK_THAT(printed, Contains("Pareto front of least time_ns, least energy_pj: "));
  CHECK_THAT(printed, Contains("\n  log time_ns: tokens 99 %\n"));  // the rest lies inside of its levels
  const std::vector<std::string> rows = lines_of(sweep.result("out", "points.csv"));
  REQUIRE(rows.size() == 1 + 240);
  CHECK_THAT(rows[0], StartsWith("point,status,reason,window,tokens,buffer," + std::string(kRest)));
  CHECK_THAT(rows[1], StartsWith("0,ok,,1,1,large,"));
  CHECK_THAT(rows[2], StartsWith("1,failed,"));
  CHECK_THAT(rows[2], Contains("exceed the activation buffer\",1,1,tiny,,"));
  CHECK_THAT(rows[1 + 12], StartsWith("12,invalid,workload.tokens != 7,1,7,large,,,"));
  CHECK_THAT(rows[240], StartsWith("239,failed,"));
}

TEST_CASE("A point of a sweep has the figures of its scenario alone, in both files") {
  const SmallSweep sweep;
  sweep.run("out");
  write_file(sweep / "alone.yaml", R"(name: alone
fidelity: estimate
workload: {kind: shapes, model: ./config.json, tokens: 3}
architecture: {base: flexcim_published, window: 2}
)");
  const Outcome alone = flexcim_command({"run", sweep / "alone.yaml", "--out", sweep / "alone"});
  REQUIRE(alone.exit_code == 0);
  const nlohmann::json summary = nlohmann::json::parse(file_bytes(sweep / "alone/summary.json"));
  const std::vector<std::string> lines = lines_of(sweep.result("out", "points.jsonl"));
  REQUIRE(lines.size() == 240);
  const nlohmann::json point = nlohmann::json::parse(lines.at(80 + 4));
  CHECK(point["point"] == 84);
  CHECK(point["window"] == 2);
  CHECK(point["tokens"] == 3);
  CHECK(point["buffer"] == "large");
  CHECK(point["reason"].is_null());
  CHECK(point["cycles"] == summary["cycles"]);
  CHECK(point["energy_pj"].get<double>() == summary["energy_pj"].get<double>());
  CHECK(point["time_ns"].is_number_float());
  CHECK(point["area_mm2"].get<double>() == Approx(summary["area_mm2"]["total"].get<double>()).margin(1e-6));
  CHECK(nlohmann::json::parse(lines.at(85))["cycles"].is_null());
  CHECK(point.size() == nlohmann::json::parse(lines.at(85)).size());
}

TEST_CASE("Results of a sweep do not depend on the number of processes, nor on being asked for again") {
  const SmallSweep sweep;
  sweep.run("one", {"--jobs", "1"});
  sweep.run("three", {"--jobs", "3"});
  sweep.check_same("one", "three");
  sweep.run("three");
  sweep.check_same("one", "three");
  CHECK(names_in(sweep / "three") == std::vector<std::string>{"points.csv", "points.jsonl", "sweep.sqlite"});
}

TEST_CASE("A sweep whose command and processes are killed again and again ends with the results of one that was not") {
  const SmallSweep sweep;
  const std::vector<std::string> many{"--set", "sweep.axes.1.range.to=120", "--jobs", "2"};
  sweep.run("whole", many);
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  CAPTURE(seed);
  int killed = 0;
  for (int round = 0; round < 3; ++round) {
    const Started command(sweep.command("out", many));
    sleep_ms(static_cast<unsigned>(30 + random() % 200));
    const std::vector<pid_t> children = command.children();
    if (!children.empty()) ::kill(children.front(), SIGKILL);  // another one takes its points
    sleep_ms(static_cast<unsigned>(random() % 200));
    ::kill(command.process(), SIGKILL);
    killed += command.wait() == -SIGKILL;
  }
  CAPTURE(killed);
  sweep.run("out", many);
  sweep.check_same("whole", "out");
}

TEST_CASE("The processes of a sweep end with its command") {
  const SmallSweep sweep;
  for (const int signal : {SIGKILL, SIGTERM, SIGINT}) {
    const Started command(sweep.command("out", {"--set", "sweep.axes.1.range.to=300", "--jobs", "2"}));
    std::vector<pid_t> children;
    for (int i = 0; i < 2000 && children.size() < 2; ++i) {
      sleep_ms(5);
      children = command.children();
    }
    REQUIRE(children.size() == 2);
    ::kill(command.process(), signal);
    CHECK(command.wait() == -signal);
    for (const pid_t child : children) {
      for (int i = 0; i < 2000 && runs(child); ++i) sleep_ms(5);
      CHECK(!runs(child));
    }
  }
}

TEST_CASE("A folder has one sweep, and one command at a time") {
  const SmallSweep sweep;
  sweep.run("out", {"--set", "sweep.axes.1.range.to=2"});
  const std::string before = sweep.result("out", "sweep.sqlite");
  CHECK_THAT(refusal(sweep.command("out")), Contains("out/sweep.sqlite: is of another sweep, \"small\""));
  CHECK((sweep.result("out", "sweep.sqlite") == before));

  const Started command(sweep.command("busy", {"--set", "sweep.axes.1.range.to=300"}));
  for (int i = 0; i < 2000 && !is_there(sweep / "busy/sweep.sqlite"); ++i) sleep_ms(5);
  CHECK_THAT(refusal(sweep.command("busy")), Contains("busy: another command is at this sweep"));
  ::kill(command.process(), SIGKILL);
  command.wait();

  std::filesystem::create_directory(sweep / "strange");
  write_file(sweep / "strange/points.csv", "mine");
  CHECK_THAT(refusal(sweep.command("strange")), Contains("strange: holds a points.csv but no sweep.sqlite"));
  write_file(sweep / "strange/sweep.sqlite", "mine as well, and long enough to be looked at: no database at all");
  CHECK_THAT(refusal(sweep.command("strange")), Contains("strange/sweep.sqlite: is no SQLite database"));
  CHECK(sweep.result("strange", "points.csv") == "mine");
}

TEST_CASE("A sweep ends well while another program reads its database, and is put in order by the same command later") {
  const SmallSweep sweep;
  const std::vector<std::string> long_one{"--set", "sweep.axes.1.range.to=100"};
  sweep.run("whole", long_one);
  write_file(sweep / "read.py", R"(import sqlite3, sys, time
open(sys.argv[2], "w").close()
while True:
  try:
    database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    database.execute("SELECT count(*) FROM points").fetchone()
    break
  except sqlite3.OperationalError:  # it is not there yet
    time.sleep(0.001)
sys.stdin.read()
)");
  const std::string looks = sweep / "looks";
  std::FILE* const reader =
      ::popen(("python3 " + (sweep / "read.py") + " " + (sweep / "out/sweep.sqlite") + " " + looks).c_str(), "w");
  REQUIRE(reader != nullptr);
  while (!std::filesystem::exists(looks)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const Started command(sweep.command("out", long_one));
  CHECK(command.wait() == 0);
  CHECK((sweep.result("out", "points.csv") == sweep.result("whole", "points.csv")));
  CHECK((sweep.result("out", "sweep.sqlite") != sweep.result("whole", "sweep.sqlite")));
  ::pclose(reader);
  sweep.run("out", long_one);
  sweep.check_same("whole", "out");
}

TEST_CASE("A sweep is another one when a file has changed that only a value of an axis names") {
  const SmallSweep sweep;
  write_file(sweep / "wide.yaml", "base: flexcim_published\nwindow: 2\n");
  const std::vector<std::string> names{"--set", "sweep.axes.0={axis: a, key: architecture, values: [./wide.yaml]}",
                                       "--set", "sweep.axes.1.range.to=2"};
  sweep.run("out", names);
  const std::string before = sweep.result("out", "points.csv");
  sweep.run("out", names);
  write_file(sweep / "wide.yaml", "base: flexcim_published\nwindow: 4\n");
  CHECK_THAT(refusal(sweep.command("out", names)), Contains("out/sweep.sqlite: is of another sweep, \"small\""));
  CHECK(sweep.result("out", "points.csv") == before);
}

TEST_CASE("What a sweep cannot be run with is said before it begins") {
  const SmallSweep sweep;
  const SmallRun none;
  CHECK_THAT(refusal({"sweep", none.scenario(), "--out", none / "out"}), Contains("small.yaml: has no key \"sweep\""));
  CHECK_THAT(refusal({"sweep"}), Contains("scenario"));
  CHECK_THAT(refusal(sweep.command("small.yaml")), Contains("small.yaml: cannot be written"));
  CHECK_THAT(refusal(sweep.command("out", {"--shard", "2/2"})), Contains("--shard 2/2: "));
  CHECK_THAT(refusal(sweep.command("out", {"--shard", "2"})), Contains("expected index/count, as 0/4"));
  CHECK_THAT(refusal(sweep.command(
                 "out", {"--set", "sweep.sample={kind: search, points: 20, population: 4}", "--shard", "0/2"})),
             Contains("sweep.sample: a search cannot be run in shards"));
  CHECK_THAT(refusal(sweep.command("out", {"--set", "sweep.axes.0.axis=Cycles"})),
             Contains("\"Cycles\" is a column of every sweep"));
  CHECK(!is_there(sweep / "out"));
}

TEST_CASE("Shards of a sweep, put together, are the sweep in one piece") {
  const SmallSweep sweep;
  sweep.run("whole");
  sweep.run("parts", {"--shard", "0/3"});
  CHECK(names_in(sweep / "parts") == std::vector<std::string>{"shard-0-of-3.sqlite"});
  CHECK_THAT(refusal({"sweep", "merge", sweep / "parts"}),
             Contains("parts: shard 1/3 is missing, shard 2/3 is missing"));
  sweep.run("parts", {"--shard", "1/3"});
  CHECK_THAT(sweep.run("elsewhere", {"--shard", "2/3"}), StartsWith("80 points: "));
  const Outcome merged = flexcim_command({"sweep", "merge", sweep / "parts", sweep / "elsewhere"});
  INFO(merged.error);
  REQUIRE(merged.exit_code == 0);
  CHECK_THAT(merged.output, StartsWith("240 points: 117 ok, 6 invalid, 117 failed\n"));
  sweep.check_same("whole", "parts");

  sweep.run("other", {"--shard", "0/3", "--set", "name=other"});
  CHECK_THAT(refusal({"sweep", "merge", sweep / "parts", sweep / "other"}), Contains("is of another sweep than"));
  sweep.run("fewer", {"--shard", "0/2"});
  CHECK_THAT(refusal({"sweep", "merge", sweep / "parts", sweep / "fewer"}), Contains("is one of 2 shards"));
  CHECK_THAT(refusal({"sweep", "merge", sweep / "whole"}), Contains("whole: has no shards"));
  CHECK_THAT(refusal({"sweep", "merge", sweep / "nowhere"}), Contains("nowhere: "));
}

TEST_CASE("A search goes on where it was ended, and finds the same") {
  const SmallSweep sweep;
  const std::vector<std::string> search{"--set", "sweep.sample={kind: search, points: 96, population: 16}", "--set",
                                        "sweep.axes.1.range.to=120"};
  sweep.run("whole", search + std::vector<std::string>{"--jobs", "1"});
  const Started command(sweep.command("out", search));
  sleep_ms(150);
  ::kill(command.process(), SIGKILL);
  command.wait();
  sweep.run("out", search);
  sweep.check_same("whole", "out");
}

TEST_CASE("Points of a sweep are simulated, each in a process of its own, and one that does not end has failed") {
  const SmallRun small;
  std::ofstream(small.scenario(), std::ios::app) << R"(sweep:
  axes:
    - {axis: fidelity, key: fidelity, values: [tlm, rtl]}
    - {axis: limit, key: limits.simulated_ms, values: [10, 0.00001]}
  objectives: [{minimize: cycles}]
)";
  const Outcome outcome = flexcim_command({"sweep", small.scenario(), "--out", small / "out"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_code == 0);
  REQUIRE(flexcim_command(small.run(small / "alone")).exit_code == 0);
  const nlohmann::json alone = nlohmann::json::parse(file_bytes(small / "alone/summary.json"));
  const std::vector<std::string> lines = lines_of(file_bytes(small / "out/points.jsonl"));
  REQUIRE(lines.size() == 4);
  for (const std::size_t point : {0, 2}) {
    CAPTURE(point);
    CHECK(nlohmann::json::parse(lines[point])["cycles"] == alone["cycles"]);
    const nlohmann::json ended = nlohmann::json::parse(lines[point + 1]);
    CHECK(ended["status"] == "failed");
    CHECK_THAT(ended["reason"].get<std::string>(), Contains("limits.simulated_ms"));
  }
  CHECK(names_in(small / "out") == std::vector<std::string>{"points.csv", "points.jsonl", "sweep.sqlite"});
}

TEST_CASE("A point of a sweep that is estimated has the figures of a simulation") {
  const SmallRun small;
  std::ofstream(small.scenario(), std::ios::app) << R"(sweep:
  axes: [{axis: fidelity, key: fidelity, values: [tlm, estimate]}]
  objectives: [{minimize: cycles}]
)";
  const Outcome outcome = flexcim_command({"sweep", small.scenario(), "--out", small / "out"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_code == 0);
  const std::vector<std::string> lines = lines_of(file_bytes(small / "out/points.jsonl"));
  REQUIRE(lines.size() == 2);
  const nlohmann::json tlm = nlohmann::json::parse(lines[0]), estimate = nlohmann::json::parse(lines[1]);
  for (const char* figure : {"status", "cycles", "time_ns", "energy_pj", "dram_bytes"}) {
    CHECK(tlm[figure] == estimate[figure]);
  }
  CHECK(tlm["status"] == "ok");
}

TEST_CASE("A sweep whose disk is full says so, and goes on when there is room") {
  const SmallSweep sweep;
  sweep.run("whole");
  const Outcome full = flexcim_in_shell("ulimit -f 40; \"$@\"", sweep.command("out"));
  CAPTURE(full.error);
  CHECK(full.exit_code == 3);
  CHECK_THAT(full.error, Contains("out/"));
  sweep.run("out");
  sweep.check_same("whole", "out");
}
