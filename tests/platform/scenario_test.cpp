#include "platform/config/scenario.h"

#include "flow/base/safetensors_writer.h"
#include "platform/workload/generate_job.h"
#include "platform/workload/scenario_check.h"
#include "tests/platform/default_architecture.h"
#include "tests/platform/temp_folder.h"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace flexcim {
namespace {

const char* const kMinimal =
    "name: q\nfidelity: tlm\nworkload: {kind: gemm, weights: w.safetensors, activations: x.safetensors, pattern: "
    "\"2:4\"}\n";

Scenario load(const TempFolder& folder, const std::string& text, const std::vector<std::string>& settings = {}) {
  std::vector<Override> overrides;
  for (const std::string& setting : settings) overrides.push_back(parse_override(setting));
  return load_scenario(folder.write("q.yaml", text), overrides);
}

/// The error of loading, with the folder's name taken out.
std::string error_of(const std::string& text, const std::vector<std::string>& settings = {}) {
  const TempFolder folder;
  std::string error = input_error([&] { load(folder, text, settings); });
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at; (at = error.find(prefix)) != std::string::npos;) error.erase(at, prefix.size());
  return error;
}

std::string check_error(const TempFolder& folder, const std::string& text,
                        const std::vector<std::string>& settings = {}) {
  std::string error = input_error([&] { check_scenario(load(folder, text, settings)); });
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at; (at = error.find(prefix)) != std::string::npos;) error.erase(at, prefix.size());
  return error;
}

void write_int8(const std::filesystem::path& file, const std::string& name, std::size_t rows, std::size_t cols,
                const std::vector<std::int8_t>& values) {
  SafetensorsWriter writer(file.string(), {{name, Dtype::i8, {rows, cols}}});
  writer.write(name, values);
  writer.finish();
}

}  // namespace

TEST_CASE("A scenario of name, fidelity and workload gets published defaults") {
  const TempFolder folder;
  const Scenario scenario = load(folder, kMinimal);
  CHECK(scenario.name == "q");
  CHECK(scenario.fidelity == Fidelity::tlm);
  CHECK(scenario.architecture.name == "flexcim_published");
  CHECK(scenario.technology.name == "28nm");
  CHECK(scenario.sequencing == Sequencing::grouped);
  CHECK(scenario.host == HostKind::native);
  const auto& gemm = std::get<GemmWorkload>(scenario.workload);
  CHECK(gemm.weights == folder.path() / "w.safetensors");
  CHECK(gemm.pattern == Pattern{2, 4});
}

TEST_CASE("The shipped published architecture is the default of every parameter") {
  const TempFolder folder;
  const Architecture file = load(folder, kMinimal).architecture;
  const Architecture initial = default_architecture();
  YAML::Emitter a;
  YAML::Emitter b;
  Architecture x = file;
  Architecture y = initial;
  x.name = y.name;
  x.description = y.description;
  architecture_schema().write(a, x);
  architecture_schema().write(b, y);
  CHECK(std::string(a.c_str()) == b.c_str());
  CHECK(initial.macro.cells() == 4096);
  CHECK(initial.clock().ps() == 2000);
}

TEST_CASE("Architectures and technologies come by name, by path or in place, and can be changed key by key") {
  const TempFolder folder;
  folder.write("architectures/mine.yaml", "base: flexcim_published\nname: mine\nrows: 64\n");
  folder.write("sub/arch.yml", "name: pathed\ncols: 16\n");
  const auto arch = [&](const std::string& text, const std::vector<std::string>& settings = {}) {
    return load(folder, kMinimal + text, settings).architecture;
  };
  CHECK(arch("architecture: mine\n").macro.rows == 64);
  CHECK(arch("architecture: flexcim_window2\n").macro.window == 2);
  CHECK(arch("architecture: sub/arch.yml\n").macro.cols == 16);
  CHECK(arch("architecture: {rows: 16}\n").macro.rows == 16);
  const Architecture changed = arch("architecture: {base: mine, buffers: {weight: {bytes: 131072}}}\n");
  CHECK(changed.macro.rows == 64);
  CHECK(changed.buffers.weight.bytes == 131072);
  CHECK(changed.buffers.weight.port_bytes == 256);
  CHECK(arch("", {"architecture.rows=128"}).name == "flexcim_published");
  CHECK(arch("", {"architecture.rows=128"}).macro.rows == 128);
  CHECK(arch("architecture: mine\n", {"architecture.cols=8", "architecture.window=2"}).macro.rows == 64);
  CHECK(arch("", {"architecture=mine", "architecture.cols=8"}).macro.rows == 64);

  const Technology technology =
      load(folder, kMinimal, {"technology.energy.int8_multiply=90", "technology.activity=0.25"}).technology;
  CHECK(technology.energy.int8_multiply.value == 90);
  CHECK(technology.energy.int8_multiply.source == "set by hand");
  CHECK(technology.energy.add_16.value == 27.2);
  CHECK(technology.activity == 0.25);
}

