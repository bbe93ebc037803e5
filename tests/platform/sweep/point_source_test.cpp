// From a scenario to the points of its sweep.
#include "platform/sweep/point_source.h"

#include "tests/platform/sweep/sweep_text.h"

#include <catch2/catch.hpp>
#include <set>

using namespace flexcim;

namespace {

using Words = std::vector<std::string>;

const std::string kAxes =
    "axes: [{axis: window, key: architecture.window, values: [1, 2, 4]}, {zip: [{axis: rows, key: architecture.rows, "
    "values: [16, 32]}, {axis: memory, values: {slow: {architecture.dram.standard: lpddr4}, fast: "
    "{architecture.dram.standard: hbm2, architecture.dram.channels: 8}}}]}]";

std::unique_ptr<PointSource> source_of(const std::string& sweep) {
  const TempFolder folder;
  return make_point_source(load(folder, sweep_text(sweep)));
}

std::string changes_of(const SweepPoint& point) {
  std::string text;
  for (const Override& change : point.changes) text += change.path + "=" + change.value + " ";
  return text;
}

std::string words_error(const std::string& text) {
  const TempFolder folder;
  return error_in(folder, [&] { make_point_source(load(folder, text)); });
}

}  // namespace

TEST_CASE("Points: a grid has every value of every axis, and those that go together are columns of their own") {
  const auto source = source_of(kAxes);
  REQUIRE(source->size() == 6);
  CHECK(source->ready() == 6);
  CHECK(column_names(sweep_of(kAxes)) == Words{"window", "rows", "memory"});
  CHECK(source->at(0).values == Words{"1", "16", "slow"});
  CHECK(source->at(1).values == Words{"1", "32", "fast"});
  CHECK(source->at(4).values == Words{"4", "16", "slow"});
  CHECK(changes_of(source->at(5)) ==
        "architecture.window=4 architecture.rows=32 architecture.dram.standard=hbm2 architecture.dram.channels=8 ");
  CHECK_THROWS_AS(source->at(6), std::out_of_range);
}

TEST_CASE("Points: a grid of 10^9 points is no list") {
  const auto source = source_of(
      "axes: [{axis: a, key: architecture.clock_mhz, range: {from: 1, to: 1000}}, {axis: b, key: "
      "architecture.interconnect.latency_cycles, range: {from: 1, to: 1000}}, {axis: c, key: workload.tokens, range: "
      "{from: 1, to: 1000}}]");
  CHECK(source->size() == 1'000'000'000);
  CHECK(source->at(123'456'789).values == Words{"124", "457", "790"});
}

TEST_CASE("Points: samples have as many as they say") {
  for (const std::string kind : {"random", "latin_hypercube", "sobol"}) {
    const auto source = source_of(kAxes + ", sample: {kind: " + kind + ", points: 5}");
    CHECK(source->size() == 5);
    CHECK(source->ready() == 5);
    for (std::uint64_t point = 0; point < 5; ++point) CHECK(source->at(point).values.size() == 3);
  }
}

TEST_CASE("Points: a scenario of one point is the base with its changes, and no sweep") {
  const TempFolder folder;
  const Scenario scenario = load(folder, sweep_text(kAxes), {"workload.tokens=7"});
  const Scenario point = PointLoader(scenario).load(make_point_source(scenario)->at(5).changes);
  CHECK(point.architecture.macro.window == 4);
  CHECK(point.architecture.macro.rows == 32);
  CHECK(point.architecture.dram.channels == 8);
  CHECK(std::get<ShapesWorkload>(point.workload).tokens == 7);
  CHECK_FALSE(point.sweep);
}

TEST_CASE("Points: a search asks for what was good, most of a metric where that is wanted") {
  const TempFolder folder;
  const Scenario scenario = load(
      folder,
      "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: llama-2-7b}\nsweep: {axes: [{axis: tokens, key: "
      "workload.tokens, range: {from: 1, to: 1000}}, {axis: clock, key: architecture.clock_mhz, range: {from: 1, to: "
      "1000}}], sample: {kind: search, points: 300, population: 20}, objectives: [{maximize: utilization}]}\n");
  const auto source = make_point_source(scenario);
  CHECK(source->ready() == 20);
  CHECK_THROWS_AS(source->at(20), std::out_of_range);
  double best = 0;
  for (std::uint64_t point = 0; point < source->size(); ++point) {
    const Words values = source->at(point).values;
    const double sum = std::stod(values[0]) + std::stod(values[1]);
    best = std::max(best, sum);
    // Every tenth has no result; one says something that is no number.
    if (point % 10 == 0)
      source->tell(point, {});
    else
      source->tell(point, {point == 5 ? std::nan("") : sum});
  }
  CHECK(best > 1980);  // of 2000; the best of 300 by chance is about 1920
}

TEST_CASE("Points: metrics that there are not, and axes that are called like columns") {
  CHECK(words_error("name: q\nfidelity: estimate\nworkload: {kind: shapes, model: llama-2-7b}\nsweep:\n"
                    "  axes: [{axis: a, key: architecture.rows, values: [16]}]\n"
                    "  objectives: [{minimize: time_ns}, {minimize: enrgy_pj}, {maximize: time_ns}]\n")
            .find("q.yaml:6:48: sweep.objectives.1.minimize: there is no metric \"enrgy_pj\"; did you mean "
                  "\"energy_pj\"? Metrics: cycles, stall_cycles, time_ns, ") == 0);
  CHECK(words_error("name: q\nfidelity: estimate\nworkload: {kind: shapes, model: llama-2-7b}\nsweep:\n"
                    "  axes: [{axis: a, key: architecture.rows, values: [16]}]\n"
                    "  objectives: [{minimize: time_ns}, {maximize: time_ns}]\n") ==
        "q.yaml:6:48: sweep.objectives.1.maximize: another objective is time_ns");
  CHECK(words_error(sweep_text("axes: [{axis: cycles, key: architecture.rows, values: [16]}]"))
            .find("sweep.axes: \"cycles\" is a column of every sweep; an axis needs another name") !=
        std::string::npos);
}

TEST_CASE("Points: the example of docs/sweeps.md has 448, of which it asks for 200") {
  const std::string page = read_text_file(std::string(FLEXCIM_DOCS_DIR) + "/sweeps.md");
  const std::string begin = "```yaml\n";
  const std::size_t at = page.find(begin) + begin.size();
  const TempFolder folder;
  const Scenario scenario = load(folder, page.substr(at, page.find("```", at) - at));
  CHECK(scenario.sweep->grid_size() == 448);
  CHECK(make_point_source(scenario)->size() == 200);
}
