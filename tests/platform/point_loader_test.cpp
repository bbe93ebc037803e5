// Scenarios of points: the same as if each were read by itself.
#include "tests/platform/scenario_text.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

constexpr const char* kText = R"(name: q
sweep:            # lines that a point does not read
  axes: [{axis: b, key: architecture.window, values: [1, 2]}]
  objectives: [{minimize: time_ns}]
fidelity: estimate
workload: {kind: shapes, model: llama-2-7b}
technology: {energy: {wire: {value: 0.2, unit: pJ/B/mm, tag: E, source: s}}}
)";

}  // namespace

TEST_CASE("A point's scenario is that of the file with its changes, for the first point and for later ones") {
  const TempFolder folder;
  const auto file = folder.write("q.yaml", kText);
  const Scenario scenario = load_scenario(file, {{"sequencing", "scan"}, {"sweep.sample", "grid"}});
  PointLoader loader(scenario);
  for (int point = 0; point < 3; ++point) {
    const std::vector<Override> changes{{"architecture.base", point == 1 ? "dense_dcim" : "flexcim_published"},
                                        {"architecture.rows", std::to_string(16 << point)}};
    const Scenario loaded = loader.load(changes);
    std::vector<Override> all{{"sequencing", "scan"}};
    all.insert(all.end(), changes.begin(), changes.end());
    Scenario alone = load_scenario(file, all);
    alone.sweep.reset();
    CHECK(effective_yaml(loaded) == effective_yaml(alone));
    for (const char* key : {"workload.tokens", "architecture.rows", "architecture.cols", "technology.energy.wire",
                            "technology.energy.add_16", "architecture.dram.standard.timing.CL", "sequencing"}) {
      CHECK(loaded.place(key) == alone.place(key));
    }
  }
}

TEST_CASE("What is wrong with a point has the place that it has in the file") {
  const TempFolder folder;
  const Scenario scenario = load(folder, kText);
  PointLoader loader(scenario);
  const auto same = [&](const std::vector<Override>& changes) {
    const std::string alone = input_error([&] { load_scenario(scenario.file, changes); });
    CHECK(!alone.empty());
    CHECK(input_error([&] { loader.load(changes); }) == alone);
  };
  for (int again = 0; again < 2; ++again) {
    same({{"architecture.rows", "3"}});
    same({{"architecture.rows", "32"}, {"architecture", "per_cell_mux"}});
    same({{"architecture", "no_such"}});
    same({{"architecture.window", "8"}});
    same({{"technology.energy.wire.unit", "pJ"}});
    same({{"workload.kind", "gemm"}});
  }
}

TEST_CASE("Keys are taken out of a text without moving the others") {
  const auto without = [](const std::string& text) { return without_keys(text, {"b", "d"}); };
  CHECK(without("a: 1\nb:\n  - 2\n# of c\nc: 3\n") == "a: 1\n\n\n\nc: 3\n");
  CHECK(without("b: 1\na: |\n  b: 2\nd: 4\n") == "\na: |\n  b: 2\n\n");
  CHECK(without("a: 1\nc: 3\n") == "a: 1\nc: 3\n");
  CHECK(without("{a: 1, b: 2}\n") == "{a: 1, b: 2}\n");
  CHECK(without("b: &x 1\na: *x\n") == "b: &x 1\na: *x\n");
  CHECK(without("a: [\n") == "a: [\n");
}

}  // namespace flexcim
