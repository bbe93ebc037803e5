// docs/accuracy.md against the command that its tables come from. What takes half a minute is for scripts/nightly.
#include "tests/platform/flexcim_command.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <map>
#include <sstream>

namespace {

const std::string kRoot = FLEXCIM_SOURCE_DIR;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line.substr(1));
  for (std::string cell; std::getline(stream, cell, '|');) {
    const std::size_t first = cell.find_first_not_of(' ');
    cells.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
  }
  return cells;
}

/// The table of one model: "target|update|patterns|indices" -> bits per token, as written.
std::map<std::string, std::string> table_of(const std::string& model) {
  const std::string text = file_bytes(kRoot + "/docs/accuracy.md");
  std::istringstream lines(text.substr(text.find("<!-- accuracy: " + model + " eval -->")));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  std::getline(lines, line);
  const std::vector<std::string> heads = cells_of(line);
  std::getline(lines, line);
  std::map<std::string, std::string> table;
  while (std::getline(lines, line) && !line.empty()) {
    const std::vector<std::string> cells = cells_of(line);
    REQUIRE(cells.size() == heads.size());
    for (std::size_t i = 3; i < cells.size(); ++i) {
      table[cells[0] + "|" + cells[1] + "|" + cells[2] + "|" + heads[i]] = cells[i];
    }
  }
  return table;
}

/// Bits per token of a model pruned so, as the documented command measures them.
std::string measured(const std::string& model, const std::vector<std::string>& how) {
  const Scratch scratch;
  const std::string folder = kRoot + "/scenarios/models/" + model, packed = scratch / "packed.safetensors";
  REQUIRE(flexcim_command(std::vector<std::string>{"flow", "prune", folder, "--calibration",
                                                   folder + "/calibration.txt", "-o", packed} +
                          how)
              .exit_code == 0);
  const Outcome outcome =
      flexcim_command({"flow", "eval", packed, "--text", folder + "/evaluation.txt", "--limit", "16384", "--json"});
  return fmt::format("{:.4f}", outcome.json()["bits_per_token"].get<double>());
}

}  // namespace

TEST_CASE("docs/accuracy.md: a row of its tables is what the command gives", "[slow]") {
  CHECK(table_of("tiny-llama").at("0.7|none|FLOW published|window_shared w=1") ==
        measured("tiny-llama", {"--objective", "published", "--update", "none", "--sparsity", "0.7"}));
}

TEST_CASE("docs/accuracy.md: so are those of a state-space model", "[.nightly]") {
  CHECK(table_of("tiny-mamba").at("0.6|none|FLOW published|window_shared w=2") ==
        measured("tiny-mamba", {"--objective", "published", "--update", "none", "--window", "2", "--sparsity", "0.6"}));
}

TEST_CASE("docs/accuracy.md: what compensation gives is what the command gives", "[.nightly]") {
  CHECK(table_of("tiny-llama").at("0.5|compensate|uniform 4:8 (0.50)|window_shared w=1") ==
        measured("tiny-llama", {"--method", "uniform", "--pattern", "4:8"}));
}

TEST_CASE("docs/accuracy.md: what FLOW by loss gives is what the command gives", "[.nightly]") {
  CHECK(table_of("tiny-llama").at("0.7|compensate|FLOW loss|window_shared w=1") ==
        measured("tiny-llama", {"--sparsity", "0.7"}));
}
