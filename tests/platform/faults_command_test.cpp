// flexcim run, report and flow eval with faults.
#include "tests/platform/flexcim_command.h"
#include "tests/platform/int8_file.h"

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

using Words = std::vector<std::string>;

const std::string kGemm =
    "name: q\nfidelity: tlm\ntrace: {waveform: false}\n"
    "workload: {kind: gemm, weights: w.safetensors, activations: x.safetensors, pattern: \"2:4\"}\n";

json summary_of(const std::string& folder) { return json::parse(file_bytes(folder + "/summary.json")); }

}  // namespace

TEST_CASE("flexcim run with faults: exit code 0 and equal figures at both fidelities and results that load again") {
  const ModelFolder folder(byte_llama(81));
  write_small_gemm(folder / "");
  const std::string scenario = folder / "q.yaml";
  write_file(scenario, kGemm +
                           "faults: {inject: [{target: \"*.cells.*\", rate: 0.01}, {target: \"soc.dram.*\", rate: "
                           "0.0005}]}\narchitecture: {dram: {protection: secded}}\n");
  json of_fidelity[2];
  for (const bool rtl : {false, true}) {
    const std::string out = folder / (rtl ? "rtl" : "tlm");
    const Outcome run = flexcim_command({"run", scenario, "--out", out, "--fidelity", rtl ? "rtl" : "tlm"});
    CAPTURE(run.error, run.output);
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.output, Contains("outputs differ from the golden model's") && Contains("faulty gemm at"));
    CHECK(flexcim_command({"report", out}).exit_code == 0);  // load_result() computes everything again
    const json summary = summary_of(out);
    CHECK(summary["match"] == false);
    CHECK(summary["faults"]["sites"]["weights"]["silent"] > 0);
    CHECK(summary["layers"][0]["faults"]["wrong_outputs"] > 0);
    of_fidelity[rtl ? 1 : 0] = {summary["faults"], summary["layers"][0]["faults"], summary["cycles"]};
  }
  CHECK(of_fidelity[0] == of_fidelity[1]);
  const Outcome again = flexcim_command({"run", folder / "tlm/scenario.yaml", "--out", folder / "again"});
  CHECK(again.exit_code == 0);
  CHECK(summary_of(folder / "again")["faults"] == of_fidelity[0][0]);
}

TEST_CASE("flexcim run with faults: a generation goes on behind commands that fail") {
  const ModelFolder folder(byte_llama(82));
  const std::string scenario = folder / "q.yaml";
  write_file(scenario,
             "name: q\nfidelity: tlm\ntrace: {waveform: false}\nworkload: {kind: generate, model: ., prompt: {text: "
             "evaluation.txt, count: 4}, tokens: 3, flow: {calibration: calibration.txt}}\narchitecture: {dram: "
             "{protection: parity}}\nfaults: {inject: [{target: soc.dram.weights, rate: 0.0001}]}\n");
  for (const char* driver : {"serial", "queued"}) {
    const std::string out = folder / driver;
    const Outcome run =
        flexcim_command({"run", scenario, "--out", out, "--set", std::string("workload.driver=") + driver});
    CAPTURE(run.error);
    CHECK(run.exit_code == 0);
    CHECK(flexcim_command({"report", out}).exit_code == 0);
    const json summary = summary_of(out);
    CHECK(summary["faults"]["reported"]["DATA_ERROR"] > 0);
    CHECK(summary["generation"]["tokens"].size() == 3);
  }
}

TEST_CASE("flow eval on a scenario's accelerator: the golden model's bits without faults and others with them") {
  const ModelFolder folder(byte_llama(83));
  const std::string packed = folder / "packed.safetensors", scenario = folder / "q.yaml";
  write_small_gemm(folder / "");
  write_file(scenario, kGemm);
  REQUIRE(flexcim_command({"flow", "prune", folder.path(), "--calibration", folder.calibration(), "--method", "uniform",
                           "--pattern", "2:4", "-o", packed})
              .exit_code == 0);
  const Words eval{"flow", "eval", packed, "--text", folder / "evaluation.txt", "--json"};
  const Words on = eval + Words{"--scenario", scenario};
  const auto inject = [](const std::string& target) {
    return Words{"--set", "faults.inject=[{target: \"" + target + "\", rate: 0.01}]"};
  };
  const json golden = flexcim_command(eval).json(), plain = flexcim_command(on).json();
  CHECK(plain["bits_per_token"] == golden["bits_per_token"]);
  CHECK(plain["faults"]["sites"].empty());
  const Outcome faulty = flexcim_command(on + inject("*.cells.weight"));
  CHECK(faulty.json()["bits_per_token"] != golden["bits_per_token"]);
  CHECK(faulty.json()["faults"]["sites"]["weights"]["bits"] > 0);
  CHECK(flexcim_command(on + inject("*.cells.weight")).output == faulty.output);

  CHECK_THAT(refusal(on + inject("soc.dram.*")), Contains("soc.dram.commands need a simulation"));
  CHECK_THAT(refusal(eval + Words{"--set", "faults.seed=2"}), Contains("--scenario"));
  CHECK_THAT(refusal({"flow", "eval", folder.path(), "--scenario", scenario}), Contains("is no packed model"));
}
