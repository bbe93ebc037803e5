// The keys of `trace`, from the text of a scenario to the files of a run.
#include "platform/run/trace.h"

#include "tests/flow/random_linear.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/temp_folder.h"

#include <systemc>

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace flexcim;

namespace {

/// A small GEMM takes the place of the workload, at fidelity rtl.
struct TracedRun {
  TempFolder folder;
  std::vector<GemmJob> jobs;
  Scenario scenario;
  std::vector<std::unique_ptr<Simulation>> simulations;

  TracedRun(const std::string& trace, const std::vector<Override>& overrides) {
    std::mt19937 random(1);
    jobs.push_back({test::random_linear(random, {2, 4}, 32, 256, 1), test::random_activations(random, 4, 256)});
    scenario = load_scenario(
        folder.write("q.yaml", "name: q\nfidelity: rtl\nworkload: {kind: gemm, weights: w, activations: x}\n" + trace),
        overrides);
    simulations.push_back(
        std::make_unique<GemmSimulation>("rtl", scenario, Fidelity::rtl, std::vector<const GemmJob*>{&jobs[0]}));
  }
  std::unique_ptr<RunTrace> trace() { return make_trace(scenario, simulations, folder.path()); }
  std::string error() {
    std::string text = input_error([this] { trace(); });
    const std::string prefix = folder.path().string() + "/";
    for (std::size_t at = 0; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
    return text;
  }
};

}  // namespace

TEST_CASE("trace: signals, from and to of a scenario are what the waveform has") {
  TracedRun run("trace: {from: 1340, to: 1400, signals: [\"macro.sub[1].line_*\", \"*.state\"]}\n", {});
  const auto waveform = run.trace();
  sc_core::sc_start();
  waveform->close({});
  const std::string vcd = run.folder.read("wave.vcd");
  CHECK(vcd.find(" line_00 [7:0] $end") != std::string::npos);
  CHECK(vcd.find(" line_63 [7:0] $end") != std::string::npos);
  CHECK(vcd.find(" state $end") != std::string::npos);
  CHECK(vcd.find("$scope module sub_1 $end") != std::string::npos);
  CHECK(vcd.find("$scope module sub_0 $end") == std::string::npos);
  std::uint64_t first = 0, last = 0;
  for (std::size_t at = 0; (at = vcd.find("\n#", at)) != std::string::npos; at += 2) {
    last = std::stoull(vcd.substr(at + 2, 20));
    if (first == 0) first = last;
  }
  CHECK(first >= 1340000);
  CHECK(last > first);
  CHECK(last <= 1401000);  // half a cycle, for the last falling edge of the clock
  CHECK(run.folder.read("wave.gtkw").find("top.macro.sub_1.line_00[7:0]") != std::string::npos);
}

TEST_CASE("trace: the view opens where the first tile is loaded") {
  TracedRun whole("trace: {from: 0}\n", {});
  const auto waveform = whole.trace();
  sc_core::sc_start();
  CHECK(waveform->close({}).first_ps < 1350000);  // the buffers are filled before
  CHECK_THAT(whole.folder.read("wave.gtkw"), Catch::Contains("[timestart] 1350000\n"));
}

TEST_CASE("trace: how much of the window a run has reached") {
  TracedRun run("trace: {from: 800, to: 830}\n", {});
  const auto waveform = run.trace();
  sc_core::sc_start();
  const TraceResult recorded = waveform->close({});
  CHECK(recorded.cycles == 3);  // of 2 ns, since the first bytes come for a buffer
  CHECK(recorded.first_ps == 826000);
  CHECK(recorded.last_ps == 830000);
}

TEST_CASE("trace: a window that a run does not reach has no cycles") {
  TracedRun run("trace: {from: 100000, to: 200000}\n", {});
  const auto waveform = run.trace();
  sc_core::sc_start();
  CHECK(waveform->close({}).cycles == 0);
  CHECK(!waveform->written());
}

TEST_CASE("trace: every glob that matches nothing is named with its place and signals like it") {
  TracedRun run("trace:\n  signals:\n    - macro.*.use\n    - macro.sub[4].use\n", {});
  CHECK_THAT(run.error(), Catch::StartsWith("q.yaml:7:7: trace.signals.1: no signal matches \"macro.sub[4].use\"; "
                                            "there are macro.sub_0.use, "));
}

TEST_CASE("trace: a glob of --set that matches nothing is named as it was given") {
  TracedRun run("", {parse_override("trace.signals=[makro.*, x]")});
  CHECK_THAT(run.error(),
             Catch::Contains("--set trace.signals=[makro.*, x]: trace.signals.0: no signal matches \"makro.*\"; ") &&
                 Catch::Contains("\n--set trace.signals=[makro.*, x]: trace.signals.1: no signal matches \"x\"; "));
}

TEST_CASE("trace: an FST without vcd2fst says what to install, before anything runs") {
  TracedRun run("trace: {fst: true}\n", {});
  setenv("PATH", "/nonexistent", 1);
  CHECK(run.error() ==
        "q.yaml:4:14: trace.fst: an FST is written by vcd2fst, which is not installed (Debian package gtkwave)");
  CHECK(!std::filesystem::exists(run.folder.path() / "wave.vcd"));
}

TEST_CASE("trace: fst in place of the VCD") {
  TracedRun run("trace: {fst: true}\n", {});
  const auto waveform = run.trace();
  sc_core::sc_start();
  waveform->close({});
  CHECK(std::filesystem::exists(run.folder.path() / "wave.fst"));
  CHECK(!std::filesystem::exists(run.folder.path() / "wave.vcd"));
  CHECK(run.folder.read("wave.gtkw").find("wave.fst\"") != std::string::npos);
}

TEST_CASE("trace: nothing where no waveform is wanted or nothing is pin-accurate") {
  TracedRun run("trace: {waveform: false, signals: [no.such]}\n", {});
  CHECK(run.trace() == nullptr);
  run.scenario.trace.waveform = true;
  run.simulations.clear();
  CHECK(run.trace() == nullptr);
}
