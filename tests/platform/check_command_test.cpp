// flexcim check and flexcim run: they refuse the same scenarios, with the same words.
#include "flow/base/safetensors_writer.h"
#include "tests/platform/flexcim_command.h"
#include "tests/platform/int8_file.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <sys/resource.h>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

using Words = std::vector<std::string>;

/// A model of four layers and a gemm, with a scenario for each kind of workload.
class ScenarioFolder {
 public:
  ScenarioFolder() : model_(byte_llama(71)) {
    write_ids("rows.safetensors", {4, 20}, 80);
    write_ids("words.safetensors", {70}, 70);
    write_small_gemm(model_ / "");
    const std::string flow = "flow: {calibration: calibration.txt}";
    const std::string rest = "fidelity: tlm\nlimits: {simulated_ms: 100}\ntrace: {to: 100}\n";
    write_file(model_ / "gemm.yaml", "name: q\n" + rest +
                                         "workload: {kind: gemm, weights: w.safetensors, activations: x.safetensors, "
                                         "pattern: \"2:4\"}\n");
    write_file(model_ / "block.yaml", "name: q\n" + rest +
                                          "workload: {kind: block, model: ., block: 1, tokens: {text: evaluation.txt, "
                                          "count: 4}, " +
                                          flow + "}\n");
    write_file(model_ / "generate.yaml", "name: q\n" + rest +
                                             "workload: {kind: generate, model: ., prompt: {text: evaluation.txt, "
                                             "count: 4}, tokens: 2, " +
                                             flow + "}\n");
  }
  std::string operator/(const std::string& name) const { return model_ / name; }

 private:
  void write_ids(const std::string& file, const std::vector<std::size_t>& shape, int count) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back(i * 7 % kBytes);
    SafetensorsWriter writer(model_ / file, {{"tokens", Dtype::i32, shape}});
    writer.write("tokens", ids);
    writer.finish();
  }

  ModelFolder model_;
};

/// What both say; the test fails where one refuses and the other does not, or in other words.
Outcome both(const ScenarioFolder& folder, const std::string& scenario, const Words& settings) {
  const Words words = Words{folder / scenario} + settings;
  const Outcome check = flexcim_command(Words{"check"} + words);
  const Outcome run = flexcim_command(Words{"run", "--out", folder / "out"} + words);
  CAPTURE(scenario, settings, check.error, run.error);
  CHECK((check.exit_code == 0 || check.exit_code == 2));
  CHECK(run.exit_code == check.exit_code);
  CHECK(run.error == check.error);
  CHECK(run.output.empty() == (run.exit_code == 2));
  return check;
}

std::string refused(const ScenarioFolder& folder, const std::string& scenario, const Words& settings) {
  const Outcome outcome = both(folder, scenario, settings);
  CHECK(outcome.exit_code == 2);
  return outcome.error;
}

}  // namespace

TEST_CASE("check: what does not fit the buffers, named by its key with what it needs") {
  const ScenarioFolder folder;
  const auto with = [&](const std::string& scenario, const Words& settings) {
    return refused(folder, scenario, settings);
  };
  CHECK_THAT(with("gemm.yaml", {"--set", "architecture.buffers.weight.bytes=1024"}),
             Contains("--set architecture.buffers.weight.bytes=1024: architecture.buffers.weight.bytes: 1024 is less "
                      "than the ") &&
                 Contains(" bytes that layer gemm needs for two array tiles, one in each half"));
  CHECK_THAT(with("gemm.yaml", {"--set", "architecture.buffers.output.bytes=1024", "--set", "architecture.cols=256",
                                "--set", "architecture.buffers.weight.bytes=1048576"}),
             Contains("architecture.buffers.output.bytes: 1024 is less than the 2048 bytes that layer gemm needs for "
                      "two times the accumulators of one token"));
  // The architecture is given by name: the message has the place in its file.
  CHECK_THAT(with("gemm.yaml", {"--set", "architecture.rows=256", "--set", "architecture.sub_macros=16"}),
             Contains("flexcim_published.yaml:") && Contains(": buffers.weight.bytes: 65536 is less than the "));
  // Exactly enough is enough.
  const std::string message = with("gemm.yaml", {"--set", "architecture.buffers.weight.bytes=1024"});
  const std::size_t at = message.find("less than the ") + 14;
  const int needed = std::stoi(message.substr(at));
  const auto bytes = [&](int count) {
    return Words{"--set", "architecture.buffers.weight.bytes=" + std::to_string(count)};
  };
  CHECK(both(folder, "gemm.yaml", bytes(needed)).exit_code == 0);
  CHECK(both(folder, "gemm.yaml", bytes(needed - 1)).exit_code == 2);
  CHECK(both(folder, "gemm.yaml", bytes(needed - 1) + Words{"--set", "architecture.weights_resident=true"}).exit_code ==
        0);
}