TEST_CASE("DRAM devices come by name, by path or in place, and can be changed key by key") {
  const TempFolder folder;
  folder.write("mine/architectures/a.yaml", "dram: {standard: slow, channels: 2}\n");
  folder.write("mine/dram/slow.yaml", "base: ddr4\nname: slow\ntiming: {rp: 50}\n");
  const auto dram = [&](const std::string& text, const std::vector<std::string>& settings = {}) {
    return load(folder, kMinimal + text, settings).architecture.dram;
  };
  CHECK(dram("").device.name == "LPDDR4-3200");
  CHECK(dram("architecture: {rows: 16}\n").device.timing.ras == 68);
  CHECK(dram("architecture: {dram: {standard: hbm2}}\n").device.name == "HBM2");
  CHECK(dram("architecture: {dram: {standard: mine/dram/slow.yaml}}\n").device.timing.rp == 50);
  // By name, from beside the architecture's folder.
  const DramConfig slow = dram("architecture: mine/architectures/a.yaml\n");
  CHECK(slow.device.name == "slow");
  CHECK(slow.device.timing.rp == 50);
  CHECK(slow.device.timing.ras == 52);
  CHECK(slow.channels == 2);
  // A map without a base changes the device that is there, one with a base that one.
  const DramConfig changed =
      dram("architecture: {base: mine/architectures/a.yaml, dram: {standard: {timing: {ras: 60}}}}\n");
  CHECK(changed.device.name == "slow");
  CHECK(changed.device.timing.rp == 50);
  CHECK(changed.device.timing.ras == 60);
  CHECK(changed.channels == 2);
  CHECK(dram("architecture: {dram: {standard: {timing: {ras: 60}}}}\n").device.name == "LPDDR4-3200");
  CHECK(dram("architecture: {base: mine/architectures/a.yaml, dram: {standard: {base: hbm2, timing: {ras: 60}}}}\n")
            .device.timing.rcd_write == 6);
  folder.write("bare.yaml", "cols: 16\n");
  const DramConfig bare = dram("architecture: {base: bare.yaml, dram: {standard: {timing: {rp: 20}}}}\n");
  CHECK(bare.device.timing.rp == 20);
  CHECK(bare.device.timing.ras == 68);
  // --set, of a device by default, by name in an architecture's file, and by name in the scenario.
  const DramConfig set =
      dram("", {"architecture.dram.standard.energy.flat=3", "architecture.dram.standard.timing.rp=20"});
  CHECK(set.device.energy.flat.value == 3);
  CHECK(set.device.energy.flat.source == "set by hand");
  CHECK(set.device.energy.read.value == 8.5);
  CHECK(set.device.timing.rp == 20);
  CHECK(set.device.timing.ras == 68);
  CHECK(dram("architecture: mine/architectures/a.yaml\n", {"architecture.dram.standard.timing.ras=61"})
            .device.timing.rp == 50);
  CHECK(dram("architecture: {dram: {standard: hbm2}}\n", {"architecture.dram.standard.timing.ras=61"})
            .device.timing.rcd_write == 6);
  CHECK(dram("", {"architecture.dram.standard=ddr4"}).device.name == "DDR4-3200");
}

TEST_CASE("Every DRAM device that is shipped can be used") {
  int devices = 0;
  for (const auto& file : std::filesystem::directory_iterator(std::string(FLEXCIM_SCENARIOS_DIR) + "/dram")) {
    const DramDevice device = architecture_of("{dram: {standard: " + file.path().stem().string() + "}}").dram.device;
    CHECK(device.name != "");
    CHECK(device.description != "");
    ++devices;
  }
  CHECK(devices >= 4);
}

