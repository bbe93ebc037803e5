// docs/accuracy.md against the command that its tables come from.
#include "tests/platform/flexcim_command.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <map>
#include <sstream>

namespace {

const std::string kRoot = FLEXCIM_SOURCE_DIR;

/// The table of one model: "variant|update|indices|target" -> bits per token, as written.
std::map<std::string, std::string> table_of(const std::string& model) {
  const std::string text = file_bytes(kRoot + "/docs/accuracy.md");
  const std::size_t begin = text.find("```\n", text.find("## " + model)) + 4;
  std::istringstream lines(text.substr(begin, text.find("```", begin) - begin));
  const auto field = [](const std::string& line, std::size_t from, std::size_t length) {
    const std::string part = line.substr(from, length);
    const std::size_t first = part.find_first_not_of(' ');
    return first == std::string::npos ? "" : part.substr(first, part.find_last_not_of(' ') + 1 - first);
  };
  std::map<std::string, std::string> table;
  std::string line;
  std::getline(lines, line);
  CHECK(line == "variant          update      indices            target  reached  kept %  bits per token");
  while (std::getline(lines, line)) {
    REQUIRE(line.size() >= 87);
    const std::size_t end = line.size();  // a variant may be longer than its column
    std::string row = field(line, 0, end - 72);
    for (const auto& [from, length] : {std::pair<std::size_t, std::size_t>{70, 10}, {58, 17}, {39, 6}}) {
      row += "|" + field(line, end - from, length);
    }
    table[row] = field(line, end - 14, 14);
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

TEST_CASE("docs/accuracy.md: rows of its tables are what the command gives", "[slow]") {
  CHECK(table_of("tiny-llama").at("FLOW published|none|window_shared w=1|0.70") ==
        measured("tiny-llama", {"--objective", "published", "--update", "none", "--sparsity", "0.7"}));
  CHECK(table_of("tiny-mamba").at("FLOW published|none|window_shared w=2|0.60") ==
        measured("tiny-mamba", {"--objective", "published", "--update", "none", "--window", "2", "--sparsity", "0.6"}));
}

TEST_CASE("docs/accuracy.md: what compensation gives is what the command gives", "[slow]") {
  CHECK_THAT(file_bytes(kRoot + "/docs/accuracy.md"),
             Catch::Contains("| tiny-llama | w = 1 | 1.2519 | " +
                             measured("tiny-llama", {"--method", "uniform", "--pattern", "4:8"}) + " |"));
}
