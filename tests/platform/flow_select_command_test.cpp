// flexcim flow select, and that it agrees with analyze before it and prune after it.
#include "tests/platform/flexcim_command.h"

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

/// A file of figures, and the command that selects from it.
class FiguresFile {
 public:
  explicit FiguresFile(const std::string& text) { write_file(path(), text); }
  std::string path() const { return scratch_ / "F.json"; }
  std::string operator/(const std::string& name) const { return scratch_ / name; }
  std::vector<std::string> select(const std::vector<std::string>& more = {}) const {
    return std::vector<std::string>{"flow", "select", "--figures", path(), "--target", "0.5"} + more;
  }

 private:
  Scratch scratch_;
};

const char* const kEqualBlocks = R"({"outlier_ratio": [3, 3, 3, 3], "locality": [0.1, 0.1, 0.1, 0.1]})";

}  // namespace

TEST_CASE("flow select: the optimum as JSON") {
  // Normalised: O = 1, 0 and D = 0, 1; N_max = M_max = 8. Costs |N - 8 O| + 4 |M - 8 (1 - D)|:
  //   block 0:  2:4 6+16 = 22   2:8 6+0 = 6    4:8 4+0 = 4    8:8 0
  //   block 1:  2:4 2+16 = 18   2:8 2+32 = 34  4:8 4+32 = 36  8:8 8+32 = 40
  // Two sparsities out of 0, 0.5, 0.75 with mean 0.5 are both 0.5: 4:8 (4) and 2:4 (18).
  const FiguresFile figures(R"({"outlier_ratio": [12.5, 2.5], "locality": [0.001, 0.25]})");
  const Outcome outcome =
      flexcim_command(figures.select({"--candidates", "2:4,2:8,4:8,8:8", "--keep-dense", "none", "--json"}));
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.error.empty());
  CHECK(outcome.json() == json::parse(R"({"blocks": [{"n": 4, "m": 8}, {"n": 2, "m": 4}], "objective": 22.0,
                                          "target": 0.5, "reached": 0.5, "exact": true})"));
}

TEST_CASE("flow select: alpha and beta weigh N and M") {
  // O = 1, 0 and D = 0, 0. Of sparsity 0.5, block 0 has 4:8 at 4 alpha (2:4 costs 6 alpha + 4 beta); block 1 has 4:8 at
  // 4 alpha and 2:4 at 2 alpha + 4 beta.
  const FiguresFile figures(R"({"outlier_ratio": [9, 1], "locality": [0.5, 0.5]})");
  const auto select = [&](const std::string& alpha, const std::string& beta) {
    return flexcim_command(figures.select({"--candidates", "2:4,4:8,8:8", "--keep-dense", "none", "--json", "--alpha",
                                           alpha, "--beta", beta}))
        .json();
  };
  const json four_eight = {{"n", 4}, {"m", 8}}, two_four = {{"n", 2}, {"m", 4}};
  CHECK(select("1", "4")["blocks"] == json{four_eight, four_eight});
  CHECK(select("1", "4")["objective"] == 8.0);
  CHECK(select("1", "0.25")["blocks"] == json{four_eight, two_four});
  CHECK(select("1", "0.25")["objective"] == 7.0);
}