TEST_CASE("What is wrong with a DRAM device is told with its place") {
  const auto error = [](const std::string& device, const std::vector<std::string>& settings = {}) {
    return error_of(std::string(kMinimal) + "architecture: {dram: {standard: " + device + "}}\n", settings);
  };
  CHECK(
      error("ddr9") ==
      "q.yaml:4:33: architecture.dram.standard: there is no DRAM device \"ddr9\"; did you mean \"ddr4\"? Known: ddr4, "
      "hbm2, lpddr4, lpddr5");
  CHECK(error("[hbm2]") ==
        "q.yaml:4:33: architecture.dram.standard: expected the DRAM device by name, by path, or as a map of its keys");
  CHECK_THAT(
      error("{timing: {tRP: 3}}"),
      Catch::StartsWith("q.yaml:4:43: architecture.dram.standard.timing.tRP: unknown key; did you mean \"rp\"?"));
  CHECK(error("{timing: {rp: 0}}") == "q.yaml:4:47: architecture.dram.standard.timing.rp: 0 is outside 1…1000000");
  CHECK_THAT(error("{base: none, name: x, energy: {flat: 1}}"),
             Catch::Contains("architecture.dram.standard: ") && Catch::Contains("timing"));
  CHECK_THAT(error("{base: none, energy: {flat: 1}}"), Catch::Contains("name"));
  // What no single key shows.
  CHECK(error("{base: hbm2, energy: {read: 1}}") ==
        "q.yaml:4:54: architecture.dram.standard.energy: a split needs all of read, write, activate, refresh, standby");
  CHECK(error("{timing: {ccd_l: 7}}") ==
        "q.yaml:4:42: architecture.dram.standard.timing: DRAM LPDDR4-3200: ccd_l >= ccd_s >= burst_clocks must hold");
  CHECK(error("lpddr4", {"architecture.dram.standard.timing.row_bytes=3000"}) ==
        "--set architecture.dram.standard.timing.row_bytes=3000: architecture.dram.standard.timing: DRAM LPDDR4-3200: "
        "row_bytes must be a power of two that holds a burst");
}

TEST_CASE("Data files are found in the folder that FLEXCIM_DATA names") {
  const TempFolder folder;
  const TempFolder data;
  data.write("architectures/elsewhere.yaml", "name: elsewhere\nrows: 8\n");
  setenv("FLEXCIM_DATA", data.path().c_str(), 1);
  CHECK(load(folder, std::string(kMinimal) + "architecture: elsewhere\n").architecture.macro.rows == 8);
  unsetenv("FLEXCIM_DATA");
}

TEST_CASE("A block workload has FLOW's options and further runs") {
  const TempFolder folder;
  const Scenario scenario =
      load(folder,
           "name: b\nfidelity: tlm\nworkload:\n  kind: block\n  model: models/tiny\n  block: 2\n"
           "  tokens: {text: t.txt, first: 3, count: 8}\n"
           "  flow: {calibration: c.txt, sparsity: 0.6, candidates: [\"2:4\", \"4:8\", \"8:8\"]}\n"
           "also: [{fidelity: rtl, linears: [q_proj]}]\n");
  const auto& block = std::get<BlockWorkload>(scenario.workload);
  CHECK(block.block == 2);
  CHECK(block.linears.empty());
  CHECK(block.tokens.text == folder.path() / "t.txt");
  CHECK(block.tokens.count == 8);
  CHECK(block.flow.sparsity == 0.6);
  CHECK(block.flow.candidates.size() == 3);
  REQUIRE(scenario.also.size() == 1);
  CHECK(scenario.also[0].fidelity == Fidelity::rtl);
  CHECK(scenario.also[0].linears == std::vector<std::string>{"q_proj"});
}

TEST_CASE("Linears are chosen by full name or by their last parts") {
  const std::string name = "model.layers.2.self_attn.q_proj";
  CHECK(selects_linear({}, name));
  CHECK(selects_linear({"k_proj", "q_proj"}, name));
  CHECK(selects_linear({"self_attn.q_proj"}, name));
  CHECK(selects_linear({name}, name));
  CHECK_FALSE(selects_linear({"proj"}, name));
  CHECK_FALSE(selects_linear({"a." + name}, name));
}