TEST_CASE("A DRAM that does not hold the data is refused with both sizes, and one that just does is not") {
  const ScenarioFolder folder;
  const std::string key = "architecture.dram.bytes";
  for (const std::string scenario : {"gemm.yaml", "block.yaml", "generate.yaml"}) {
    const auto bytes = [&](int count) { return Words{"--set", key + "=" + std::to_string(count)}; };
    const std::string message = refused(folder, scenario, bytes(4095));
    CAPTURE(scenario, message);
    const std::string begin =
        "flexcim: --set architecture.dram.bytes=4095: architecture.dram.bytes: 4095 is less than the ";
    REQUIRE(message.rfind(begin, 0) == 0);
    const int needed = std::stoi(message.substr(begin.size()));
    CHECK(needed % 4096 == 0);
    CHECK(message == begin + std::to_string(needed) +
                         " bytes that the scenario's data need: descriptor ring, weights, activations and outputs\n");
    CHECK(both(folder, scenario, bytes(needed)).exit_code == 0);
    CHECK(both(folder, scenario, bytes(needed - 1)).exit_code == 2);
    CHECK(both(folder, scenario, bytes(0)).exit_code == 0);
  }
  // Two things that are too small are two lines.
  const std::string message =
      refused(folder, "gemm.yaml", {"--set", key + "=1", "--set", "architecture.buffers.weight.bytes=1024"});
  CHECK_THAT(message, Contains("architecture.dram.bytes: 1 is less than the ") &&
                          Contains("architecture.buffers.weight.bytes: 1024 is less than the "));
}

TEST_CASE("check: all that is wrong with the hardware at once") {
  const ScenarioFolder folder;
  const std::string message = refused(folder, "gemm.yaml",
                                      {"--fidelity", "rtl", "--set", "trace.signals=[\"macro.none\", \"macro.load_*\"]",
                                       "--set", "architecture.buffers.weight.bytes=1024"});
  CHECK_THAT(message, Contains("architecture.buffers.weight.bytes: ") && Contains("\n--set trace.signals=") &&
                          Contains("no signal matches \"macro.none\""));
}

TEST_CASE("check: a model packed with int4 weights wants two in a cell") {
  const ScenarioFolder folder;
  REQUIRE(flexcim_command({"flow", "prune", folder / ".", "--calibration", folder / "calibration.txt", "--weight-bits",
                           "4", "-o", folder / "int4"})
              .exit_code == 0);
  for (const char* scenario : {"block.yaml", "generate.yaml"}) {
    const Words packed{"--set", "workload.model=int4"};
    const std::string message = refused(folder, scenario, packed);
    CHECK_THAT(message,
               Contains("workload.model: ") && Contains("q_proj: a cell of the hardware holds an int8 weight"));
    CHECK(std::count(message.begin(), message.end(), '\n') == 1);
    CHECK(both(folder, scenario, packed + Words{"--set", "architecture.int4_per_cell=2"}).exit_code == 0);
  }
}

TEST_CASE("check: more tokens than the model reads, sparsities that cannot be reached") {
  const ScenarioFolder folder;
  CHECK_THAT(refused(folder, "block.yaml", {"--set", "workload.tokens.count=65"}),
             Contains("at most 64 tokens, not 65"));
  CHECK_THAT(refused(folder, "block.yaml", {"--set", "workload.tokens={text: rows.safetensors, first: 18, count: 3}"}),
             Contains("rows of 20 tokens"));
  CHECK_THAT(refused(folder, "generate.yaml", {"--set", "workload.prompt={text: rows.safetensors, count: 21}"}),
             Contains("rows of 20 tokens"));
  CHECK_THAT(refused(folder, "generate.yaml", {"--set", "workload.tokens=61"}), Contains("exceed the context of 64"));
  const std::string most = "cannot be reached with these candidates and the blocks that may be pruned; the most is ";
  for (const char* scenario : {"block.yaml", "generate.yaml"}) {
    CHECK_THAT(refused(folder, scenario, {"--set", "workload.flow.sparsity=0.99"}),
               Contains("workload.flow.sparsity: a mean sparsity of 0.99 " + most + "0.75\n"));
    CHECK_THAT(refused(folder, scenario, {"--set", "workload.flow.candidates=[\"4:4\"]"}), Contains(most + "0\n"));
  }
}