TEST_CASE("flow select: index:N:M lines, dense ends, candidates") {
  // O = D = 0: cost N + 4 |M - 8|, so 4:8 costs 4, 2:4 18, and a block kept dense takes 8:8.
  const FiguresFile figures(kEqualBlocks);
  const Outcome printed = flexcim_command(figures.select());
  CHECK(printed.exit_code == 0);
  CHECK(printed.output == "0:8:8\n1:4:8\n2:4:8\n3:8:8\n");
  CHECK(printed.error == "target mean sparsity 0.5000, reached 0.5000, objective 24.0000\n");

  const Outcome written = flexcim_command(figures.select({"-o", figures / "patterns.txt"}));
  CHECK(written.output.empty());
  CHECK(file_bytes(figures / "patterns.txt") == printed.output);
  const Outcome both = flexcim_command(figures.select({"-o", figures / "again.txt", "--json"}));
  CHECK(both.json()["objective"] == 24.0);
  CHECK(file_bytes(figures / "again.txt") == printed.output);

  const auto lines = [&](const std::vector<std::string>& more) { return flexcim_command(figures.select(more)).output; };
  const std::string three = "2:4,4:8,8:8";  // of which only sparsity 0.5 everywhere has a mean of 0.5
  CHECK(lines({"--candidates", three, "--keep-dense", "none"}) == "0:4:8\n1:4:8\n2:4:8\n3:4:8\n");
  CHECK(lines({"--candidates", three, "--keep-dense", "first"}) == "0:8:8\n1:4:8\n2:4:8\n3:4:8\n");
  CHECK(lines({"--candidates", three, "--keep-dense", "last"}) == "0:4:8\n1:4:8\n2:4:8\n3:8:8\n");
  // Four times 4:8 costs 16, and so do 8:8 (8), 4:8 (4) and two of 2:8 (2 each): the larger N first.
  CHECK(lines({"--keep-dense", "none"}) == "0:8:8\n1:4:8\n2:2:8\n3:2:8\n");
  CHECK(lines({"--candidates", "2:4,dense"}) == "0:4:4\n1:2:4\n2:2:4\n3:4:4\n");
  CHECK(lines({"--keep-dense", "none", "--candidates", "1:2"}) == "0:1:2\n1:1:2\n2:1:2\n3:1:2\n");
  // Counted in the mean, dense ends leave 0.5 to 2:8 in both others: (0 + 0.75 + 0.75 + 0) / 4 = 0.375 is the most.
  CHECK(lines({"--count-kept"}) == "0:8:8\n1:2:8\n2:2:8\n3:8:8\n");
}

TEST_CASE("flow select: a target out of reach takes the nearest, and says so") {
  const FiguresFile figures(kEqualBlocks);
  const std::vector<std::string> two_four{"flow",         "select", "--figures",    figures.path(),
                                          "--keep-dense", "none",   "--candidates", "2:4,8:8"};
  const json beyond = flexcim_command(two_four + std::vector<std::string>{"--target", "0.6", "--json"}).json();
  CHECK(beyond["target"] == 0.6);
  CHECK(beyond["reached"] == 0.5);
  CHECK(beyond["exact"] == false);
  const json between = flexcim_command(two_four + std::vector<std::string>{"--target", "0.3", "--json"}).json();
  CHECK(between["reached"] == 0.375);  // 3 of 4 blocks; 0.25 would be below
  CHECK(between["exact"] == false);
  const Outcome text = flexcim_command(two_four + std::vector<std::string>{"--target", "0.3"});
  CHECK(text.exit_code == 0);
  CHECK_THAT(text.error, Contains("reached 0.3750 (the target cannot be reached exactly)"));
}

TEST_CASE("flow select: bad figures and options are refused in one line") {
  const auto with = [](const std::string& text, const std::vector<std::string>& more = {}) {
    const FiguresFile figures(text);
    const std::string message = refusal(figures.select(more + std::vector<std::string>{"-o", figures / "out.txt"}));
    CHECK_FALSE(std::filesystem::exists(figures / "out.txt"));
    return message;
  };
  CHECK_THAT(with(R"({"outlier_ratio": [1, 2], "locality": [1]})"), Contains("they have 2 and 1"));
  CHECK_THAT(with(R"({"outlier_ratio": [], "locality": []})"), Contains("one value per block"));
  CHECK_THAT(with(R"({"outlier_ratio": [1]})"), Contains("F.json: locality is missing"));
  CHECK_THAT(with(R"({"outlier_ratio": [1, "2"], "locality": [1, 2]})"), Contains("outlier_ratio[1] is not a number"));
  CHECK_THAT(with(R"({"outlier_ratio": [1], "locality": [null]})"), Contains("locality[0] is not a number"));
  CHECK_THAT(with(R"({"outlier_ratio": [NaN], "locality": [1]})"), Contains("F.json:1: is not valid JSON"));
  CHECK_THAT(with(R"({"outlier_ratio": [1e999], "locality": [1]})"), Contains("F.json"));
  CHECK_THAT(with("{\n\"outlier_ratio\": [1,\n}"), Contains("F.json:3: is not valid JSON"));
  CHECK_THAT(with("[]"), Contains("is not an object"));
  CHECK_THAT(with(R"({"outlier_ratio": [1], "locality": [1], "localty": [1]})"), Contains("unknown key \"localty\""));
  CHECK_THAT(with(kEqualBlocks, {"--candidates", "2:4,8:4"}), Contains("candidate \"8:4\""));
  CHECK_THAT(with(kEqualBlocks, {"--candidates", ""}), Contains("candidate"));
  CHECK_THAT(with(kEqualBlocks, {"--keep-dense", "middle"}), Contains("keep-dense \"middle\""));
  CHECK_THAT(with(kEqualBlocks, {"--alpha", "-1"}), Contains("--alpha: -1 is outside 0…"));
  CHECK_THAT(with(kEqualBlocks, {"--beta", "nan"}), Contains("--beta: expected a number 0…1000000, not \"nan\""));
  // Against a macro that is named: P = 4 slots hold no N of 8, I = 4 pairs no M of 16.
  CHECK_THAT(with(kEqualBlocks, {"--sub-macros", "4", "--candidates", "2:4,8:16"}), Contains("candidate 8:16"));
  CHECK_THAT(refusal({"flow", "select", "--figures", "/no/such/file"}), Contains("/no/such/file: cannot be opened"));
  const FiguresFile figures(kEqualBlocks);
  for (const char* target : {"1", "1.5", "-0.1"}) {
    CHECK_THAT(refusal({"flow", "select", "--figures", figures.path(), "--target", target}), Contains("is outside"));
  }
  CHECK_THAT(refusal(figures.select({"-o", figures / "no/folder"})), Contains("cannot be written"));
  CHECK(flexcim_command(figures.select({"--candidate", "2:4"})).exit_code == 2);  // an unknown option
  CHECK(flexcim_command({"flow", "select"}).exit_code == 2);
  CHECK(flexcim_command({"flow", "select", "--help"}).exit_code == 0);
}

