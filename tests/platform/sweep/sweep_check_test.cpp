// What no single key of a sweep shows, and what it says then.
#include "tests/platform/sweep/sweep_text.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

const std::string kWindow = "{axis: window, key: architecture.window, values: [1, 2]}";

}  // namespace

TEST_CASE("Sweep: axes that are called alike or undo each other") {
  CHECK(sweep_error("axes: [" + kWindow + ", {axis: Window, key: architecture.rows, values: [16]}]") ==
        "sweep.axes.1.axis: another axis is called \"Window\"");
  CHECK(sweep_error("axes: [" + kWindow + ", {axis: base, key: architecture, values: [flexcim_window2]}]") ==
        "sweep.axes.1: changes architecture, which undoes the axis \"window\"");
  CHECK(sweep_error("axes: [{axis: base, key: architecture, values: [flexcim_window2]}, " + kWindow + "]").empty());
  CHECK(error_of(sweep_text("axes: [" + kWindow + "]"), {"architecture.window=4"})
            .find("sweep.axes.0: changes architecture.window, which undoes --set architecture.window=4") !=
        std::string::npos);
}

TEST_CASE("Sweep: values that their key cannot have") {
  CHECK(sweep_error("axes: [{axis: window, key: architecture.window, values: [1, 3, 5]}]") ==
        "sweep.axes.0: --set architecture.window=3: architecture.window: 3 is no power of two 1…16");
  CHECK(sweep_error("axes: [{axis: window, key: architecture.windw, values: [1, 2]}]")
            .find("sweep.axes.0: architecture.windw: \"windw\" is an unknown key; did you mean \"window\"?") == 0);
  CHECK(sweep_error("axes: [{axis: memory, values: {one: {architecture.dram.standard: hbm}}}]")
            .find("sweep.axes.0: --set architecture.dram.standard=hbm: architecture.dram.standard: there is no DRAM "
                  "device \"hbm\"; did you mean \"hbm2\"?") == 0);
  CHECK(sweep_error("axes: [{axis: a, key: sweep.sample, values: [grid]}]") ==
        "sweep.axes.0.values: a point cannot change the axes that it is of");
}

TEST_CASE("Sweep: results are read where the files of its values are not") {
  const TempFolder folder;
  folder.write("mine.yaml", "{base: flexcim_published}");
  const Scenario scenario = load(folder, sweep_text("axes: [{axis: a, key: architecture, values: [./mine.yaml]}]"));
  make_point_source(scenario);
  const Scenario kept = load_scenario(folder.write("out/scenario.yaml", effective_yaml(scenario)), {});
  CHECK(kept.sweep->axes.size() == 1);
  CHECK(error_in(folder, [&] { make_point_source(kept); }).find("mine.yaml") != std::string::npos);
}

TEST_CASE("Sweep: more points than there are, or than a grid may have") {
  CHECK(sweep_error("axes: [" + kWindow + "], sample: {kind: random, points: 3}") ==
        "sweep.sample.points: 3 are more than all points of the axes, 2; none comes twice");
  CHECK(sweep_error("axes: [" + kWindow + "], sample: {kind: search, points: 3}")
            .find("sweep.sample.points: 3 are more than all points of the axes, 2") == 0);
  CHECK(sweep_error("axes: [" + kWindow + "], sample: {kind: sobol, points: 3}").empty());
  std::string axes;
  for (const char* key : {"architecture.clock_mhz", "workload.tokens", "architecture.dram.bytes", "power_window_ns"}) {
    axes +=
        (axes.empty() ? "" : ", ") + ("{axis: " + std::string(key)) + ", key: " + key + ", range: {from: 1, to: 1000}}";
  }
  CHECK(sweep_error("axes: [" + axes + "]") == "sweep: is a grid of more than 1000000000 points; a sample has fewer");
}

TEST_CASE("Sweep: a sample says what its kind needs and no more") {
  const std::string axes = "axes: [" + kWindow + "], sample: ";
  CHECK(sweep_error(axes + "grids") ==
        "sweep.sample: \"grids\" is none of grid | random | latin_hypercube | sobol | search; did you mean \"grid\"?");
  CHECK(sweep_error(axes + "random") == "sweep.sample: the key \"points\" is missing: how many points of random");
  CHECK(sweep_error(axes + "{points: 2}").find("sweep.sample: the key \"kind\" is missing") == 0);
  CHECK(sweep_error(axes + "{kind: grid, points: 2}") == "sweep.sample.points: a grid has all of its points");
  CHECK(sweep_error(axes + "{kind: grid, seed: 2}") == "sweep.sample.seed: a grid has no chance in it");
  CHECK(sweep_error(axes + "{kind: random, points: 2, population: 8}") ==
        "sweep.sample.population: only a search has generations");
  CHECK(sweep_error(axes + "{kind: random, points: 0}").find("sweep.sample.points: 0 is outside 1…1000000000") == 0);
}

TEST_CASE("Sweep: constraints and objectives that are none") {
  CHECK(sweep_error("axes: [" + kWindow + "], constraints: ['architecture.window >= 1', 'architecture.window >=']")
            .find("sweep.constraints.1: Unexpected end of expression") == 0);
  CHECK(
      sweep_error("axes: [" + kWindow + "], constraints: ['architecture.windows > 1']")
          .find("sweep.constraints.0: architecture.windows: \"windows\" is an unknown key; did you mean \"window\"?") ==
      0);
  CHECK(sweep_error("axes: []").find("sweep.axes: is empty; expected a list of map") == 0);
  const std::string begin =
      "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: llama-2-7b}\nsweep:\n  axes: [" + kWindow + "]\n";
  CHECK(error_of(begin).find("the key \"objectives\" is missing") != std::string::npos);
  CHECK(error_of(begin + "  objectives: []\n").find("sweep.objectives: is empty") != std::string::npos);
  CHECK(error_of(begin + "  objectives: [{least: time_ns}]\n") ==
        "q.yaml:6:16: sweep.objectives.0: expected {minimize: metric} | {maximize: metric}");
  CHECK(error_of(begin + "  objectives: [time_ns]\n") ==
        "q.yaml:6:16: sweep.objectives.0: expected {minimize: metric} | {maximize: metric}");
}

TEST_CASE("Sweep: not beside a comparison, and of any fidelity") {
  CHECK(error_of(sweep_text("axes: [" + kWindow + "]") + "compare: [{axis: a, key: architecture.rows, values: [16]}]\n")
            .find("sweep: is one set of points, compare another; a scenario has one") != std::string::npos);
  CHECK(error_of(std::string(kMinimal) + "sweep: {axes: [" + kWindow + "], objectives: [{minimize: time_ns}]}\n")
            .empty());
}
