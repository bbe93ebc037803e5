// flexcim run and check with --fidelity estimate: the files of a simulation at tlm, but for what needs data.
#include "tests/platform/flexcim_command.h"
#include "tests/platform/int8_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

using Words = std::vector<std::string>;

/// A gemm, and a model with a scenario of one of its blocks and of a text that it writes.
class Workloads {
 public:
  Workloads() : model_(byte_llama(71)) {
    write_small_gemm(model_ / "");
    const std::string model = "model: ., flow: {calibration: calibration.txt}, ";
    write("gemm", "weights: w.safetensors, activations: x.safetensors, pattern: \"2:4\"");
    write("block", model + "block: 1, tokens: {text: evaluation.txt, count: 4}");
    write("generate", model + "prompt: {text: evaluation.txt, count: 4}, tokens: 3");
  }
  /// Runs a scenario into a folder of its own.
  void run(const std::string& kind, const std::string& fidelity) const {
    const Outcome outcome =
        flexcim_command({"run", scenario(kind), "--fidelity", fidelity, "--out", model_ / (kind + "_" + fidelity)});
    INFO(outcome.error);
    REQUIRE(outcome.exit_code == 0);
    for (const char* said : {"not compared", "phases from"}) {
      CHECK((outcome.output.find(said) != std::string::npos) == (fidelity == "estimate"));
    }
  }
  std::string scenario(const std::string& kind) const { return model_ / (kind + ".yaml"); }
  std::string folder(const std::string& kind, const std::string& fidelity) const {
    return model_ / (kind + "_" + fidelity);
  }
  nlohmann::json summary(const std::string& kind, const std::string& fidelity) const {
    return nlohmann::json::parse(file_bytes(folder(kind, fidelity) + "/summary.json"));
  }

 private:
  void write(const std::string& kind, const std::string& work) const {
    write_file(model_ / (kind + ".yaml"),
               "name: q\nfidelity: tlm\nalso: [{fidelity: rtl}]\ntrace: {waveform: false}\n"
               "workload: {kind: " +
                   kind + ", " + work + "}\n");
  }

  ModelFolder model_;
};

/// Rows of the scenario's own run, without the fidelity and, of layers, what was compared.
std::string own_rows(const std::string& file) {
  const std::string text = std::regex_replace(file_bytes(file), std::regex("\n1,[^\n]*"), "");
  return std::regex_replace(std::regex_replace(text, std::regex("\n0,(tlm|estimate),"), "\n"),
                            std::regex(",(true|false|),"), ",");
}

}  // namespace

TEST_CASE("Gemm, block and generation are estimated as tlm simulates them") {
  const std::string kind = GENERATE("gemm", "block", "generate");
  CAPTURE(kind);
  const Workloads workloads;
  workloads.run(kind, "tlm");
  workloads.run(kind, "estimate");
  for (const char* name : {"layers.csv", "energy.csv", "power.csv", "activity.csv"}) {
    INFO(name);
    CHECK(own_rows(workloads.folder(kind, "estimate") + "/" + name) ==
          own_rows(workloads.folder(kind, "tlm") + "/" + name));
  }
  const nlohmann::json estimate = workloads.summary(kind, "estimate"), tlm = workloads.summary(kind, "tlm");
  for (const char* key : {"cycles", "time_ns", "energy_pj", "between", "energy", "macro_overhead"}) {
    CHECK(estimate[key] == tlm[key]);
  }
  CHECK(estimate["also"].empty());
  CHECK_FALSE(estimate.contains("match"));
  CHECK_FALSE(estimate["layers"][0].contains("match"));
  CHECK(estimate["layers"][0]["phases_from"] == tlm["layers"][0]["phases_from"]);
  CHECK_FALSE(std::filesystem::exists(workloads.folder(kind, "estimate") + "/outputs.safetensors"));
  if (kind == "generate") {
    CHECK(estimate["generation"]["decode"] == tlm["generation"]["decode"]);
    CHECK(estimate["generation"]["tokens_asked"] == 3);
    CHECK_FALSE(estimate["generation"].contains("text"));
  }
  const Outcome report = flexcim_command({"report", workloads.folder(kind, "estimate"), workloads.folder(kind, "tlm"),
                                          "--out", workloads.folder(kind, "estimate") + "/report.html"});
  INFO(report.error);
  CHECK(report.exit_code == 0);
  CHECK(flexcim_command({"check", workloads.scenario(kind), "--fidelity", "estimate"}).exit_code == 0);
}

TEST_CASE("An estimate finds what a simulation would refuse, and says what has no meaning for it") {
  const Workloads workloads;
  const auto refused = [&](const std::string& kind, const std::string& setting) {
    return refusal({"run", workloads.scenario(kind), "--fidelity", "estimate", "--set", setting, "--out",
                    workloads.folder(kind, "refused")});
  };
  CHECK_THAT(refused("gemm", "architecture.buffers.activation.bytes=16"),
             Contains("architecture.buffers.activation.bytes: 16 is less than the 48 bytes that layer gemm needs"));
  CHECK_THAT(refused("block", "architecture.dram.bytes=4096"), Contains("architecture.dram.bytes: 4096 is less than"));
  CHECK_THAT(refused("block", "toggles=true"), Contains("toggles: an estimate has no data that could toggle"));
  CHECK_THAT(refused("block", "observe.timeline=true"),
             Contains("observe: an estimate simulates nothing that could be observed"));
  CHECK_THAT(refused("block", "host={kind: riscv, elf: a.elf}"), Contains("host: an estimate runs no firmware"));
  CHECK_THAT(refusal({"run", workloads.scenario("block"), "--set", "fidelity=estimate"}),
             Contains("also: an estimate has no further runs"));
}
