// flexcim flow eval: its table is what pruning, packing and evaluating by hand give.
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"
#include "flow/select/token_file.h"
#include "tests/platform/flexcim_command.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <map>
#include <thread>

using namespace flexcim;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr const char* kLimit = "120";

std::vector<std::string> eval(const ModelFolder& folder, const std::vector<std::string>& more) {
  return std::vector<std::string>{"flow", "eval", folder.path(), "--limit", kLimit} + more;
}

/// A row as the table shows it.
std::string table_line(const json& row) {
  return fmt::format(
      "{:<15}  {:<10}  {:<17}  {:>6}  {:>7.4f}  {:>6.2f}  {:>14.4f}\n", row["variant"].get<std::string>(),
      row["update"].get<std::string>(), row["indices"].get<std::string>(),
      row.contains("target") ? fmt::format("{:.2f}", row["target"].get<double>()) : "", row["reached"].get<double>(),
      row["saliency_kept_percent"].get<double>(), row["bits_per_token"].get<double>());
}

}  // namespace

TEST_CASE("flow eval: rows, the same as table and as JSON, for any number of threads") {
  const bool llama = GENERATE(true, false);
  const ModelFolder folder(llama ? byte_llama(51) : byte_mamba(52));
  const std::vector<std::string> options{"--sparsities", "0.5,0.7", "--windows", "1,4"};
  const Outcome outcome = flexcim_command(eval(folder, options + std::vector<std::string>{"--json"}));
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.error.empty());
  const json rows = outcome.json()["rows"];

  std::string table = fmt::format("{:<15}  {:<10}  {:<17}  {:>6}  {:>7}  {:>6}  {:>14}\n", "variant", "update",
                                  "indices", "target", "reached", "kept %", "bits per token");
  for (const json& row : rows) {
    table += table_line(row);
    if (!row.contains("target")) continue;
    CHECK(row["reached"].get<double>() >= row["target"].get<double>());
    CHECK(row["saliency_kept_percent"].get<double>() < 100);
  }
  // Per update, hardware (element, and window and window_shared at two windows) and target the uniform patterns of the
  // least sparsity that meets it and FLOW by three objectives: two uniform ones at 0.5, one at 0.7.
  REQUIRE(rows.size() == 2 + 2 * 5 * (2 + 3 + 1 + 3));
  std::map<std::string, json> bits;
  for (const json& row : rows) {
    const std::string variant = row["variant"], update = row["update"], indices = row["indices"];
    if (row.contains("target")) bits[variant + update + indices + row["target"].dump()] = row["bits_per_token"];
  }
  for (const std::string update : {"none", "compensate"}) {
    for (const std::string variant : {"uniform 2:4", "uniform 4:8", "FLOW published"}) {
      // With M up to 8 a window of 4 pairs is the whole group.
      const json& free = bits.at(variant + update + "element0.5");
      CHECK(bits.at(variant + update + "window w=40.5") == free);
      CHECK(bits.at(variant + update + "window_shared w=40.5") == free);
    }
    CHECK(bits.count("uniform 2:8" + update + "window w=10.7") == 1);
    CHECK(bits.count("FLOW error" + update + "window w=10.7") == 1);
  }
  // The rows above are of as many threads as processors.
  const char* const threads = std::thread::hardware_concurrency() == 1 ? "2" : "1";
  CHECK(flexcim_command(eval(folder, options + std::vector<std::string>{"--threads", threads})).output == table);
}

TEST_CASE("flow eval: each row is what the single steps give") {
  const bool llama = GENERATE(true, false);
  const ModelFolder folder(llama ? byte_llama(53) : byte_mamba(54));
  const json rows =
      flexcim_command(eval(folder, {"--json", "--sparsities", "0.5", "--windows", "2", "--cols", "8"})).json()["rows"];
  const auto model = load_model(folder.path());
  std::vector<int> tokens = read_tokens(folder / "evaluation.txt", ModelText(folder.path(), kBytes)).front();
  tokens.resize(120);
  FloatRunner floats(*model);
  CHECK(rows[0]["bits_per_token"] == bits_per_token(*model, floats, {tokens}, 0, 1));

  const auto by_hand = [&](const std::vector<std::string>& how) {
    const std::string packed = folder / "packed.safetensors";
    REQUIRE(
        flexcim_command(std::vector<std::string>{"flow", "prune", folder.path(), "--calibration", folder.calibration(),
                                                 "--window", "2", "--cols", "8", "-o", packed} +
                        how)
            .exit_code == 0);
    return flexcim_command({"flow", "eval", packed, "--text", folder / "evaluation.txt", "--limit", kLimit, "--json"})
        .json()["bits_per_token"];
  };
  int compared = 0;
  for (const json& row : rows) {
    const std::string variant = row["variant"], indices = row["indices"];
    std::vector<std::string> how{"--policy", indices.substr(0, indices.find(' '))};
    if (variant == "dense float") continue;
    if (variant == "dense int8") how = {"--method", "none"};
    if (variant.rfind("uniform ", 0) == 0) {
      how = how + std::vector<std::string>{"--method", "uniform", "--pattern", variant.substr(8)};
    }
    if (variant.rfind("FLOW ", 0) == 0) {
      how = how + std::vector<std::string>{"--objective", variant.substr(5, variant.find(' ', 5) - 5)};
    }
    const std::string update = row["update"];
    if (!update.empty()) how = how + std::vector<std::string>{"--update", update};
    CAPTURE(variant, indices, update);
    CHECK(by_hand(how) == row["bits_per_token"]);
    ++compared;
  }
  CHECK(compared == 1 + 2 * 3 * (2 + 3));
}