TEST_CASE("Bad scenarios are told what is wrong where") {
  CHECK(
      error_of("name: q\nfidelty: tlm\nworkload: {kind: gemm, weights: w, activations: x}\n") ==
      "q.yaml:2:1: fidelty: unknown key; did you mean \"fidelity\"? Valid keys: name, description, fidelity, workload, "
      "architecture, technology, sequencing, host, also, trace, toggles, observe, power_window_ns, limits, "
      "simulation\n"
      "q.yaml:1:1: the key \"fidelity\" is missing: transaction-level, or the pin-accurate macro under the same "
      "accelerator");
  CHECK(error_of("name: q\nfidelity: rlt\nworkload: {kind: gemm, weights: w, activations: x}\n") ==
        "q.yaml:2:11: fidelity: \"rlt\" is none of tlm | rtl; did you mean \"rtl\"?");
  CHECK(error_of("name: q\nfidelity: rtl\nworkload: {kind: gem, weights: w, activations: x}\n") ==
        "q.yaml:3:18: workload.kind: \"gem\" is none of gemm | block | generate; did you mean \"gemm\"?");
  CHECK(error_of("name: q\nfidelity: rtl\nworkload: {kind: gemm, weigths: w, activations: x}\n") ==
        "q.yaml:3:24: workload.weigths: unknown key; did you mean \"weights\"? Valid keys: kind, weights, activations, "
        "pattern\n"
        "q.yaml:3:11: workload: the key \"weights\" is missing: safetensors with `weight` [out, in], int8 or float");
  CHECK(error_of("name: q\nfidelity: rtl\nworkload: gemm\n") ==
        "q.yaml:3:11: workload: expected a map with a kind: gemm, block or generate");
  CHECK(error_of(std::string(kMinimal) + "architecture: flexcim_publishd\n") ==
        "q.yaml:4:15: architecture: there is no architecture \"flexcim_publishd\"; did you mean "
        "\"flexcim_published\"? Known: flexcim_published, flexcim_window2");
  CHECK(error_of(std::string(kMinimal) + "architecture: none.yaml\n") ==
        "q.yaml:4:15: architecture: none.yaml: no such file");
  CHECK(error_of(kMinimal, {"fidelity=fast"}) ==
        "--set fidelity=fast: fidelity: \"fast\" is none of tlm | rtl; did you mean \"tlm\"?");
}

TEST_CASE("A pattern that the hardware cannot run is refused with what it runs") {
  CHECK(error_of(kMinimal, {"workload.pattern=5:16"}) ==
        "--set workload.pattern=5:16: workload.pattern: architecture flexcim_published: the hardware (P = 4, I = 4) "
        "cannot run pattern 5:16; it runs dense, 1:2, 1:4, 2:4, 3:4, 1:8, 2:8, 3:8, 4:8");
}

TEST_CASE("An architecture is checked as a whole") {
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  rows: 48\n  pairs_per_set: 2\n  window: 4\n") ==
        "q.yaml:5:9: architecture.rows: 48 is no power of two 1…256");
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  pairs_per_set: 2\n  window: 4\n") ==
        "q.yaml:6:11: architecture.window: 4 is wider than a set of 2 pairs (pairs_per_set)");
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  buffers:\n    weight: {banks: 8}\n") ==
        "q.yaml:6:14: architecture.buffers.weight.banks: unknown key; did you mean \"bytes\"? Valid keys: bytes, "
        "port_bytes");
  CHECK(error_of(std::string(kMinimal) + "architecture: {weight_update: shadow}\n") == "");
  CHECK(error_of(std::string(kMinimal) + "architecture: {weight_update: shadows}\n")
            .find("q.yaml:4:31: architecture.weight_update: ") == 0);
  CHECK(error_of(std::string(kMinimal) + "architecture: {dma: {burst_bytes: 8}}\n") ==
        "q.yaml:4:35: architecture.dma.burst_bytes: 8 is less than 16");
  CHECK(error_of(std::string(kMinimal) + "trace: {from: 10, to: 10}\n") == "q.yaml:4:8: trace: to is not after from");
  CHECK(error_of(std::string(kMinimal) + "trace: {signals: macro.*, fst: 1}\n") ==
        "q.yaml:4:18: trace.signals: expected a list of glob\n"
        "q.yaml:4:32: trace.fst: expected true or false, not \"1\"");
  CHECK(error_of(std::string(kMinimal) + "trace: {signals: [macro.*, '']}\n") ==
        "q.yaml:4:28: trace.signals.1: is empty; expected glob");
  CHECK(error_of(std::string(kMinimal) + "also: [{fidelity: rtl, linears: [a]}]\n") ==
        "q.yaml:4:33: also.0.linears: a gemm workload has no linears to choose from");
}