TEST_CASE("run and check: target and reached sparsity of what was pruned") {
  const ScenarioFolder folder;
  const auto check = [&](const std::string& scenario, const Words& settings, double target, double reached, bool exact,
                         const std::string& line) {
    CAPTURE(scenario, settings);
    const Outcome outcome = both(folder, scenario, settings);
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.output, Contains(line + "\n"));
    CHECK_THAT(flexcim_command(Words{"run", folder / scenario, "--out", folder / "out"} + settings).output,
               Contains(line + "\n"));
    const auto sparsity = nlohmann::json::parse(file_bytes(folder / "out/summary.json"))["sparsity"];
    CHECK(sparsity["target"] == target);
    CHECK(sparsity["reached"] == reached);
    CHECK(sparsity["exact"] == exact);
  };
  for (const char* scenario : {"block.yaml", "generate.yaml"}) {
    check(scenario, {"--set", "workload.flow.objective=published"}, 0.5, 0.5, true,
          "target mean sparsity 0.5000, reached 0.5000");
    // Two blocks choose: eighths.
    check(scenario, {"--set", "workload.flow.sparsity=0.55", "--set", "workload.flow.objective=published"}, 0.55, 0.625,
          false, "target mean sparsity 0.5500, reached 0.6250 (the target cannot be reached exactly)");
  }
  const Outcome gemm = both(folder, "gemm.yaml", {});
  CHECK(gemm.output.find("sparsity") == std::string::npos);
  CHECK_FALSE(nlohmann::json::parse(file_bytes(folder / "out/summary.json")).contains("sparsity"));
  // Where no block may be pruned there is nothing to reach.
  const ModelFolder two(tiny_llama(72, false, 2, kBytes));
  write_file(two / "q.yaml",
             "name: q\nfidelity: tlm\nworkload: {kind: block, model: ., tokens: {text: evaluation.txt, count: 2}, "
             "flow: {calibration: calibration.txt}}\n");
  CHECK_THAT(flexcim_command({"check", two / "q.yaml"}).output,
             Contains("target mean sparsity 0.5000, reached 0.0000 (all stay dense)\n"));
}

TEST_CASE("run: a trace window that the run does not reach is said and counted") {
  const ScenarioFolder folder;
  const auto run = [&](const Words& settings) {
    const Outcome outcome =
        flexcim_command(Words{"run", folder / "gemm.yaml", "--fidelity", "rtl", "--out", folder / "out"} + settings);
    CHECK(outcome.exit_code == 0);
    return outcome.output;
  };
  const auto summary = [&] { return nlohmann::json::parse(file_bytes(folder / "out/summary.json")); };
  CHECK_THAT(run({"--set", "trace={from: 0, to: 20000}"}), Contains("wave.gtkw") && !Contains("NO WAVEFORM"));
  const auto whole = summary()["trace"];
  CHECK(whole["cycles"].get<int>() > 10);
  CHECK(whole["from_ns"] == 0);
  CHECK(whole["to_ns"] == 20000);
  CHECK(whole["last_ns"].get<double>() <= summary()["time_ns"].get<double>());
  CHECK(std::filesystem::exists(folder / "out/wave.vcd"));
  // Behind the end, and between two edges of the clock.
  const double first = whole["first_ns"];
  for (const std::string& window :
       {std::string("{from: 50000, to: 60000}"), fmt::format("{{from: {}, to: {}}}", first + 0.5, first + 1.5)}) {
    const std::string output = run({"--set", "trace=" + window});
    CHECK_THAT(output, Contains("NO WAVEFORM: the macros have no cycle from ") && !Contains("wave.gtkw"));
    CHECK(summary()["trace"]["cycles"] == 0);
    CHECK_FALSE(std::filesystem::exists(folder / "out/wave.vcd"));
    CHECK_FALSE(std::filesystem::exists(folder / "out/wave.gtkw"));
  }
  const Words behind{"--set", "trace={from: 50000, to: 60000, soc: true}"};
  CHECK_THAT(run(behind), Contains("NO WAVEFORM: nothing happens from 50000 to 60000 ns") && !Contains("wave.gtkw"));
  CHECK(summary()["trace"]["changes"] == 0);
  run({"--set", "trace.waveform=false"});
  CHECK_FALSE(summary().contains("trace"));
  CHECK_THAT(run({"--set", "trace={waveform: false, soc: true}"}), Contains("wave.gtkw"));
  CHECK(summary()["trace"]["cycles"] == 0);
  CHECK(summary()["trace"]["changes"].get<int>() > 100);
}

