// flexcim flow prune and flow pack: what is in the files that they write.
#include "flow/model/load_model.h"
#include "flow/pack/packed_model.h"
#include "flow/prune/prune.h"
#include "flow/select/calibrate.h"
#include "tests/platform/flexcim_command.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace flexcim;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr int kWindow = 2;
constexpr int kCols = 8;
const std::vector<std::string> kHardware{"--window", "2", "--cols", "8"};

/// As the definition reads: keep what the rule keeps, scale each row by its largest weight, round half away from zero.
Matrix<std::int8_t> pruned_and_rounded(const Matrix<float>& weights, const std::vector<float>& norms,
                                       const PruneRule& rule, float limit) {
  Matrix<float> kept(weights.rows(), weights.cols());
  if (rule.pattern.dense()) {
    kept = weights;
  } else {
    const Pruned pruned = Pruner(rule, "test").prune(weights, norms, 1);
    const auto n = static_cast<std::size_t>(rule.pattern.n), m = static_cast<std::size_t>(rule.pattern.m);
    const std::size_t entries = (weights.cols() + m - 1) / m * n;
    for (std::size_t k = 0; k < pruned.indices.size(); ++k) {
      if (pruned.indices[k] == PackedLinear::kEmpty) continue;
      const std::size_t j = k % entries / n * m + pruned.indices[k];
      kept(k / entries, j) = weights(k / entries, j);
    }
  }
  Matrix<std::int8_t> values(weights.rows(), weights.cols());
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    float largest = 0;
    for (std::size_t j = 0; j < weights.cols(); ++j) largest = std::max(largest, std::fabs(kept(r, j)));
    const float scale = largest > 0 ? largest / limit : 1;
    for (std::size_t j = 0; j < weights.cols(); ++j) {
      values(r, j) = static_cast<std::int8_t>(std::round(kept(r, j) / scale));
    }
  }
  return values;
}

/// The patterns of the four blocks that a report names.
std::vector<Pattern> patterns_of_blocks(const json& report, const LanguageModel& model) {
  std::vector<Pattern> patterns(kLayers);
  for (std::size_t i = 0; i < model.linears().size(); ++i) {
    const auto block = static_cast<std::size_t>(model.linears()[i].block);
    const json& chosen = report.contains("blocks") ? report["blocks"][block] : report["linears"][i];
    patterns[block] = report.contains("blocks") ? parse_pattern(chosen["n"].dump() + ":" + chosen["m"].dump())
                                                : parse_pattern(chosen["pattern"].get<std::string>());
  }
  return patterns;
}

/// Checks a packed file against the model it was made of.
void check_packed(const std::string& path, const ModelFolder& folder, const std::vector<Pattern>& patterns,
                  IndexPolicy policy, bool magnitude, int weight_bits = 8) {
  const auto model = load_model(folder.path());
  const auto statistics = calibrate_on_file(*model, folder.calibration(), 32, 0, 1).statistics;
  const PackedModel packed(path);
  REQUIRE(packed.linears().size() == model->linears().size());
  for (std::size_t i = 0; i < model->linears().size(); ++i) {
    const LinearInfo& info = model->linears()[i];
    const PackedLinear linear = packed.load(i);
    CAPTURE(info.name);
    const Pattern pattern = patterns[static_cast<std::size_t>(info.block)];
    CHECK(linear.name == info.name);
    CHECK(linear.pattern == pattern);
    CHECK(linear.weight_bits == weight_bits);
    CHECK(linear.policy == (pattern.dense() ? IndexPolicy::element : policy));
    CHECK(linear.window == (pattern.dense() || policy == IndexPolicy::element ? 1 : kWindow));
    CHECK(linear.activation_scale == statistics[i].max_abs / 127);
    const std::vector<float> norms =
        magnitude ? std::vector<float>(static_cast<std::size_t>(info.in), 1.0f) : statistics[i].channel_norms;
    CHECK(unpack(linear) == pruned_and_rounded(model->weights(info), norms, {pattern, policy, kWindow, kCols},
                                               weight_bits == 4 ? 7 : 127));
  }
}

/// Zeroes all but the first two of every four weights of the linears in blocks 1 and 2.
TinyModel pruned_already(TinyModel model) {
  for (auto& [name, weight] : model.tensors) {
    const bool inner = name.find("layers.1.") != std::string::npos || name.find("layers.2.") != std::string::npos;
    if (!inner || weight.shape.size() != 2 || name.find("A_log") != std::string::npos) continue;
    for (std::size_t k = 0; k < weight.values.size(); ++k) {
      if (k % weight.shape[1] % 4 >= 2) weight.values[k] = 0;
    }
  }
  return model;
}

}  // namespace