TEST_CASE("Problems in a file that is referred to are at their place there") {
  const TempFolder folder;
  folder.write("a.yaml", "name: a\nrows: 7\n");
  folder.write("circle.yaml", "base: circle.yaml\n");
  const std::string prefix = folder.path().string() + "/";
  CHECK(input_error([&] { load(folder, std::string(kMinimal) + "architecture: a.yaml\n"); }) ==
        prefix + "a.yaml:2:7: rows: 7 is no power of two 1…256");
  CHECK_THAT(input_error([&] { load(folder, std::string(kMinimal) + "architecture: circle.yaml\n"); }),
             Catch::Contains("refers back to itself"));
}

TEST_CASE("A technology's figures are given whole, in a unit that fits") {
  const auto error = [](const std::string& figure) {
    return error_of(std::string(kMinimal) + "technology: {energy: {int8_multiply: " + figure + "}}\n");
  };
  const std::string at = "q.yaml:4:38: technology.energy.int8_multiply";
  CHECK(error("{value: 1, unit: fJ, tag: S, source: me}").empty());
  CHECK(error("{value: 1, unit: fJ, tag: S}") ==
        at + ": the key \"source\" is missing: publication, model or reasoning");
  CHECK_THAT(error("{value: 1, unit: mm2, tag: S, source: me}"),
             Catch::EndsWith("technology.energy.int8_multiply.unit: \"mm2\" cannot be converted to fJ"));
  CHECK_THAT(error("{value: 1, unit: fJ, tag: Q, source: me}"),
             Catch::EndsWith("technology.energy.int8_multiply.tag: \"Q\" is none of D, S, E, U"));
  CHECK(error("-1") == at + ": -1 is outside 0…");
  CHECK(error("much") == at + ": expected a number 0…, not \"much\"");
  const TempFolder folder;
  const auto value = [&](const std::string& figure) {
    return load(folder, std::string(kMinimal) + "technology: {energy: {int8_multiply: " + figure + "}}\n")
        .technology.energy.int8_multiply.value;
  };
  CHECK(value("{value: 0.07, unit: pJ, tag: S, source: me}") == Approx(70));
}

TEST_CASE("The effective configuration is a scenario that gives itself") {
  const TempFolder folder;
  for (const std::string& text :
       {std::string(kMinimal),
        std::string("name: g\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: \"a: 'b'\\n# c\", tokens: 3, "
                    "host_costs: {norm: 2}}\n"),
        std::string("name: g\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: {text: t, first: 2}}\n"),
        std::string("name: 'b: c'\ndescription: d\nfidelity: rtl\nworkload: {kind: block, model: m, block: 1, linears: "
                    "[q_proj], tokens: {text: t}}\ntechnology: 7nm\narchitecture: flexcim_window2\n"
                    "also: [{fidelity: tlm}]\ntrace: {from: 5, to: 1e6, signals: [\"macro.sub[0].*\"], fst: "
                    "true}\nsequencing: dense_slot\n")}) {
    const Scenario scenario = load(folder, text, {"architecture.dram.channels=2", "technology.sram.scale=2.5"});
    const std::string effective = effective_yaml(scenario);
    const TempFolder other;
    const Scenario again = load_scenario(other.write("q.yaml", effective), {});
    CHECK(effective_yaml(again) == effective);
    CHECK(again.architecture.dram.channels == 2);
    CHECK(again.technology.sram.scale == 2.5);
    CHECK(again.architecture.dram.device.name == "LPDDR4-3200");
    CHECK(again.architecture.dram.device.timing.ras == 68);
    CHECK(again.architecture.dram.device.energy.has_split());
  }
}

