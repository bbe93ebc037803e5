// The axes of a sweep as they are read, and written back.
#include "tests/platform/sweep/sweep_text.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

using Words = std::vector<std::string>;

Words values_of_axis(const std::string& values) {
  const SweepSpec sweep = sweep_of("axes: [{axis: a, key: architecture.clock_mhz, " + values + "}]");
  return names_of(sweep.axes.at(0).parts.at(0));
}

std::string axis_error(const std::string& values) {
  return sweep_error("axes: [{axis: a, key: architecture.clock_mhz, " + values + "}]");
}

}  // namespace

TEST_CASE("Axes: a range goes up by its step and never over its end") {
  CHECK(values_of_axis("range: {from: 1, to: 4}") == Words{"1", "2", "3", "4"});
  CHECK(values_of_axis("range: {from: 10, to: 19, step: 4}") == Words{"10", "14", "18"});
  CHECK(values_of_axis("range: {from: 1.1, to: 1.5, step: 0.1}") == Words{"1.1", "1.2", "1.3", "1.4", "1.5"});
  CHECK(values_of_axis("range: {from: 7, to: 7}") == Words{"7"});
  const SweepSpec large =
      sweep_of("axes: [{axis: a, key: architecture.dram.bytes, range: {from: 1099511627775, to: 1099511627776}}]");
  CHECK(names_of(large.axes.at(0).parts.at(0)) == Words{"1099511627775", "1099511627776"});
}

TEST_CASE("Axes: a log range goes up by a factor, or in so many equal ratios") {
  CHECK(values_of_axis("log_range: {from: 64, to: 600, factor: 2}") == Words{"64", "128", "256", "512"});
  CHECK(values_of_axis("log_range: {from: 2, to: 20, factor: 1.5}") == Words{"2", "3", "5", "7", "10", "15"});
  CHECK(values_of_axis("log_range: {from: 100, to: 1000, points: 4}") == Words{"100", "215", "464", "1000"});
  CHECK(values_of_axis("log_range: {from: 1.5, to: 24, points: 5}") == Words{"1.5", "3", "6", "12", "24"});
}

TEST_CASE("Axes: ranges that are none") {
  CHECK(axis_error("range: {from: 4, to: 1}") == "sweep.axes.0.range: to, 1, is below from, 4");
  CHECK(axis_error("range: {from: 1, to: 4, step: 0}") ==
        "sweep.axes.0.range.step: 0 is outside 1e-12…1000000000000000");
  CHECK(axis_error("range: {from: 1, to: 200001}") == "sweep.axes.0.range: has more than 100000 values");
  CHECK(axis_error("log_range: {from: 0, to: 4, factor: 2}") ==
        "sweep.axes.0.log_range.from: 0 is outside 1e-12…1000000000000000");
  CHECK(axis_error("log_range: {from: 1, to: 4, factor: 1}") ==
        "sweep.axes.0.log_range.factor: 1 is outside 1.001…1000000000000000");
  CHECK(axis_error("log_range: {from: 1, to: 4}") ==
        "sweep.axes.0.log_range: needs either a factor or how many points");
  CHECK(axis_error("log_range: {from: 1, to: 4, factor: 2, points: 2}") ==
        "sweep.axes.0.log_range: needs either a factor or how many points");
  CHECK(axis_error("log_range: {from: 2, to: 4, points: 4}") == "sweep.axes.0.log_range: has \"3\" twice");
  CHECK(axis_error("range: {from: 1, to: 4}, values: [1]") ==
        "sweep.axes.0: has values and range: one of them says what its values are");
  CHECK(axis_error("unit: MHz") ==
        "sweep.axes.0.unit: unknown key; did you mean \"axis\"? Valid keys: axis, key, values, range, log_range\n"
        "q.yaml:4:51: sweep.axes.0: the key \"values\" is missing, or \"range\" or \"log_range\"");
  CHECK(sweep_error("axes: [{axis: a, range: {from: 1, to: 4}}]") ==
        "sweep.axes.0.range: values without names need the \"key\" that they are of");
}

TEST_CASE("Axes: those that go together are one, of equal length") {
  const SweepSpec sweep = sweep_of(
      "axes: [{zip: [{axis: rows, key: architecture.rows, values: [16, 32]}, {axis: memory, values: {one: {"
      "architecture.dram.channels: 1}, two: {architecture.dram.channels: 2}}}]}]");
  REQUIRE(sweep.axes.size() == 1);
  REQUIRE(sweep.axes[0].parts.size() == 2);
  CHECK(sweep.axes[0].size() == 2);
  CHECK(names_of(sweep.axes[0].parts[1]) == Words{"one", "two"});
  CHECK(sweep_error("axes: [{zip: [{axis: a, key: architecture.rows, values: [16, 32]}, {axis: b, key: "
                    "architecture.cols, values: [16]}]}]") ==
        "sweep.axes.0.zip: \"a\" has 2 values, \"b\" has 1: they go together");
  CHECK(sweep_error("axes: [{zip: [{axis: a, key: architecture.rows, values: [16, 32]}]}]") ==
        "sweep.axes.0.zip: expected a list of two axes or more");
  CHECK(sweep_error("axes: [{axis: z, zip: [{axis: a, key: architecture.rows, values: [16, 32]}, {axis: b, key: "
                    "architecture.cols, values: [16, 32]}]}]") ==
        "sweep.axes.0: has other keys beside zip; they belong to the axes in it");
}

TEST_CASE("Axes: a scenario that is written and read again has the same sweep") {
  const TempFolder folder;
  const std::string text = sweep_text(
      "axes: [{axis: clock, key: architecture.clock_mhz, log_range: {from: 100, to: 400, factor: 2}}, {zip: [{axis: "
      "rows, key: architecture.rows, values: [16, 32]}, {axis: memory, values: {lpddr4: {architecture.dram: {standard: "
      "lpddr4, channels: 2}}, hbm2: {architecture.dram.standard: hbm2}}}]}], sample: {kind: search, points: 5, "
      "population: 4, seed: 7}, constraints: ['architecture.rows <= 32']");
  const std::string effective = effective_yaml(load(folder, text));
  const Scenario again = load_scenario(folder.write("q.yaml", effective), {});
  CHECK(effective_yaml(again) == effective);
  REQUIRE(again.sweep);
  REQUIRE(again.sweep->axes.size() == 2);
  CHECK(names_of(again.sweep->axes[0].parts.at(0)) == Words{"100", "200", "400"});
  const CompareAxis& memory = again.sweep->axes[1].parts.at(1);
  CHECK(memory.values.at(0).changes.at(0).path == "architecture.dram");
  CHECK(memory.values.at(0).changes.at(0).value == "{standard: lpddr4, channels: 2}");
  CHECK(again.sweep->sample.kind == SampleKind::search);
  CHECK(again.sweep->sample.points == 5);
  CHECK(again.sweep->sample.population == 4);
  CHECK(again.sweep->sample.seed == 7);
  CHECK(again.sweep->constraints == Words{"architecture.rows <= 32"});
  CHECK(again.sweep->objectives.at(0).metric == "time_ns");
  CHECK_FALSE(again.sweep->objectives.at(0).maximize);
}
