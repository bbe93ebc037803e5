// Models by their shapes: what flexcim run estimates, alone and at the points of a comparison.
#include "tests/platform/flexcim_command.h"
#include "tests/platform/small_llama.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>

using Catch::Matchers::Contains;

namespace {

/// A folder with a small model's config.json and a scenario of it.
class Shapes {
 public:
  explicit Shapes(const std::string& more = "", const std::string& work = "") {
    write_file(scratch_ / "config.json", flexcim::test::kSmallLlama);
    write_file(file(), "name: small\nfidelity: estimate\nworkload: {kind: shapes, model: ./config.json, tokens: 16" +
                           work + "}\n" + more);
  }
  std::string file() const { return scratch_ / "small.yaml"; }
  std::string out() const { return scratch_ / "out"; }
  std::string result(const std::string& name) const { return file_bytes(out() + "/" + name); }
  nlohmann::json summary() const { return nlohmann::json::parse(result("summary.json")); }

  /// The summary of a run with these settings.
  nlohmann::json run(const std::vector<std::string>& settings = {}) const {
    std::vector<std::string> arguments{"run", file(), "--out", out()};
    for (const std::string& setting : settings) arguments = arguments + std::vector<std::string>{"--set", setting};
    const Outcome outcome = flexcim_command(arguments);
    INFO(outcome.error);
    REQUIRE(outcome.exit_code == 0);
    return summary();
  }

 private:
  Scratch scratch_;
};

/// Rows of a CSV file without quotes, by the names of its columns.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    std::map<std::string, std::string> row;
    std::size_t column = 0;
    for (std::string cell; std::getline(cells, cell, ',');) {
      if (rows.empty() && names.size() == column && line.rfind(names.empty() ? cell : names[0], 0) == 0)
        names.push_back(cell);
      if (names.size() > column) row[names[column]] = cell;
      ++column;
    }
    rows.push_back(row);
  }
  rows.erase(rows.begin());
  return rows;
}

}  // namespace

TEST_CASE("Every linear of a model is estimated, and the run is their sum") {
  const Shapes shapes;
  const nlohmann::json all = shapes.run({"workload.patterns.sparsity=0.5"});
  REQUIRE(all["layers"].size() == 4 * 7);
  std::uint64_t cycles = 0, macs = 0;
  double energy = 0, end_ns = 0;
  for (const nlohmann::json& layer : all["layers"]) {
    CHECK(layer["start_ns"].get<double>() == Approx(end_ns));
    end_ns += layer["cycles"].get<double>() * 2;  // 500 MHz
    cycles += layer["cycles"].get<std::uint64_t>();
    macs += layer["macs_dense"].get<std::uint64_t>();
    energy += layer["energy_pj"].get<double>();
    CHECK_FALSE(layer.contains("match"));
  }
  CHECK(all["cycles"] == cycles);
  CHECK(all["time_ns"].get<double>() == Approx(end_ns));
  CHECK(all["energy_pj"].get<double>() == Approx(energy));
  // q and o 256 x 256, k and v 128 x 256, three of 512 x 256.
  CHECK(macs == 16ULL * 4 * (2 * 256 * 256 + 2 * 128 * 256 + 3 * 512 * 256));
  CHECK(all["layers"][0]["pattern"] == "dense");  // the first block stays dense
  CHECK(all["layers"][7]["pattern"] == "4:8");
  CHECK(all["sparsity"]["reached"] == 0.5);
  const nlohmann::json head = shapes.run({"workload.lm_head=true"});
  REQUIRE(head["layers"].size() == 4 * 7 + 1);
  CHECK(head["layers"][28]["tokens"] == 1);
  CHECK(head["layers"][28]["shape"] == nlohmann::json({1000, 256}));
}