TEST_CASE("Checking a gemm opens its files") {
  const TempFolder folder;
  CHECK(check_error(folder, kMinimal) ==
        "q.yaml:3:33: workload.weights: w.safetensors: no such file\n"
        "q.yaml:3:61: workload.activations: x.safetensors: no such file");
  write_int8(folder.path() / "w.safetensors", "weight", 2, 4, {1, 0, 2, 0, 0, 0, 0, 3});
  write_int8(folder.path() / "x.safetensors", "activation", 1, 4, {1, 2, 3, 4});
  CHECK(check_error(folder, kMinimal).empty());
  CHECK_THAT(check_error(folder, kMinimal, {"workload.pattern=1:4"}),
             Catch::StartsWith("q.yaml:3:11: workload: w.safetensors: tensor weight"));
  write_int8(folder.path() / "x.safetensors", "activation", 1, 5, {1, 2, 3, 4, 5});
  CHECK(check_error(folder, kMinimal) ==
        "q.yaml:3:11: workload: x.safetensors: tensor activation has 5 inputs per token, but w.safetensors: tensor "
        "weight has 4");
  folder.write("x.safetensors", "\x08");
  CHECK_THAT(check_error(folder, kMinimal), Catch::StartsWith("q.yaml:3:11: workload: x.safetensors: "));
}

TEST_CASE("Checking a block finds every file that is missing") {
  const TempFolder folder;
  const std::string text =
      "name: b\nfidelity: tlm\nworkload: {kind: block, model: m, block: 1, tokens: {text: t.txt, first: 4, count: "
      "3}}\n";
  CHECK(check_error(folder, text) ==
        "q.yaml:3:60: workload.tokens.text: t.txt: no such file\n"
        "q.yaml:3:32: workload.model: m: no such file");
  folder.write("t.txt", "abcdef");
  CHECK(check_error(folder, text) ==
        "q.yaml:3:53: workload.tokens: t.txt has 6 bytes, fewer than 3 tokens from 4\n"
        "q.yaml:3:32: workload.model: m: no such file");
  folder.write("m/other", "");
  folder.write("t.txt", "abcdefg");
  CHECK_THAT(
      check_error(folder, text),
      Catch::StartsWith("q.yaml:3:11: workload.flow.calibration: missing: a model directory is calibrated with a text\n"
                        "q.yaml:3:32: workload.model: m/config.json: cannot be opened"));
}

TEST_CASE("Checking a block opens the model and finds block and linears") {
  const TempFolder folder;
  const std::string models = std::string(FLEXCIM_SCENARIOS_DIR) + "/models/tiny-llama";
  const std::string text = "name: b\nfidelity: tlm\nworkload: {kind: block, model: " + models +
                           ", block: 2, tokens: {text: " + models + "/evaluation.txt}, flow: {calibration: " + models +
                           "/calibration.txt}}\n";
  CHECK(check_error(folder, text + "also: [{fidelity: rtl, linears: [q_proj]}]\n").empty());
  CHECK(
      check_error(folder, text, {"workload.linears=[q_prj]"}) ==
      "--set workload.linears=[q_prj]: workload.linears: the block has no linear \"q_prj\"; did you mean \"q_proj\"?");
  CHECK(check_error(folder, text + "also: [{fidelity: rtl, linears: [down]}]\n") ==
        "q.yaml:4:33: also.0.linears: the block has no linear \"down\"; did you mean \"down_proj\"?");
  CHECK(check_error(folder, text, {"workload.block=6"}) ==
        "--set workload.block=6: workload.block: " + models + " has no block 6");
  CHECK(check_error(folder, text, {"workload.flow.candidates=[\"2:4\", \"5:16\"]"}) ==
        "--set workload.flow.candidates=[\"2:4\", \"5:16\"]: workload.flow.candidates: 5:16: the hardware (P = 4, I = "
        "4) cannot run pattern 5:16; it runs dense, "
        "1:2, 1:4, 2:4, 3:4, 1:8, 2:8, 3:8, 4:8");
  CHECK_THAT(check_error(folder, text, {"workload.flow.candidates=[\"9:4\"]"}),
             Catch::StartsWith("--set workload.flow.candidates=[\"9:4\"]: workload.flow.candidates: "));
  CHECK_THAT(check_error(folder, text, {"workload.flow.keep_dense=[middle]"}),
             Catch::StartsWith("--set workload.flow.keep_dense=[middle]: workload.flow.keep_dense: "));
}