TEST_CASE("flow prune: every method with every index policy unpacks to exactly the pruned int8 matrices") {
  const bool llama = GENERATE(true, false);
  const ModelFolder folder(llama ? byte_llama(41) : byte_mamba(42));
  const auto model = load_model(folder.path());
  write_file(folder / "patterns.txt", "0:4:8\n2:2:4\n1:8:8\n3:2:8\n");
  const std::vector<Pattern> inner_two_four{{}, {2, 4}, {2, 4}, {}};
  for (const std::string method : {"flow", "uniform", "magnitude", "from_file", "none"}) {
    std::vector<std::string> command{
        "flow", "prune",           folder.path(), "--calibration", folder.calibration(), "--method", method, "--json",
        "-o",   folder / "packed", "--update",    "none",          "--objective",        "published"};
    if (method == "uniform" || method == "magnitude") command = command + std::vector<std::string>{"--pattern", "2:4"};
    if (method == "from_file") command = command + std::vector<std::string>{"--patterns", folder / "patterns.txt"};
    std::vector<double> kept;
    for (const std::string policy : {"window", "window_shared", "element"}) {
      CAPTURE(llama, method, policy);
      const Outcome outcome = flexcim_command(command + kHardware + std::vector<std::string>{"--policy", policy});
      REQUIRE(outcome.exit_code == 0);
      CHECK(outcome.error.empty());
      const json report = outcome.json();
      const std::vector<Pattern> patterns = patterns_of_blocks(report, *model);
      if (method == "uniform" || method == "magnitude") CHECK(patterns == inner_two_four);
      if (method == "from_file") CHECK(patterns == std::vector<Pattern>{{4, 8}, {}, {2, 4}, {2, 8}});
      if (method == "none") CHECK(patterns == std::vector<Pattern>(kLayers));
      if (method == "flow") {
        CHECK((patterns.front().dense() && patterns.back().dense()));
        CHECK(report["reached"].get<double>() >= 0.5);
      }
      check_packed(folder / "packed", folder, patterns, parse_index_policy(policy), method == "magnitude");
      kept.push_back(0);
      for (const json& each : report[report.contains("blocks") ? "blocks" : "linears"]) {
        kept.back() += each["saliency_kept_percent"].get<double>();
        CHECK(each["quantization_error_percent"].get<double>() < 2);
      }
    }
    CHECK((kept[0] <= kept[1] && kept[1] <= kept[2]));
    CHECK((method == "none") == (kept[0] == 100.0 * static_cast<double>(model->linears().size())));
  }
}

TEST_CASE("flow prune: the measured choice of every linear, what was tried, and what else there is to say") {
  const ModelFolder folder(byte_llama(47));
  const std::vector<std::string> prune{"flow", "prune",          folder.path(), "--calibration", folder.calibration(),
                                       "-o",   folder / "packed"};
  const std::vector<std::string> json_too{"--json"};
  const json report = flexcim_command(prune + json_too).json();
  CHECK(report["measure"] == "loss");
  CHECK(report["granularity"] == "linear");
  const auto model = load_model(folder.path());
  REQUIRE(report["blocks"].size() == model->linears().size());
  double costs = 0;
  for (std::size_t i = 0; i < model->linears().size(); ++i) {
    CHECK(report["blocks"][i]["name"] == model->linears()[i].name);
    costs += report["blocks"][i]["cost"].get<double>();
  }
  CHECK(report["objective"].get<double>() == Approx(costs));
  CHECK(report["reached"].get<double>() >= 0.5);
  const json& trials = report["trials"];
  REQUIRE(trials.size() >= 2);
  for (const json& trial : trials) {
    if (trial["patterns"] == report["taken"]) continue;
    const auto taken = std::find_if(trials.begin(), trials.end(),
                                    [&](const json& each) { return each["patterns"] == report["taken"]; });
    CHECK(trial["bits_per_token"].get<double>() >= (*taken)["bits_per_token"].get<double>());
  }
  const std::string table = flexcim_command(prune).output;
  CHECK_THAT(table, Contains("calibration loss, bits per token: selected ") && Contains("(taken)"));
  CHECK_THAT(table, Contains("target mean sparsity 0.5000, reached 0.5"));

  const json by_error = flexcim_command(prune + json_too + std::vector<std::string>{"--objective", "error"}).json();
  CHECK(by_error["measure"] == "error");
  CHECK_FALSE(by_error.contains("trials"));
  const json open =
      flexcim_command(prune + json_too + std::vector<std::string>{"--keep-dense", "auto", "--sparsity", "0.3"}).json();
  CHECK(open["cost_of_dense_ends"].get<double>() >= 0);
  const json few =
      flexcim_command(prune + json_too + std::vector<std::string>{"--samples", "1", "--context", "4"}).json();
  CHECK_FALSE(few["singular"].empty());
  CHECK_THAT(flexcim_command(prune + std::vector<std::string>{"--samples", "1", "--context", "4"}).output,
             Contains("the calibration does not determine"));

  CHECK_THAT(refusal(prune + std::vector<std::string>{"--objective", "best"}),
             Contains("none of published, error, loss"));
  CHECK_THAT(refusal(prune + std::vector<std::string>{"--update", "all"}), Contains("neither none nor compensate"));
  CHECK_THAT(refusal(prune + std::vector<std::string>{"--keep-dense", "all"}), Contains("auto"));
}