TEST_CASE("flow analyze, select and prune by hand do what prune does at once") {
  const bool llama = GENERATE(true, false);
  const std::string granularity = GENERATE("block", "linear");
  const ModelFolder folder(llama ? byte_llama(31) : byte_mamba(32));
  const std::vector<std::string> model{folder.path(), "--calibration", folder.calibration(), "--granularity",
                                       granularity};
  const Outcome analyzed = flexcim_command(std::vector<std::string>{"flow", "analyze", "--json"} + model);
  REQUIRE(analyzed.exit_code == 0);
  const json figures = analyzed.json();
  const std::size_t items = granularity == "block" ? 4 : 4 * (llama ? 7 : 4);
  for (const char* key : {"outlier_ratio", "locality", "O", "D"}) CHECK(figures[key].size() == items);
  for (const char* key : {"O", "D"}) {
    const auto values = figures[key].get<std::vector<double>>();
    CHECK(*std::min_element(values.begin(), values.end()) == 0);
    CHECK(*std::max_element(values.begin(), values.end()) == 1);
  }
  CHECK(figures["granularity"] == granularity);
  CHECK(figures["outlier_multiple"] == 3);
  CHECK(figures.contains("names") == (granularity == "linear"));

  write_file(folder / "F.json", analyzed.output);
  // Selected from figures alone, linears weigh the same and the dense ends are single linears.
  const std::vector<std::string> choice =
      granularity == "block" ? std::vector<std::string>{} : std::vector<std::string>{"--keep-dense", "none"};
  const Outcome selected =
      flexcim_command(std::vector<std::string>{"flow", "select", "--figures", folder / "F.json", "--target", "0.5",
                                               "-o", folder / "patterns.txt", "--json"} +
                      choice);
  REQUIRE(selected.exit_code == 0);
  REQUIRE(selected.json()["blocks"].size() == items);
  REQUIRE(flexcim_command(std::vector<std::string>{"flow", "prune", "--method", "from_file", "--patterns",
                                                   folder / "patterns.txt", "-o", folder / "by_hand"} +
                          model)
              .exit_code == 0);
  if (granularity == "linear") return;
  const Outcome at_once = flexcim_command(
      std::vector<std::string>{"flow", "prune", "--json", "--objective", "published", "-o", folder / "at_once"} +
      model);
  REQUIRE(at_once.exit_code == 0);
  CHECK(file_bytes(folder / "by_hand") == file_bytes(folder / "at_once"));
  const json pruned = at_once.json();
  for (const char* key : {"objective", "target", "reached", "exact"}) CHECK(pruned[key] == selected.json()[key]);
  for (std::size_t i = 0; i < items; ++i) {
    CHECK(pruned["blocks"][i]["n"] == selected.json()["blocks"][i]["n"]);
    CHECK(pruned["blocks"][i]["m"] == selected.json()["blocks"][i]["m"]);
    for (const char* key : {"outlier_ratio", "locality", "O", "D"}) {
      CHECK(pruned["blocks"][i][key] == figures[key][i]);
    }
  }
}