TEST_CASE("Checking a model finds what keeps it from being pruned and read") {
  const TempFolder folder;
  const std::string models = std::string(FLEXCIM_SCENARIOS_DIR) + "/models/tiny-llama";
  const std::string text = "name: b\nfidelity: tlm\nworkload:\n  kind: block\n  model: " + models +
                           "\n  tokens: {text: " + models + "/evaluation.txt}\n  flow:\n    calibration: " + models +
                           "/calibration.txt\n";
  CHECK(check_error(folder, text, {"workload.flow.sparsity=0.75", "workload.tokens.count=256"}).empty());
  folder.write("short.txt", std::string(255, 'a'));
  CHECK(check_error(folder, text + "    sparsity: 0.8\n",
                    {"workload.tokens.count=257", "workload.flow.calibration=short.txt"}) ==
        "--set workload.flow.calibration=short.txt: workload.flow.calibration: short.txt: 255 tokens are less than one "
        "sequence of 256\n"
        "q.yaml:9:15: workload.flow.sparsity: a mean sparsity of 0.8 cannot be reached with these candidates and the "
        "blocks that may be pruned; the most is 0.75\n"
        "q.yaml:6:11: workload.tokens: " +
            models + " reads at most 256 tokens, not 257");
  CHECK(check_error(folder, text, {"workload.flow.candidates=[\"4:4\"]"}) ==
        "q.yaml:8:5: workload.flow.sparsity: a mean sparsity of 0.5 cannot be reached with these candidates and the "
        "blocks that may be pruned; the most is 0");
  // Eight of sixteen pairs can be chosen in 490314 ways.
  CHECK_THAT(check_error(
                 folder, text,
                 {"workload.flow.candidates=[\"8:32\"]", "architecture.pairs_per_set=16", "architecture.sub_macros=8"}),
             Catch::StartsWith("q.yaml:8:5: workload.flow.policy: model.layers.0.self_attn.q_proj: "));
}

TEST_CASE("Tokens of a block or a prompt lie in one row of a tensor") {
  const TempFolder folder;
  const std::string models = std::string(FLEXCIM_SCENARIOS_DIR) + "/models/tiny-llama";
  SafetensorsWriter writer((folder.path() / "t.safetensors").string(), {{"tokens", Dtype::i32, {3, 20}}});
  std::vector<std::int32_t> ids(60);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int32_t>(i);
  writer.write("tokens", ids);
  writer.finish();
  const std::string text = "name: g\nfidelity: tlm\nworkload: {kind: generate, model: " + models +
                           ", prompt: {text: t.safetensors}, flow: {calibration: " + models + "/calibration.txt}}\n";
  const auto range = [&](int first, int count) {
    return check_error(folder, text,
                       {"workload.prompt={text: t.safetensors, first: " + std::to_string(first) +
                        ", count: " + std::to_string(count) + "}"});
  };
  CHECK(range(0, 20).empty());
  CHECK(range(25, 15).empty());
  CHECK_THAT(range(25, 16), Catch::EndsWith("t.safetensors has rows of 20 tokens, which do not follow each other, but "
                                            "tokens 25..40 are asked for, which lie in several of them"));
  CHECK_THAT(range(50, 11), Catch::EndsWith("t.safetensors has 60 tokens, but tokens 50..60 are asked for"));
  CHECK(prompt_tokens(TokenRange{folder.path() / "t.safetensors", 25, 3}, 256) == std::vector<int>{25, 26, 27});
}

TEST_CASE("A generation has a prompt of words or of a text, and costs of the host") {
  const TempFolder folder;
  const std::string text = "name: g\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: In the beginning}\n";
  const auto workload = [&](const std::vector<std::string>& settings) {
    return std::get<GenerateWorkload>(load(folder, text, settings).workload);
  };
  CHECK(std::get<std::string>(workload({}).prompt) == "In the beginning");
  CHECK(workload({}).tokens == 64);
  CHECK(workload({}).host_costs.clock_mhz == 1000);
  CHECK(workload({"workload.host_costs.scan=2.5"}).host_costs.of(OperatorClass::scan) == 2.5);
  const auto range = std::get<TokenRange>(workload({"workload.prompt={text: t.txt, first: 3, count: 8}"}).prompt);
  CHECK(range.text == folder.path() / "t.txt");
  CHECK(range.first == 3);
  CHECK(range.count == 8);
  CHECK(load(folder, text, {"architecture.weights_resident=on"}).architecture.weights_resident);
  CHECK_FALSE(load(folder, text, {"architecture.weights_resident=off"}).architecture.weights_resident);
}

