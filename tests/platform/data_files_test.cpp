#include "platform/config/data_files.h"

#include "tests/platform/default_architecture.h"
#include "tests/platform/scenario_text.h"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace flexcim {

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
  CHECK(set.device.energy.read.value == 8.47);
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

TEST_CASE("An architecture is checked as a whole") {
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  rows: 48\n  pairs_per_set: 2\n  window: 4\n") ==
        "q.yaml:5:9: architecture.rows: 48 is no power of two 1…256");
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  patterns: [\"2:4\"]\n") ==
        "q.yaml:5:13: architecture.patterns: dense is missing from the patterns; every macro runs it");
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  patterns: [dense, \"2:8\"]\n  pairs_per_set: 2\n") ==
        "q.yaml:5:13: architecture.patterns: 2:8 is out of the reach of P = 4, I = 2, which is dense, 1:2, 1:4, 2:4, "
        "3:4");
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  patterns: none\n") ==
        "q.yaml:5:13: architecture.patterns: expected all or a list of dense, N:M");
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  pairs_per_set: 2\n  window: 4\n") ==
        "q.yaml:6:11: architecture.window: 4 is wider than a set of 2 pairs (pairs_per_set)");
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  buffers:\n    weight: {ports: 8}\n") ==
        "q.yaml:6:14: architecture.buffers.weight.ports: unknown key; did you mean \"bytes\"? Valid keys: bytes, "
        "port_bytes, banks, protection");
  CHECK(error_of(std::string(kMinimal) + "architecture:\n  buffers:\n    weight: {banks: 3}\n") ==
        "q.yaml:6:21: architecture.buffers.weight.banks: 3 is no power of two 1…256");
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

}  // namespace flexcim
