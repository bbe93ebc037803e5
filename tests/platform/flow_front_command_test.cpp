// flexcim flow front: the points that it prints, and what it refuses.
#include "tests/platform/flexcim_command.h"

#include <algorithm>
#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

/// A macro so small that the models have several tiles, more of them dense than pruned.
std::string small_architecture(const ModelFolder& folder) {
  return write_file(folder / "small.yaml", "base: flexcim_published\nrows: 2\ncols: 8\n");
}

/// By error: the loss of a random model may fall where it is pruned.
std::vector<std::string> front(const ModelFolder& folder, const std::vector<std::string>& more = {}) {
  return std::vector<std::string>{"flow", "front", folder.path(), "--calibration", folder.calibration()} +
         std::vector<std::string>{"--samples", "3", "--tokens", "8", "--keep-dense", "none"} +
         std::vector<std::string>{"--points", "4", "--objective", "error"} + more;
}

json points_of(const std::vector<std::string>& arguments) {
  const Outcome outcome = flexcim_command(arguments + std::vector<std::string>{"--json"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_code == 0);
  return outcome.json();
}

/// What a run of the model's shapes reports, every linear dense.
json dense_run(const ModelFolder& folder, const Scratch& scratch) {
  const std::string scenario =
      write_file(scratch / "dense.yaml",
                 "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: " + folder.path() +
                     "/config.json, tokens: 8, patterns: {uniform: dense, keep_dense: none}}\narchitecture: " +
                     small_architecture(folder) + "\n");
  const Outcome outcome = flexcim_command({"run", scenario, "--out", scratch / "out"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_code == 0);
  return json::parse(file_bytes(scratch / "out/summary.json"));
}

}  // namespace

TEST_CASE("flow front: less and less is spent, the dense model spends what a run of its shapes reports") {
  const ModelFolder folder(byte_llama(71));
  const Scratch scratch;
  const json run = dense_run(folder, scratch);
  double energy = 0;
  std::uint64_t bytes = 0;
  for (const json& layer : run["layers"]) {
    energy += layer["energy_pj"].get<double>();
    bytes += layer["dram_bytes"].get<std::uint64_t>();
  }
  for (const char* granularity : {"linear", "block"}) {
    for (const char* budget : {"cycles", "energy", "bytes"}) {
      CAPTURE(granularity, budget);
      const json result = points_of(front(
          folder, {"--budget", budget, "--granularity", granularity, "--architecture", small_architecture(folder)}));
      const json& points = result["points"];
      REQUIRE(points.size() >= 2);
      for (std::size_t i = 0; i < points.size(); ++i) {
        CHECK(points[i]["slack"] == 0);
        CHECK(points[i]["patterns"].size() == (std::string(granularity) == "block" ? 4 : 4 * 7));
        CHECK(points[i]["of_dense"].get<double>() ==
              Approx(points[i]["spend"].get<double>() / result["dense"].get<double>()));
        if (i == 0) continue;
        CHECK(points[i]["spend"] > points[i - 1]["spend"]);
        CHECK(points[i]["predicted_rise"] < points[i - 1]["predicted_rise"]);
      }
      CHECK(points.back()["predicted_rise"] == 0);
      const double dense = result["dense"].get<double>();
      CHECK(result["unit"] == (std::string(budget) == "energy" ? "fJ" : budget));
      if (std::string(budget) == "cycles") CHECK(dense == run["cycles"].get<double>());
      if (std::string(budget) == "energy") CHECK(dense / 1000 == Approx(energy));
      if (std::string(budget) == "bytes") CHECK(dense == static_cast<double>(bytes));
    }
  }
}

TEST_CASE("flow front: bits per token of its points are those of the int8 model of their patterns") {
  const ModelFolder folder(byte_llama(72));
  const std::vector<std::string> text{"--text", folder / "evaluation.txt", "--limit", "150"};
  const json points =
      points_of(front(folder, text + std::vector<std::string>{"--granularity", "linear", "--architecture",
                                                              small_architecture(folder)}))["points"];
  for (const json& point : points) {
    std::string patterns;
    for (const json& pattern : point["patterns"]) {
      const auto index = std::to_string(std::count(patterns.begin(), patterns.end(), '\n'));
      patterns += index + ":" + pattern.get<std::string>() + "\n";
    }
    const std::string packed = folder / "packed.safetensors";
    const Outcome pruned =
        flexcim_command({"flow", "prune", folder.path(), "--calibration", folder.calibration(), "--samples", "3",
                         "--cols", "8", "--method", "from_file", "--patterns",
                         write_file(folder / "patterns.txt", patterns), "--granularity", "linear", "-o", packed});
    INFO(pruned.error);
    REQUIRE(pruned.exit_code == 0);
    const Outcome measured = flexcim_command(std::vector<std::string>{"flow", "eval", packed, "--json"} + text);
    CHECK(point["bits_per_token"] == measured.json()["bits_per_token"]);
  }
  CHECK(points.front()["bits_per_token"] != points.back()["bits_per_token"]);
  // As a table.
  const Outcome table = flexcim_command(front(folder, text + std::vector<std::string>{"--budget", "energy"}));
  CHECK(table.exit_code == 0);
  CHECK_THAT(table.output, Contains("energy (fJ)  of dense  predicted rise  sparsity  bits per token\n"));
}

TEST_CASE("flow front: results do not depend on the number of threads") {
  const ModelFolder folder(byte_mamba(73));
  const std::vector<std::string> text{"--text", folder / "evaluation.txt"};
  const json one = points_of(front(folder, text + std::vector<std::string>{"--threads", "1"}));
  CHECK(one == points_of(front(folder, text + std::vector<std::string>{"--threads", "3"})));
}

TEST_CASE("flow front: bad input is refused with its name") {
  const ModelFolder folder(byte_llama(74));
  const auto refused = [&](const std::vector<std::string>& more, const std::string& why) {
    CHECK_THAT(refusal(front(folder) + more), Contains(why));
  };
  CHECK_THAT(
      refusal({"flow", "front", folder.path(), "--calibration", folder.calibration(), "--objective", "published"}),
      Contains("the published objective measures no costs"));
  CHECK_THAT(refusal({"flow", "front", folder.path()}), Contains("flow front: --calibration is needed"));
  refused({"--budget", "time"}, "budget \"time\" is none of cycles, energy, bytes");
  refused({"--architecture", "flexcim_publishd"}, "did you mean \"flexcim_published\"?");
  refused({"--architecture", folder / "none.yaml"}, "none.yaml");
  refused({"--candidates", "3:16,dense"}, "3:16");
  refused({"--policy", "free"}, "free");
  refused({"--text", folder / "none.txt"}, "none.txt");
  refused({"--weight-bits", "4"}, "int4");
  CHECK_THAT(refusal({"flow", "front", folder.path(), "--calibration", folder.calibration(), "--points", "1"}),
             Contains("--points"));
}