TEST_CASE("A bad generation is told what is wrong where") {
  const std::string text = "name: g\nfidelity: tlm\nworkload: {kind: generate, model: m, prompt: a}\n";
  CHECK(error_of(text, {"workload.prompt=\"\""}) ==
        "--set workload.prompt=\"\": workload.prompt: is empty; expected text");
  CHECK(error_of("name: g\nfidelity: tlm\nworkload: {kind: generate, model: m}\n") ==
        "q.yaml:3:11: workload: the key \"prompt\" is missing: what the text goes on from: words, or tokens of a text "
        "file");
  CHECK(error_of(text, {"workload.prompt=[a]"}) ==
        "--set workload.prompt=[a]: workload.prompt: expected a text, not a list");
  CHECK_THAT(
      error_of(text, {"workload.prompt={txt: t}"}),
      Catch::StartsWith("--set workload.prompt={txt: t}: workload.prompt.txt: unknown key; did you mean \"text\"?"));
  CHECK_THAT(error_of(text, {"workload.host_costs.rop=1"}),
             Catch::Contains("workload.host_costs.rop: unknown key; did you mean \"rope\"?"));
  CHECK_THAT(error_of(text, {"workload.tokens=0"}), Catch::EndsWith("workload.tokens: 0 is outside 1…65536"));
  CHECK_THAT(error_of(text + "also: [{fidelity: rtl, linears: [q_proj]}]\n"),
             Catch::EndsWith("also.0.linears: a model generates with all of its linears"));
}

TEST_CASE("Checking a generation opens the model and measures prompt and text") {
  const TempFolder folder;
  const std::string models = std::string(FLEXCIM_SCENARIOS_DIR) + "/models/tiny-llama";
  const std::string text = "name: g\nfidelity: tlm\nworkload: {kind: generate, model: " + models +
                           ", prompt: abcd, flow: {calibration: " + models + "/calibration.txt}}\n";
  CHECK(check_error(folder, text).empty());
  CHECK(check_error(folder, text, {"workload.tokens=252"}).empty());
  CHECK(check_error(folder, text, {"workload.tokens=253"}) ==
        "--set workload.tokens=253: workload.tokens: a prompt of 4 tokens and 253 more exceed the context of 256 "
        "tokens of " +
            models);
  CHECK(check_error(folder, text, {"workload.prompt={text: none.txt}"}) ==
        "--set workload.prompt={text: none.txt}: workload.prompt.text: none.txt: no such file");
  folder.write("t.txt", "abc");
  CHECK(check_error(folder, text, {"workload.prompt={text: t.txt}"}) ==
        "--set workload.prompt={text: t.txt}: workload.prompt: t.txt has 3 bytes, fewer than 16 tokens from 0");
  CHECK(check_error(folder, text, {"workload.model=none"}) ==
        "--set workload.model=none: workload.model: none: no such file");
  CHECK(check_error(folder, "name: g\nfidelity: tlm\nworkload: {kind: generate, model: " + models + ", prompt: a}\n") ==
        "q.yaml:3:11: workload.flow.calibration: missing: a model directory is calibrated with a text");
}

TEST_CASE("The shipped generations are sound") {
  for (const char* name : {"generate_tiny_llama", "generate_tiny_mamba"}) {
    const Scenario scenario = load_scenario(std::string(FLEXCIM_SCENARIOS_DIR) + "/" + name + ".yaml", {});
    CHECK(input_error([&] { check_scenario(scenario); }).empty());
  }
}

TEST_CASE("The shipped quickstart is sound") {
  const Scenario scenario = load_scenario(std::string(FLEXCIM_SCENARIOS_DIR) + "/quickstart.yaml", {});
  CHECK(input_error([&] { check_scenario(scenario); }).empty());
  CHECK(scenario.also.size() == 1);
}

}  // namespace flexcim
