// docs/fast_path.md: with and without it, a run leaves the same files.
#include "tests/platform/flexcim_command.h"
#include "tests/platform/small_run.h"
#include "tests/platform/visibility/trace_check.h"

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

/// What a shipped scenario is pruned by here, ten times as fast: that of weights matters little.
std::vector<std::string> quickly_pruned(const std::string& scenario, std::vector<std::string> settings) {
  std::vector<std::string> run{"run", std::string(FLEXCIM_SOURCE_DIR) + "/scenarios/" + scenario};
  settings.insert(settings.end(), {"workload.flow.objective=published", "workload.flow.update=none"});
  for (const std::string& setting : settings) run.insert(run.end(), {"--set", setting});
  return run;
}

}  // namespace

TEST_CASE("Fast path: off, the waveform of the SoC is the same") {
  const SmallRun small(40);
  compare({"run", small.scenario(), "--set", "trace.soc=true", "--set", "trace.to=1000000"}, small.path());
  CHECK(file_bytes(small.path() + "/with/wave.vcd").size() > 10000);
}

TEST_CASE("Fast path: off, the waveform of a SoC with shadow update and single banks is the same, inside a window") {
  const Scratch scratch;
  compare(quickly_pruned("quickstart.yaml",
                         {"also=[]", "trace={soc: true, from: 2000, to: 30000}",
                          "architecture={weight_update: shadow, buffers: {weight: {banks: 1}, output: {banks: 1}}}"}),
          scratch.str());
}

TEST_CASE("Waveform of the SoC: it changes no other file, and runs of also are not in it") {
  const SmallRun small(40);
  const std::vector<std::string> run{"run", small.scenario(), "--set", "also=[{fidelity: tlm}]"};
  std::vector<std::string> traced = run, alone{"run", small.scenario(), "--set", "trace.soc=true"};
  traced.insert(traced.end(), {"--set", "trace.soc=true"});
  auto plain = files(run, small.path() + "/plain", "on"), with = files(traced, small.path() + "/traced", "on");
  CHECK((with.at("wave.vcd") == files(alone, small.path() + "/alone", "on").at("wave.vcd")));
  CHECK(with.erase("wave.vcd") + with.erase("wave.gtkw") == 2);
  const std::string key = "\"trace\": {";
  std::string& summary = with.at("summary.json");
  const std::size_t begin = summary.find(key), end = summary.find("},\n  ", begin);
  REQUIRE(begin != std::string::npos);
  summary.erase(begin, end + 5 - begin);
  for (const auto& [name, bytes] : plain) {
    CAPTURE(name);
    CHECK((with.at(name) == bytes));
  }
  CHECK(with.size() == plain.size());
}

TEST_CASE("Fast path: off, a gemm has the same files at both fidelities") {
  const SmallRun small(40);
  compare({"run", small.scenario(), "--set", "power_window_ns=50", "--set", "also=[{fidelity: rtl}]"}, small.path());
}

TEST_CASE("Fast path: without it the clock of the macros stands still in the same cycles") {
  for (const char* update : {"blocking", "shadow"}) {
    const SmallRun small(1, "rtl", 128, 256);
    compare({"run", small.scenario(), "--set", std::string("architecture.weight_update=") + update}, small.path());
  }
}

TEST_CASE("Fast path: off, a block of a language model has the same files") {
  const Scratch scratch;
  compare(quickly_pruned("quickstart.yaml", {"workload.tokens.count=3", "also=[]"}), scratch.str());
}

TEST_CASE("Fast path: off, a generated text has the same files") {
  const Scratch scratch;
  compare(quickly_pruned("generate_tiny_llama.yaml", {"workload.tokens=3"}), scratch.str());
}

TEST_CASE("Fast path: off, the timeline of a generation is the same, with a row for every channel of the DRAM") {
  const Scratch scratch;
  compare(quickly_pruned("generate_tiny_llama.yaml", {"workload.tokens=1", "architecture.dram.channels=4",
                                                      "observe.timeline=true", "observe.timeline_to=3000000"}),
          scratch.str());
  const auto events = flexcim::test::checked_events(file_bytes(scratch.str() + "/with/timeline.json"));
  for (int channel = 0; channel < 4; ++channel) {
    INFO(channel);
    const auto names = flexcim::test::events_of(events, 4 + channel, "M", "process_name");
    CHECK(names.at(0)["args"]["name"] == "DRAM channel " + std::to_string(channel));
    CHECK(flexcim::test::slices_of(events, 4 + channel, "access 0").size() > 50);
    CHECK(flexcim::test::curves_of(events, 4 + channel)["bytes_per_s"] > 0);
  }
  const auto commands = flexcim::test::slices_of(events, 2, "commands");
  CHECK(commands.size() > 3);
  CHECK(flexcim::test::slices_of(events, 2, "descriptors").size() == commands.size());
  for (const char* row : {"weight loads", "tiles", "write-backs 0"}) {
    INFO(row);
    CHECK(flexcim::test::slices_of(events, 2, row).size() > 0);
  }
}