TEST_CASE("run: power.csv has a row for every window of the run") {
  const ScenarioFolder folder;
  const auto rows = [&](const char* window) {
    REQUIRE(flexcim_command({"run", folder / "gemm.yaml", "--out", folder / "out", "--set",
                             std::string("power_window_ns=") + window})
                .exit_code == 0);
    const std::string text = file_bytes(folder / "out/power.csv");
    return static_cast<double>(std::count(text.begin(), text.end(), '\n') - 1);
  };
  const auto time_ns = [&] {
    return nlohmann::json::parse(file_bytes(folder / "out/summary.json"))["time_ns"].get<double>();
  };
  for (const char* window : {"1", "1.5", "1e15"}) {
    const double count = rows(window);
    CHECK(count == std::ceil(time_ns() / std::stod(window)));
  }
}

#ifndef __SANITIZE_ADDRESS__  // whose shadow exceeds every limit
TEST_CASE("run: many windows take no memory") {
  const ScenarioFolder folder;
  write_int8(folder / "long.safetensors", "activation", 1000, 48, [](std::size_t i) { return int(i % 200) - 100; });
  // 446200 rows of some 600 bytes in memory would be nearly twice as much.
  constexpr rlim_t kAddressSpace = 150'000'000;
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  const rlimit limited{kAddressSpace, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_AS, &limited) == 0);
  const Outcome outcome = flexcim_command({"run", folder / "gemm.yaml", "--out", folder / "out", "--set",
                                           "workload.activations=long.safetensors", "--set", "power_window_ns=1",
                                           "--set", "architecture.clock_mhz=25", "--set", "limits.simulated_ms=10000"});
  REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
  CHECK(outcome.error.empty());
  CHECK(outcome.exit_code == 0);
  CHECK(nlohmann::json::parse(file_bytes(folder / "out/summary.json"))["time_ns"] > 4e5);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "out")) {
    CHECK(entry.path().string().find("spool") == std::string::npos);
  }
}
#endif

