// What a run wrote, read back: the same result, and a message for whatever is not as it was written.
#include "platform/results/load_result.h"

#include "platform/results/report.h"
#include "platform/results/result_files.h"
#include "platform/run/run.h"
#include "tests/flow/tiny_model.h"
#include "tests/platform/soc_firmware.h"
#include "tests/platform/temp_folder.h"
#include "tests/platform/visibility/trace_check.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

namespace flexcim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFiles[] = {
    "summary.json",        "layers.csv",    "energy.csv", "power.csv",       "activity.csv",
    "outputs.safetensors", "scenario.yaml", "text.txt",   "layer_kinds.csv", "uart.txt"};

/// A scenario in a folder of its own, run, its results in out/.
class Run {
 public:
  static std::string gemm(const std::string& more = "") {
    return "name: 'g, \"h\"'\nfidelity: tlm\nworkload: {kind: gemm, weights: W.safetensors, activations: "
           "X.safetensors, "
           "pattern: \"2:4\"}\n" +
           more;
  }
  static std::string block() {
    return "name: b\nfidelity: tlm\nworkload: {kind: block, model: ., tokens: {text: prompt.safetensors, count: 3}, "
           "flow: {calibration: text.safetensors, keep_dense: none, objective: published, update: none}}\ntoggles: "
           "true\nobserve: {transactions: csv, "
           "protocol_checker: on, registers: on, interrupts: on, timeline: on}\nalso: [{fidelity: rtl, linears: "
           "[q_proj]}]\n";
  }
  static std::string generate() {
    return "name: t\nfidelity: tlm\nworkload: {kind: generate, model: ., tokens: 3, flow: {calibration: "
           "text.safetensors, keep_dense: none, objective: published, update: none}, prompt: "
           "{text: prompt.safetensors, count: 3}}\nalso: [{fidelity: tlm}]\n";
  }

  static std::string firmware() {
    return "name: f\nfidelity: tlm\nworkload: {kind: firmware}\nhost: {kind: riscv, elf: f.elf}\n";
  }