TEST_CASE("flow prune: a budget in place of a sparsity") {
  const ModelFolder folder(byte_llama(48));
  const std::string model = FLEXCIM_SOURCE_DIR "/scenarios/models/tiny-llama";
  const std::vector<std::string> prune{"flow",
                                       "prune",
                                       model,
                                       "--calibration",
                                       model + "/calibration.txt",
                                       "--samples",
                                       "2",
                                       "--context",
                                       "64",
                                       "--objective",
                                       "error",
                                       "--update",
                                       "none",
                                       "--json",
                                       "-o",
                                       folder / "packed"};
  const auto with = [&](const std::vector<std::string>& more) { return prune + more; };
  const Outcome most = flexcim_command(with({"--budget", "bytes=80%", "--tokens", "4"}));
  REQUIRE(most.exit_code == 0);
  CHECK_THAT(most.error, Contains("budget: ") && Contains(" bytes, dense "));
  const Outcome all = flexcim_command(with({"--budget", "bytes=100%", "--tokens", "4"}));
  CHECK(all.json()["reached"].get<double>() < most.json()["reached"].get<double>());
  CHECK(all.json()["objective"].get<double>() < most.json()["objective"].get<double>());
  CHECK_THAT(refusal(with({"--budget", "bytes=1"})), Contains("a budget of 1 bytes cannot be kept"));
  CHECK_THAT(refusal(with({"--budget", "time=1"})), Contains("budget \"time\" is none of"));
  CHECK_THAT(refusal(with({"--budget", "cycles=50%", "--sparsity", "0.5"})), Contains("--sparsity"));
  CHECK_THAT(refusal(with({"--budget", "cycles=50%", "--method", "none"})), Contains("--budget is for method flow"));
  CHECK_THAT(refusal(with({"--budget", "cycles=50%", "--window", "2"})), Contains("--architecture"));
  CHECK_THAT(refusal({"flow", "prune", folder.path(), "--calibration", folder.calibration(), "--objective", "published",
                      "--budget", "cycles=50%", "-o", folder / "packed"}),
             Contains("published objective measures no costs"));
}

TEST_CASE("flow prune: int4 weights, and no bits but 4 and 8") {
  const ModelFolder folder(byte_llama(46));
  const std::vector<std::string> prune{
      "flow",      "prune", folder.path(), "--calibration",   folder.calibration(), "--method", "uniform",
      "--pattern", "2:4",   "-o",          folder / "packed", "--update",           "none"};
  const Outcome outcome = flexcim_command(prune + kHardware + std::vector<std::string>{"--weight-bits", "4"});
  REQUIRE(outcome.exit_code == 0);
  check_packed(folder / "packed", folder, {{}, {2, 4}, {2, 4}, {}}, IndexPolicy::window_shared, false, 4);
  CHECK_THAT(refusal(prune + std::vector<std::string>{"--weight-bits", "5"}), Contains("--weight-bits"));
}

TEST_CASE("flow prune and flow pack write the same bytes for any number of threads") {
  const ModelFolder folder(pruned_already(byte_llama(43)));
  write_file(folder / "patterns.txt", "0:1:1\n1:2:4\n2:2:4\n3:4:4\n");
  for (const std::string command : {"prune", "pack"}) {
    std::string bytes, report;
    for (const std::string threads : {"1", "2", "3"}) {
      std::vector<std::string> words{
          "flow",  command,  folder.path(), "--calibration",  folder.calibration(), "--threads",
          threads, "--json", "-o",          folder / "packed"};
      if (command == "pack") words = words + std::vector<std::string>{"--patterns", folder / "patterns.txt"};
      const Outcome outcome = flexcim_command(words);
      REQUIRE(outcome.exit_code == 0);
      if (threads == "1") bytes = file_bytes(folder / "packed"), report = outcome.output;
      CHECK(file_bytes(folder / "packed") == bytes);
      CHECK(outcome.output == report);
    }
    CHECK(bytes.size() > 10000);
  }
}

TEST_CASE("flow pack: a model that is pruned already, as it is") {
  const bool llama = GENERATE(true, false);
  const ModelFolder folder(pruned_already(llama ? byte_llama(44) : byte_mamba(45)));
  write_file(folder / "patterns.txt", "0:1:1\n1:2:4\n2:2:4\n3:4:4\n");
  const std::vector<std::string> pack{"flow", "pack",           folder.path(), "--calibration", folder.calibration(),
                                      "-o",   folder / "packed"};
  const Outcome outcome =
      flexcim_command(pack + kHardware + std::vector<std::string>{"--patterns", folder / "patterns.txt"});
  REQUIRE(outcome.exit_code == 0);
  CHECK_THAT(outcome.output, Contains("written: " + (folder / "packed")));
  check_packed(folder / "packed", folder, {{}, {2, 4}, {2, 4}, {}}, IndexPolicy::element, true);

  std::filesystem::remove(folder / "packed");
  CHECK_THAT(refusal(pack + std::vector<std::string>{"--pattern", "2:4"}), Contains("do not fit pattern 2:4"));
  CHECK_THAT(refusal(pack), Contains("either --pattern or --patterns"));
  CHECK_FALSE(std::filesystem::exists(folder / "packed"));
  CHECK_FALSE(std::filesystem::exists(folder / "packed.partial"));
}
