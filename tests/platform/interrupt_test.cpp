// Commands that are ended from outside: they end as killed by the signal, and leave nothing half-written.
#include "tests/platform/small_run.h"

#include <chrono>
#include <csignal>
#include <thread>

using namespace flexcim;
namespace fs = std::filesystem;

namespace {

/// The status of a command that gets `signal` as soon as `begun` says that it is at work.
template <class Begun>
int interrupted(const std::vector<std::string>& arguments, int signal, Begun begun) {
  std::vector<std::string> words{FLEXCIM_COMMAND};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  REQUIRE(::posix_spawn(&child, argv[0], nullptr, nullptr, argv.data(), environ) == 0);
  for (int i = 0; i < 6000 && !begun(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const bool at_work = begun();
  ::kill(child, at_work ? signal : SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(at_work);
  return status;
}

/// Whether a hidden file or folder is there: ".NAME".
bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// Long enough to be interrupted: minutes of pin-accurate simulation.
const std::size_t kLong = 100000;

}  // namespace

TEST_CASE("flexcim run: a signal leaves no folder, neither the results' nor its parents, and kills") {
  const SmallRun small(kLong, "rtl");
  const auto before = names_in(small.path());
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const int status = interrupted(small.run(small / "deep/er/out"), signal,
                                   [&] { return exists(small / "deep/er/out/.flexcim-partial"); });
    CAPTURE(signal);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(names_in(small.path()) == before);
  }
}

TEST_CASE("flexcim run: a signal leaves earlier results as they were") {
  const SmallRun small;
  REQUIRE(flexcim_command(small.run(small / "out")).exit_code == 0);
  const auto before = names_in(small / "out");
  const std::string summary = file_bytes(small / "out/summary.json");
  const SmallRun again(kLong, "rtl");
  const int status =
      interrupted(again.run(small / "out"), SIGTERM, [&] { return exists(small / "out/.flexcim-partial"); });
  CHECK(WTERMSIG(status) == SIGTERM);
  CHECK(names_in(small / "out") == before);
  CHECK(file_bytes(small / "out/summary.json") == summary);
}

TEST_CASE("flexcim run: what a killed run has left goes with the next one") {
  const SmallRun large(kLong, "rtl");
  const SmallRun small;
  const std::string out = small / "out";
  const int status = interrupted(large.run(out), SIGKILL, [&] { return exists(out + "/.flexcim-partial"); });
  CHECK(WTERMSIG(status) == SIGKILL);
  write_file(out + "/.flexcim-partial/half", "x");
  REQUIRE(flexcim_command(small.run(out)).exit_code == 0);
  CHECK_FALSE(exists(out + "/.flexcim-partial"));
  CHECK(exists(out + "/summary.json"));
}

TEST_CASE("flexcim run: two runs into one folder are one too many") {
  const SmallRun large(kLong, "rtl");
  const SmallRun small;
  const std::string out = small / "out";
  interrupted(large.run(out), SIGTERM, [&] {
    if (!exists(out + "/.flexcim-partial")) return false;
    CHECK(refusal(small.run(out)) == "flexcim: " + out + ": another run is writing its results into it\n");
    return true;
  });
}

TEST_CASE("flexcim run: SIGINT and SIGTERM keep the layers that are complete, marked and valid") {
  const Scratch scratch;
  const std::string models = FLEXCIM_SCENARIOS_DIR "/models/tiny-llama";
  // Seven layers of some tenths of a second each.
  const std::string scenario =
      write_file(scratch / "block.yaml",
                 "name: block\nfidelity: rtl\narchitecture: {base: flexcim_published, rows: 4, cols: 4}\n"
                 "workload: {kind: block, model: " +
                     models + ", block: 2, tokens: {text: " + models +
                     "/evaluation.txt, first: 0, count: 250}, flow: {calibration: " + models +
                     "/calibration.txt, samples: 1, objective: published, update: none, cache: cache}}\ntrace: "
                     "{waveform: false}\n");
  const std::string out = scratch / "out", partial = scratch / "out.partial";
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    fs::remove_all(partial);
    for (auto delay = std::chrono::milliseconds(200); !exists(partial) && delay.count() < 60'000; delay *= 2) {
      const int status = interrupted({"run", scenario, "--out", out}, signal, [&] {
        if (!exists(out + "/.flexcim-partial")) return false;
        std::this_thread::sleep_for(delay);
        return true;
      });
      REQUIRE(WIFSIGNALED(status));
      CHECK(WTERMSIG(status) == signal);
    }
    CHECK_FALSE(exists(out));
    const auto summary = nlohmann::json::parse(file_bytes(partial + "/summary.json"));
    CHECK(summary["interrupted"]["signal"] == (signal == SIGINT ? "SIGINT" : "SIGTERM"));
    CHECK(summary["interrupted"]["of"] == 7);
    CHECK(summary["interrupted"]["layers"] == summary["layers"].size());
    CHECK(summary["match"] == true);
    CHECK((summary["layers"].size() >= 1 && summary["layers"].size() < 7));
    // What it reads it checks: every sum, every window, every tensor.
    CHECK(flexcim_command({"report", partial, "--out", scratch / "page.html"}).exit_code == 0);
    REQUIRE(flexcim_command({"run", scenario, "--fidelity", "tlm", "--out", scratch / "whole"}).exit_code == 0);
    const auto whole = nlohmann::json::parse(file_bytes(scratch / "whole/summary.json"));
    for (std::size_t i = 0; i < summary["layers"].size(); ++i) {
      CHECK(summary["layers"][i]["name"] == whole["layers"][i]["name"]);
      CHECK(summary["layers"][i]["cycles"] == whole["layers"][i]["cycles"]);
    }
    CHECK_FALSE(whole.contains("interrupted"));
  }
}

TEST_CASE("flow prune: a signal leaves no partial file and the earlier output") {
  const ModelFolder folder(tiny_llama(83, false, 40, kBytes));
  const std::string output = write_file(folder / "packed", "old");
  // By errors, for then the file is open while all linears are pruned; by loss they are before it is begun.
  const std::vector<std::string> words{"flow",        "prune", folder.path(), "--calibration", folder.calibration(),
                                       "--objective", "error", "-o",          output};
  const int status = interrupted(words, SIGINT, [&] { return exists(folder / ".packed.partial"); });
  CHECK(WTERMSIG(status) == SIGINT);
  CHECK_FALSE(exists(folder / ".packed.partial"));
  CHECK(file_bytes(output) == "old");
}