  /// `files_only`: in a process of its own, result() is empty. AddressSanitizer does not bear exceptions on the stack
  /// of a process in which SystemC has switched stacks.
  explicit Run(const std::string& text, bool files_only = false) {
    std::vector<std::int8_t> weights(32 * 64), activations(2 * 64);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::int8_t>(i % 4 < 2 ? i % 100 : 0);
    for (std::size_t i = 0; i < activations.size(); ++i) activations[i] = static_cast<std::int8_t>(i % 127);
    tiny_llama(31).write(folder_.path().string());
    put("W.safetensors", "weight", {32, 64}, Dtype::i8, weights);
    put("X.safetensors", "activation", {2, 64}, Dtype::i8, activations);
    put("prompt.safetensors", "tokens", {3}, Dtype::i32, std::vector<std::int32_t>{7, 1, 30});
    std::vector<std::int32_t> tokens(256);
    for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<std::int32_t>(i * i % 31);
    put("text.safetensors", "tokens", {tokens.size()}, Dtype::i32, tokens);
    using namespace riscv::test;
    Firmware firmware(0x8000'0000);
    firmware.load(t0, 0x1000'0000).add({li(t1, 1), sw(t1, 8, t0), sw(zero, 0x18, t0), li(t1, 'x'), sw(t1, 0, t0)});
    firmware.load(t1, 100).add({addi(t1, t1, -1), bne(t1, zero, -4)});
    folder_.write("f.elf", end(firmware, 5).file());
    scenario_ = load_scenario(folder_.write("s.yaml", text), {});
    fs::create_directory(out());
    const pid_t child = files_only ? ::fork() : 0;
    if (child != 0) {
      int status = -1;
      REQUIRE(::waitpid(child, &status, 0) == child);
      REQUIRE(status == 0);
      return;
    }
    prepared_.emplace(scenario_, out());
    result_ = prepared_->run();
    write_results(out(), scenario_, result_);
    if (files_only) ::_exit(0);
  }

  const Scenario& scenario() const { return scenario_; }
  RunResult& result() { return result_; }
  fs::path out() const { return folder_.path() / "out"; }
  std::string read(const std::string& name) const { return folder_.read("out/" + name); }
  void write(const std::string& name, const std::string& text) const { folder_.write("out/" + name, text); }
  /// The message of load_result, without the folder.
  std::string error() const {
    std::string text = input_error([&] { load_result(out()); });
    for (std::string::size_type at; (at = text.find(out().string() + "/")) != std::string::npos;) {
      text.erase(at, out().string().size() + 1);
    }
    return text;
  }
  /// The message where `file` has `to` in place of the first `from`.
  std::string error_with(const std::string& file, const std::string& from, const std::string& to) const {
    const std::string text = read(file);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    write(file, std::string(text).replace(at, from.size(), to));
    const std::string message = error();
    write(file, text);
    return message;
  }
  /// What is loaded, written again, is the same bytes.
  void check_round_trip() const {
    const LoadedResult loaded = load_result(out());
    const TempFolder again;
    write_results(again.path(), loaded.scenario, loaded.result);
    for (const char* name : kFiles) {
      INFO(name);
      CHECK(fs::exists(again.path() / name) == fs::exists(out() / name));
      CHECK(again.read(name) == read(name));
    }
    CHECK(loaded.result.waveform == result_.waveform);
    CHECK(report(loaded.scenario, loaded.result) == report(scenario_, result_));
    CHECK(closing_lines(loaded.result, "out") == closing_lines(result_, "out"));
  }

 private:
  template <class T>
  void put(const std::string& file, const std::string& name, const std::vector<std::size_t>& shape, Dtype type,
           const std::vector<T>& values) const {
    SafetensorsWriter writer((folder_.path() / file).string(), {{name, type, shape}});
    writer.write(name, values);
    writer.finish();
  }

  TempFolder folder_;
  Scenario scenario_;
  std::optional<PreparedRun> prepared_;
  RunResult result_;
};

/// Term by term.
bool same(const EnergyReport& a, const EnergyReport& b) {
  return std::equal(a.terms().begin(), a.terms().end(), b.terms().begin(), b.terms().end(),
                    [](const EnergyTerm& x, const EnergyTerm& y) {
                      return x.component == y.component && x.name == y.name && x.energy == y.energy &&
                             x.figure.tag == y.figure.tag && x.figure.value == y.figure.value;
                    }) &&
         !a.terms().empty();
}

/// Every place of a JSON document that holds a value.
void places(const Json& json, const Json::json_pointer& at, std::vector<Json::json_pointer>& found) {
  found.push_back(at);
  if (json.is_object()) {
    for (const auto& item : json.items()) places(item.value(), at / item.key(), found);
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) places(json[i], at / i, found);
  }
}

}  // namespace

TEST_CASE("The result of a gemm is read back and written again as the same bytes") {
  const Run run(Run::gemm("trace: {soc: true}\n"));
  run.check_round_trip();
}