TEST_CASE("check refuses exactly what run refuses, in the same words") {
  const ScenarioFolder folder;
  const std::vector<std::pair<const char*, Words>> common{
      {"fidelity", {"tlm", "rtl", "xyz"}},
      {"sequencing", {"grouped", "scan", "dense_slot"}},
      {"architecture.sub_macros", {"1", "2", "4", "8", "0", "17"}},
      {"architecture.rows", {"8", "32", "48"}},
      {"architecture.cols", {"4", "16", "64", "512"}},
      {"architecture.pairs_per_set", {"1", "2", "4", "16"}},
      {"architecture.window", {"1", "2", "4"}},
      {"architecture.merge", {"reduce", "concat"}},
      {"architecture.int4_per_cell", {"1", "2", "3"}},
      {"architecture.weight_table_bits", {"none", "4", "5"}},
      {"architecture.macros.outputs", {"1", "2", "3"}},
      {"architecture.macros.inputs", {"1", "2"}},
      {"architecture.buffers.activation.bytes", {"1024", "4096", "1000"}},
      {"architecture.buffers.weight.bytes", {"1024", "2048", "8192", "16384"}},
      {"architecture.buffers.output.bytes", {"1024", "2048", "1e4"}},
      {"architecture.weights_resident", {"true", "false"}},
      {"architecture.weight_update", {"shadow", "blocking"}},
      {"architecture.clock_mhz", {"500", "300", "0", "-1", "1e400", ".nan"}},
      {"architecture.dma.burst_bytes", {"16", "256", "8"}},
      {"architecture.dram.channels", {"1", "2", "3"}},
      {"architecture.dram.bytes", {"0", "16384", "1099511627776", "1099511627777"}},
      {"power_window_ns", {"1", "50", "0.5", "1e400"}},
      {"trace.signals", {"[macro.load_valid]", "[\"nothing.*\"]", "[]"}},
      {"trace.from", {"0", "50", "200"}},
      {"technology", {"7nm", "28nm", "3nm"}},
      {"toggles", {"true", "maybe"}},
  };
  const std::vector<std::pair<const char*, Words>> gemm{
      {"workload.pattern", {"\"2:4\"", "\"1:4\"", "dense", "\"2:3\"", "\"4:8\""}},
      {"workload.weight_bits", {"4", "8"}},
      {"workload.weights", {"w.safetensors", "x.safetensors", "none.safetensors"}},
      {"workload.activations", {"x.safetensors", "rows.safetensors"}},
  };
  const std::vector<std::pair<const char*, Words>> model{
      {"workload.flow.sparsity", {"0", "0.25", "0.55", "0.75", "0.8", "1"}},
      {"workload.flow.candidates",
       {"[\"2:4\"]", "[\"4:4\"]", "[\"1:2\", \"2:8\"]", "[\"4:8\", \"3:4\"]", "[\"2:6\"]", "[]"}},
      {"workload.flow.keep_dense", {"none", "[first]", "[first, last]", "auto"}},
      {"workload.flow.policy", {"element", "window", "window_shared"}},
      {"workload.flow.weight_bits", {"4", "8"}},
      {"workload.flow.calibration",
       {"calibration.txt", "evaluation.txt", "rows.safetensors", "words.safetensors", "q.txt"}},
      {"workload.flow.samples", {"0", "2", "-1"}},
      {"workload.model", {".", "none", "w.safetensors"}},
  };
  const std::vector<std::pair<const char*, Words>> block{
      {"workload.tokens.count", {"1", "20", "64", "65"}},
      {"workload.tokens.first", {"0", "15", "190", "300"}},
      {"workload.tokens.text", {"evaluation.txt", "rows.safetensors", "none.txt"}},
      {"workload.block", {"0", "3", "4"}},
      {"workload.linears", {"[q_proj]", "[q_proj, down_proj]", "[nothing]"}},
      {"also", {"[{fidelity: rtl, linears: [k_proj]}]", "[{fidelity: tlm, linears: [x_proj]}]"}},
  };
  const std::vector<std::pair<const char*, Words>> generate{
      {"workload.prompt",
       {"abc", "{text: rows.safetensors, first: 30, count: 10}", "{text: rows.safetensors, first: 30, count: 11}",
        "{text: words.safetensors, count: 70}"}},
      {"workload.tokens", {"1", "3", "61", "0"}},
      {"workload.host_costs.norm", {"0", "1.5", "-1"}},
  };
  const char* const wanted = std::getenv("FLEXCIM_CHECK_CASES");  // more of them, by hand
  const int cases = wanted != nullptr ? std::atoi(wanted) : 40;
  std::mt19937 random(20250623);
  int refusals = 0;
  for (int i = 0; i < cases; ++i) {
    const char* const scenario = i % 3 == 0 ? "gemm.yaml" : i % 3 == 1 ? "block.yaml" : "generate.yaml";
    auto keys = common;
    const auto add = [&](const auto& more) { keys.insert(keys.end(), more.begin(), more.end()); };
    if (i % 3 == 0) add(gemm);
    if (i % 3 != 0) add(model);
    if (i % 3 == 1) add(block);
    if (i % 3 == 2) add(generate);
    std::shuffle(keys.begin(), keys.end(), random);
    Words settings;
    for (std::size_t k = 0; k < 1 + random() % 4; ++k) {
      const auto& [key, values] = keys[k];
      settings.push_back("--set");
      settings.push_back(std::string(key) + "=" + values[random() % values.size()]);
    }
    INFO("case " << i);
    refusals += both(folder, scenario, settings).exit_code == 2 ? 1 : 0;
  }
  INFO(refusals << " of " << cases << " refused");
  CHECK(refusals > cases / 5);
  CHECK(refusals < cases * 4 / 5);
}