TEST_CASE("A comparison has a row for every point, which is what a run of that point alone gives") {
  const Shapes shapes(
      "compare:\n"
      "  - axis: design\n    reference: one\n"
      "    values: {one: {}, scan: {sequencing: scan}, big: {architecture: {base: flexcim_published, rows: 64}}}\n"
      "  - {axis: tokens, key: workload.tokens, values: [16, 1]}\n"
      "  - axis: weights\n"
      "    values: {resident: {architecture.weights_resident: true}, streamed: {architecture.weights_resident: "
      "false}}\n",
      ", patterns: {uniform: '4:8', keep_dense: none}");
  shapes.run();
  const auto rows = rows_of(shapes.result("comparison.csv"));
  REQUIRE(rows.size() == 3 * 2 * 2);
  CHECK(shapes.summary()["comparison"]["points"] == 12);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    CHECK(row["tokens"] == (i / 2 % 2 == 0 ? "16" : "1"));
    CHECK(row["weights"] == (i % 2 == 0 ? "resident" : "streamed"));
    CHECK(std::stod(row["time_ratio"]) ==
          Approx(std::stod(row["time_ns"]) / std::stod(rows[i % 4].at("time_ns"))).epsilon(1e-5));
    CHECK(std::stod(row["energy_ratio"]) ==
          Approx(std::stod(row["energy_pj"]) / std::stod(rows[i % 4].at("energy_pj"))).epsilon(1e-5));
  }
  CHECK(std::stod(rows[4].at("time_ratio")) > 1.01);  // a scan of 4:8 takes four phases in place of one
  const nlohmann::json alone =
      shapes.run({"compare=[]", "sequencing=scan", "workload.tokens=1", "architecture.weights_resident=true"});
  auto scan = rows[4 + 2];
  CHECK(scan["design"] == "scan");
  CHECK(scan["cycles"] == alone["cycles"].dump());
  CHECK(std::stod(scan["energy_pj"]) == Approx(alone["energy_pj"].get<double>()));
  CHECK(std::stod(scan["utilization"]) == Approx(alone["utilization"].get<double>()).margin(1e-6));
  CHECK(std::stod(scan["area_mm2"]) == Approx(alone["area_mm2"]["total"].get<double>()).margin(1e-6));
}

TEST_CASE("The shipped workloads run") {
  const std::string root = FLEXCIM_SOURCE_DIR;
  const Scratch scratch;
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(root + "/scenarios/workloads")) {
    INFO(file.path());
    const Outcome outcome = flexcim_command(
        {"run", file.path().string(), "--set", "compare=[]", "--out", scratch / std::to_string(count++)});
    CHECK(outcome.error == "");
    CHECK(outcome.exit_code == 0);
    const bool in_steps = file_bytes(file.path().string()).find("\n  steps:\n") != std::string::npos;
    CHECK((outcome.output.find(" tokens out, ") != std::string::npos) == in_steps);
  }
  CHECK(count == 8);
}

TEST_CASE("docs/headline.md has the tables that scenarios/headline.yaml gives", "[slow]") {
  const std::string root = FLEXCIM_SOURCE_DIR;
  const Scratch scratch;
  const Outcome run = flexcim_command({"run", root + "/scenarios/headline.yaml", "--out", scratch / "headline"});
  INFO(run.error);
  REQUIRE(run.exit_code == 0);
  const Outcome tables = run_program(
      {"/usr/bin/python3", root + "/scripts/comparison_tables.py", scratch / "headline", root + "/docs/headline.md"});
  CHECK(tables.exit_code == 0);
  CHECK(tables.error.empty());
  CHECK(tables.output.empty());
}

TEST_CASE("What an estimate has no meaning for is refused, and so is a point that cannot run") {
  const Shapes shapes;
  const auto refused = [&](const std::string& setting, const std::string& why) {
    CHECK_THAT(refusal({"run", shapes.file(), "--set", setting, "--out", shapes.out()}), Contains(why));
  };
  refused("fidelity=tlm", "fidelity: the workload shapes has no data: it runs as an estimate only");
  refused("workload={kind: firmware}", "workload: an estimate runs no firmware");
  refused("also=[{fidelity: tlm}]", "also: an estimate has no further runs");
  refused("observe.timeline=true", "observe: an estimate simulates nothing that could be observed");
  refused("toggles=true", "toggles: an estimate has no data that could toggle");
  refused("trace.soc=true", "trace.soc: an estimate has no signals");
  refused("workload.model=llama-2-8b",
          "there is no model \"llama-2-8b\"; did you mean \"llama-2-7b\"? Known: llama-2-13b");
  refused("workload.model=other.json", "other.json");
  refused("workload.patterns.sparsity=0.8", "workload.patterns.sparsity: 0.8 is above the sparsity of every candidate");
  refused("workload.patterns.uniform='3:16'", "3:16");
  refused("architecture.buffers.activation.bytes=256", "architecture.buffers");
  refused("compare=[{axis: a, key: workload.tokens, values: []}]", "compare.0.values: has no value");
  refused("compare=[{axis: a, values: [1, 2]}]", "values without names need the \"key\" that they are of");
  refused("compare=[{axis: a, key: workload.tokens, values: [1, 1]}]", "has \"1\" twice");
  refused("compare=[{axis: a, values: {x: {}}, reference: y}]", "compare.0.reference: \"y\" is no value of it");
  refused("compare=[{axis: a, values: {x: {compare: []}}}]", "a point cannot change the axes that it is of");
  refused("compare=[{axis: a, key: workload.tokens, values: [1, 0]}]", "compare, a 0: ");
  refused("compare=[{axis: a, values: {x: {}}, reference: x}, {axis: b, values: {y: {}}, reference: y}]",
          "compare.1.reference: another axis has one");
  refused("compare=[{axis: a, key: name, values: [x]}, {axis: a, key: name, values: [y]}]",
          "compare.1.axis: another axis has that name");
}