TEST_CASE("The result of a block with further runs, toggles and a waveform is read back") {
  Run run(Run::block());
  run.check_round_trip();
  const LoadedResult loaded = load_result(run.out());
  const RunResult &read = loaded.result, &written = run.result();
  REQUIRE(read.simulations.size() == 2);
  CHECK(read.simulations[1].fidelity == Fidelity::rtl);
  REQUIRE(read.simulations[0].layers.size() == written.simulations[0].layers.size());
  for (std::size_t i = 0; i < read.simulations[0].layers.size(); ++i) {
    const LayerResult &a = read.simulations[0].layers[i], &b = written.simulations[0].layers[i];
    CHECK(a.name == b.name);
    CHECK(a.pattern == b.pattern);
    CHECK(a.cycles == b.cycles);
    CHECK(a.start_ps == b.start_ps);
    CHECK(a.output == b.output);
    CHECK(same(a.energy, b.energy));
  }
  CHECK(read.simulations[1].toggles.has_value());
  CHECK(same(read.simulations[0].between, written.simulations[0].between));
  CHECK(same(read.simulations[0].energy, written.simulations[0].energy));
  REQUIRE(read.selection.has_value());
  CHECK(read.selection->reached == written.selection->reached);
  REQUIRE(read.trace.has_value());
  CHECK(read.trace->last_ps == written.trace->last_ps);
  CHECK(read.area.size() == written.area.size());
  CHECK(read.transactions == "transactions.csv");
  CHECK(read.checked_transactions == written.checked_transactions);
  CHECK_THAT(run.read("transactions.csv"), Catch::Contains("\nsoc.accelerator_port,non_blocking,read,") &&
                                               Catch::Contains("\nalso_0.dram_port,non_blocking,write,"));

  CHECK(read.shown == std::vector<std::string>{"registers.log", "timeline.json"});
  CHECK(written.shown == read.shown);
  REQUIRE(read.interrupts.has_value());
  CHECK(read.interrupts->at(0).source == "FLEXCIM");
  CHECK(read.interrupts->at(0).count == read.simulations[0].layers.size());
  CHECK(read.interrupts->at(0).most_ps == written.interrupts->at(0).most_ps);
  // The timeline has the commands of the first run, each with its layer's name.
  const auto events = flexcim::test::checked_events(run.read("timeline.json"));
  const auto commands = flexcim::test::slices_of(events, 2, "commands");
  REQUIRE(commands.size() == read.simulations[0].layers.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const LayerResult& layer = read.simulations[0].layers[i];
    CHECK(commands[i]["name"] == layer.name);
    CHECK(commands[i]["args"]["tag"] == i);
    CHECK(commands[i]["args"]["cycles"] == layer.cycles);
    CHECK(std::llround(commands[i]["ts"].get<double>() * 1e6) == layer.start_ps);
  }

  // What does not match the golden model comes back as well.
  run.result().simulations[1].layers[0].match = false;
  run.result().simulations[1].layers[0].mismatch = "1 of 6 outputs differ";
  write_results(run.out(), run.scenario(), run.result());
  CHECK_FALSE(load_result(run.out()).result.match());
  run.check_round_trip();
}

TEST_CASE("The result of a generation is read back, also of a text that is not the golden model's") {
  Run run(Run::generate());
  run.check_round_trip();
  const LoadedResult loaded = load_result(run.out());
  const GenerationResult &read = *loaded.result.simulations[0].generation,
                         &written = *run.result().simulations[0].generation;
  CHECK(read.prompt == std::vector<int>{7, 1, 30});
  CHECK(read.tokens == written.tokens);
  CHECK(read.whole_text == written.whole_text);
  REQUIRE(read.parts.size() == 2);
  CHECK(read.parts[1].name == "decode");
  CHECK(read.parts[1].time.total_ps() == written.parts[1].time.total_ps());
  CHECK(same(read.parts[0].energy, written.parts[0].energy));
  CHECK(same(read.parts[1].driver, written.parts[1].driver));
  CHECK(same(read.parts[0].operators[1].energy, written.parts[0].operators[1].energy));
  CHECK(read.parts[0].operators[1].cycles == written.parts[0].operators[1].cycles);
  CHECK(read.parts[0].operators[1].read_bytes == written.parts[0].operators[1].read_bytes);
  CHECK(read.parts[0].operators[1].written_bytes == written.parts[0].operators[1].written_bytes);
  CHECK(read.parts[0].operators[1].compute_ps == written.parts[0].operators[1].compute_ps);
  CHECK(read.parts[0].roofline.dram_bytes == written.parts[0].roofline.dram_bytes);
  CHECK(read.parts[0].roofline.dram_ps == written.parts[0].roofline.dram_ps);
  CHECK(read.parts[0].operators[1].wait_ps == written.parts[0].operators[1].wait_ps);
  CHECK(read.parts[0].operators[1].hidden_ps == written.parts[0].operators[1].hidden_ps);
  Femtojoules energy = 0;
  loaded.result.simulations[0].power([&](const PowerWindow& window) { energy += window.total(); });
  CHECK(energy == run.result().simulations[0].energy.total());

  run.result().simulations[1].generation->golden[1] += 1;
  run.result().simulations[1].generation->golden_text = "another";
  write_results(run.out(), run.scenario(), run.result());
  run.check_round_trip();
}