TEST_CASE("flow eval: rows of a tensor of tokens are read apart") {
  const ModelFolder folder(byte_llama(56));
  const std::string text = folder / "rows.safetensors";
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 60; ++i) ids.push_back(i * 37 % kBytes);
  SafetensorsWriter writer(text, {{"tokens", Dtype::i32, {3, 20}}});
  writer.write("tokens", ids);
  writer.finish();
  const auto model = load_model(folder.path());
  FloatRunner floats(*model);
  const auto row = [&](int i, int count) {
    return std::vector<int>(ids.begin() + 20 * i, ids.begin() + 20 * i + count);
  };
  const auto dense = [&](const std::vector<std::string>& more) {
    return flexcim_command(std::vector<std::string>{"flow", "eval", folder.path(), "--text", text, "--sparsities",
                                                    "0.5", "--windows", "1", "--json"} +
                           more)
        .json()["rows"][0]["bits_per_token"]
        .get<double>();
  };
  CHECK(dense({}) == bits_per_token(*model, floats, {row(0, 20), row(1, 20), row(2, 20)}, 0, 1));
  CHECK(dense({"--limit", "25"}) == bits_per_token(*model, floats, {row(0, 20), row(1, 5)}, 0, 1));
  CHECK(dense({"--limit", "21"}) == bits_per_token(*model, floats, {row(0, 20)}, 0, 1));
}

TEST_CASE("flow eval: products of attention in int8 change what int8 variants lose and nothing else") {
  const ModelFolder folder(byte_llama(56));
  const auto rows = [&](const std::string& attention) {
    return flexcim_command(
               eval(folder, {"--sparsities", "0.5", "--windows", "1", "--policies", "element", "--objectives",
                             "published", "--updates", "none", "--attention", attention, "--json"}))
        .json()["rows"];
  };
  const json in_float = rows("float"), in_int8 = rows("int8");
  REQUIRE(in_float.size() == in_int8.size());
  CHECK(in_int8[0] == in_float[0]);
  for (std::size_t i = 1; i < in_int8.size(); ++i) {
    const double bits = in_float[i]["bits_per_token"];
    CHECK(in_int8[i]["bits_per_token"] != bits);
    CHECK(in_int8[i]["bits_per_token"].get<double>() == Approx(bits).epsilon(0.02));
  }
  CHECK_THAT(refusal(eval(folder, {"--attention", "int4"})), Contains("attention \"int4\" is neither float nor int8"));
  const ModelFolder mamba(byte_mamba(57));
  CHECK_THAT(refusal(eval(mamba, {"--attention", "int8"})), Contains("is a model without attention"));
}

TEST_CASE("flow eval: what cannot be evaluated is refused before any row is printed") {
  const ModelFolder folder(byte_llama(55));
  CHECK_THAT(refusal(eval(folder, {"--text", "/no/such/text"})), Contains("/no/such/text: cannot be opened"));
  CHECK_THAT(refusal({"flow", "eval", folder.path(), "--limit", "1"}), Contains("at least two tokens"));
  CHECK_THAT(refusal(eval(folder, {"--context", "65"})), Contains("a context of 65 tokens"));
  CHECK_THAT(refusal(eval(folder, {"--sparsities", "0.5,1.5"})), Contains("1.5"));
  CHECK_THAT(refusal(eval(folder, {"--windows", "1,0"})), Contains("--windows: 0 is outside 1…"));
  CHECK_THAT(refusal(eval(folder, {"--cols", "0"})), Contains("--cols: 0 is outside 1…"));
  CHECK_THAT(refusal(eval(folder, {"--candidates", "2:5,8:8"})), Contains("2:5"));
  CHECK_THAT(refusal(eval(folder, {"--activation-scale", "none"})), Contains("neither static nor dynamic"));
  CHECK_THAT(refusal(eval(folder, {"--policies", "free"})), Contains("free"));
  CHECK_THAT(refusal(eval(folder, {"--objectives", "loss,luck"})), Contains("none of published, error, loss"));
  CHECK_THAT(refusal(eval(folder, {"--updates", "some"})), Contains("neither none nor compensate"));
  CHECK_THAT(refusal(eval(folder, {"--keep-dense", "all"})), Contains("keep-dense \"all\""));
  std::filesystem::remove(folder.calibration());
  CHECK_THAT(refusal(eval(folder, {})), Contains("calibration.txt: cannot be opened"));
  CHECK_THAT(refusal({"flow", "eval", folder / "model.safetensors", "--text", folder / "evaluation.txt"}),
             Contains("nor a packed model"));
}
