// docs/fast_path.md: with and without it, a run leaves the same files.
#include "tests/platform/flexcim_command.h"
#include "tests/platform/small_run.h"

#include <map>

namespace {

/// What a run leaves, by name, but for its settings and their checksum.
std::map<std::string, std::string> files(const std::vector<std::string>& run, const std::string& folder,
                                         const std::string& fast_path) {
  std::vector<std::string> arguments = run;
  for (const std::string& word :
       {std::string("--out"), folder, std::string("--set"), "simulation.fast_path=" + fast_path})
    arguments.push_back(word);
  const Outcome outcome = flexcim_command(arguments);
  INFO(outcome.error);
  REQUIRE(outcome.exit_code == 0);
  std::map<std::string, std::string> left;
  for (const std::string& name : names_in(folder)) {
    if (name != "scenario.yaml" && name != ".flexcim-results") left[name] = file_bytes(folder + "/" + name);
  }
  return left;
}

void compare(const std::vector<std::string>& run, const std::string& work) {
  const auto with = files(run, work + "/with", "on");
  const auto without = files(run, work + "/without", "off");
  CHECK(with.size() > 3);
  REQUIRE(with.size() == without.size());
  for (const auto& [name, bytes] : with) {
    CAPTURE(name);
    REQUIRE(without.count(name) == 1);
    CHECK((without.at(name) == bytes));
  }
}

}  // namespace

TEST_CASE("Fast path: off, a gemm has the same files at both fidelities") {
  const SmallRun small(40);
  compare({"run", small.scenario(), "--set", "power_window_ns=50", "--set", "also=[{fidelity: rtl}]"}, small.path());
}

TEST_CASE("Fast path: off, a block of a language model has the same files") {
  const Scratch scratch;
  compare({"run", std::string(FLEXCIM_SOURCE_DIR) + "/scenarios/quickstart.yaml", "--set", "workload.tokens.count=3",
           "--set", "also=[]"},
          scratch.str());
}

TEST_CASE("Fast path: off, a generated text has the same files") {
  const Scratch scratch;
  compare(
      {"run", std::string(FLEXCIM_SOURCE_DIR) + "/scenarios/generate_tiny_llama.yaml", "--set", "workload.tokens=3"},
      scratch.str());
}