TEST_CASE("The result of firmware is read back") {
  Run run(Run::firmware());
  run.check_round_trip();
  const LoadedResult loaded = load_result(run.out());
  const FirmwareResult &read = *loaded.result.simulations[0].firmware, &written = *run.result().simulations[0].firmware;
  CHECK(read.exit_code == 5);
  CHECK(read.instructions == written.instructions);
  CHECK(read.uart == "x");
  CHECK(run.error_with("summary.json", "\"exit_code\": 5", "\"exit_code\": -1") ==
        "summary.json: firmware.exit_code is -1 instead of a whole number, 0 or above");
}

TEST_CASE("A result that is not there, or of another version, says so") {
  const Run run(Run::gemm(), true);
  const std::string summary = run.read("summary.json");
  CHECK_THAT(summary, Catch::StartsWith("{\n  \"schema_version\": 4,\n  \"scenario\":"));
  const std::string version = "\"schema_version\": 4";
  CHECK(run.error_with("summary.json", version, "\"schema_version\": 5") ==
        "summary.json: schema_version is 5: written by a newer version, this one reads 4");
  CHECK(run.error_with("summary.json", version, "\"schema_version\": 3") ==
        "summary.json: schema_version is 3: written by an older version, this one reads 4");
  CHECK(run.error_with("summary.json", version, "\"version\": 3") == "summary.json: schema_version is missing");
  for (const char* name : {"summary.json", "layers.csv", "energy.csv", "power.csv", "activity.csv",
                           "outputs.safetensors", "scenario.yaml"}) {
    const std::string text = run.read(name);
    fs::remove(run.out() / name);
    CHECK_THAT(run.error(), Catch::Contains(name));
    run.write(name, text);
  }
  CHECK(run.error() == "");
}

TEST_CASE("A damaged result names file and key, or line and column") {
  const Run run(Run::gemm(), true);
  const auto layer = Json::parse(run.read("summary.json"))["layers"][0];
  const std::string cycles = std::to_string(layer["cycles"].get<int>());
  const auto summary = [&](const std::string& from, const std::string& to) {
    return run.error_with("summary.json", from, to);
  };
  CHECK(summary("\"tiles\": 1", "\"tiles\": -1") ==
        "summary.json: layers[0].tiles is -1 instead of a whole number, 0 or above");
  CHECK(summary("\"tiles\": 1", "\"tile\": 1") == "summary.json: layers[0].tiles is missing");
  CHECK(summary("\"tokens\": 2", "\"tokens\": 4294967296") ==
        "summary.json: layers[0].tokens is 4294967296 instead of a whole number below 2^31");
  CHECK(summary("\"pattern\": \"2:4\"", "\"pattern\": \"4:2\"").rfind("summary.json: layers[0].pattern ", 0) == 0);
  CHECK(summary("\"macs_dense\": 4096", "\"macs_dense\": 4097") ==
        "summary.json: macs_dense is 4097, but the rest of the results gives 4096");
  CHECK(summary("\"match\": true", "\"match\": false") ==
        "summary.json: match is false, but the rest of the results gives true");
  CHECK(summary("\"fidelity\": \"tlm\"", "\"fidelity\": [[[[]]]]") ==
        "summary.json: fidelity is a list instead of a text");
  CHECK_THAT(summary("\"layers\": [", "\"layers\": [,"), Catch::Contains("summary.json:") && Catch::Contains("JSON"));
  CHECK(run.error_with("layers.csv", "," + cycles + ",", ",7,") ==
        "layers.csv:2: cycles is \"7\" instead of \"" + cycles + "\"");
  CHECK(run.error_with("layers.csv", "run,fidelity", "run,speed") ==
        "layers.csv:1: fidelity is \"speed\" instead of \"fidelity\"");
  CHECK_THAT(run.error_with("power.csv", "0,tlm,0,", "0,tlm,x,"),
             Catch::StartsWith("power.csv:2: start_ns is \"x\" instead of a number"));
  CHECK(run.error_with("energy.csv", "0,tlm,,layer,gemm,cells,", "0,tlm,,layer,gem,cells,") ==
        "energy.csv:2: is of no layer, operator or run of summary.json, or not where it belongs");
  CHECK(run.error_with("energy.csv", ",cells,", ",cell,") == "energy.csv:2: component is no component");
  CHECK(run.error_with("energy.csv", "energy.int8_multiply", "energy.int9_multiply") ==
        "energy.csv:2: figure is not in energy.figures of summary.json");
  CHECK(run.error_with("energy.csv", "int8_multiply,", "int8_multiply,-") ==
        "energy.csv:2: energy_pj is no energy of a run");
  CHECK_THAT(run.error_with("energy.csv", "int8_multiply,", "int8_multiply,1"),
             Catch::StartsWith("summary.json: ") && Catch::Contains("but the rest of the results gives"));
  const std::string power = run.read("power.csv");
  run.write("power.csv", power.substr(0, power.rfind('\n', power.size() - 2) + 1));
  CHECK_THAT(run.error(), Catch::StartsWith("power.csv: run 0 has "));
  run.write("power.csv", power);
  CHECK_THAT(run.error_with("activity.csv", "0,tlm,0,1000,", "0,tlm,0,1000,-"),
             Catch::StartsWith("activity.csv:2: macs_executed is \"-") && Catch::EndsWith("instead of a whole number"));
}

namespace {

void damage(const Run& run, unsigned seed) {
  std::mt19937 random(seed);
  const Json document = Json::parse(run.read("summary.json"));
  std::vector<Json::json_pointer> all;
  places(document, Json::json_pointer(), all);
  const Json junk[] = {nullptr,       true,           -1,    0, 1e300, 18446744073709551615u, "", "x",
                       Json::array(), Json::object(), {1, 2}};
  int refused = 0, read = 0;
  const auto load = [&](const std::string& what) {
    INFO(what);
    try {
      load_result(run.out());
      ++read;
    } catch (const InputError& error) {
      CHECK(std::string(error.what()).find(run.out().string()) != std::string::npos);
      ++refused;
    }
  };
  for (int i = 0; i < 300; ++i) {
    Json changed = document;
    const auto& at = all[random() % all.size()];
    const bool removed = random() % 4 == 0 && !at.empty() && changed[at.parent_pointer()].is_object();
    if (removed) {
      changed[at.parent_pointer()].erase(at.back());
    } else {
      changed[at] = junk[random() % std::size(junk)];
    }
    run.write("summary.json", changed.dump(2));
    load(at.to_string());
  }
  run.write("summary.json", document.dump(2) + "\n");
  for (const char* name : kFiles) {
    if (!fs::exists(run.out() / name)) continue;
    const std::string whole = run.read(name);
    for (int i = 0; i < 30; ++i) {
      std::string changed = whole.substr(0, random() % whole.size());
      if (i % 3 == 0) changed = whole, changed[random() % whole.size()] = static_cast<char>(random());
      run.write(name, changed);
      load(name);
    }
    run.write(name, whole);
  }
  CHECK(refused > 300);
  load("as it was");
  CHECK(read > 0);
  CHECK(input_error([&] { load_result(run.out()); }) == "");
}

}  // namespace

TEST_CASE("Whatever happens to the files of a gemm, reading them gives a result or a message") {
  damage(Run(Run::gemm(), true), 1);
}

TEST_CASE("Whatever happens to the files of a generation, reading them gives a result or a message") {
  damage(Run(Run::generate(), true), 2);
}

TEST_CASE("A value nested without end is refused") {
  const Run run(Run::gemm(), true);
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  CHECK(run.error_with("summary.json", "\"scenario\": \"g, \\\"h\\\"\"", "\"scenario\": " + deep) ==
        "summary.json: lists and objects lie more than 200 deep");
}

}  // namespace flexcim
