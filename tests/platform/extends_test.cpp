// `extends: FILE` in a scenario.
#include "tests/platform/scenario_text.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace flexcim {
namespace {

const char* const kBase =
    "name: base\nfidelity: tlm\nworkload:\n  kind: gemm\n  weights: w.safetensors\n  activations: x.safetensors\n"
    "  pattern: \"2:4\"\nalso: [{fidelity: rtl}, {fidelity: tlm}]\narchitecture: flexcim_window2\n"
    "limits: {wall_s: 5, simulated_ms: 7}\n";

/// What is found where the scenario q.yaml extends common/base.yaml.
class Folder {
 public:
  explicit Folder(const std::string& base = kBase) { folder_.write("common/base.yaml", base); }
  Scenario load(const std::string& text, const std::vector<std::string>& settings = {}) const {
    return flexcim::load(folder_, "extends: common/base.yaml\n" + text, settings);
  }
  std::string error(const std::string& text, const std::vector<std::string>& settings = {}) const {
    return error_in(folder_, [&] { load(text, settings); });
  }
  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
};

}  // namespace

TEST_CASE("A scenario takes the keys of the file that it extends, and changes some") {
  const Folder folder;
  const Scenario scenario = folder.load("name: mine\nlimits: {wall_s: 6}\nalso: [{fidelity: tlm}]\n");
  CHECK(scenario.name == "mine");
  CHECK(scenario.fidelity == Fidelity::tlm);
  CHECK(scenario.limits.wall_s == 6);
  CHECK(scenario.limits.simulated_ms == 7);
  CHECK(scenario.also.size() == 1);  // lists are replaced
  REQUIRE(scenario.extended.size() == 1);
  CHECK(scenario.extended[0] == folder.folder().path() / "common/base.yaml");
  const std::vector<std::filesystem::path> inputs = input_files(scenario);
  CHECK(std::count(inputs.begin(), inputs.end(), scenario.extended[0]) == 1);
}

TEST_CASE("Paths stay relative to the file that they stand in") {
  const Folder folder;
  const auto gemm = std::get<GemmWorkload>(folder.load("workload: {activations: y.safetensors}\n").workload);
  CHECK(gemm.weights == folder.folder().path() / "common/w.safetensors");
  CHECK(gemm.activations == folder.folder().path() / "y.safetensors");
  CHECK(gemm.pattern == Pattern{2, 4});
  const auto set = std::get<GemmWorkload>(folder.load("", {"workload.weights=v.safetensors"}).workload);
  CHECK(set.weights == folder.folder().path() / "v.safetensors");

  const Folder beside(
      "name: base\nfidelity: tlm\nworkload: {kind: gemm, weights: w, activations: x}\narchitecture: mine.yaml\n");
  beside.folder().write("common/mine.yaml", "name: mine\nrows: 16\n");
  CHECK(beside.load("").architecture.macro.rows == 16);
  CHECK(beside.load("architecture: {cols: 8}\n").architecture.macro.rows == 16);
}

TEST_CASE("A name in the extended file becomes the base of what is changed of it") {
  const Folder folder;
  CHECK(folder.load("").architecture.macro.window == 2);
  const Architecture changed = folder.load("architecture: {rows: 64}\n").architecture;
  CHECK(changed.macro.window == 2);
  CHECK(changed.macro.rows == 64);
  CHECK(folder.load("architecture: {base: flexcim_published}\n").architecture.macro.window == 1);
  CHECK(folder.load("architecture: flexcim_published\n").architecture.macro.window == 1);
  CHECK(folder.load("", {"architecture.rows=64"}).architecture.macro.window == 2);
  CHECK(folder.load("", {"also.1.fidelity=rtl"}).also[1].fidelity == Fidelity::rtl);
}

TEST_CASE("A map whose kind differs takes the place of the extended file's") {
  const Folder folder;
  const auto block = folder.load("workload: {kind: block, model: m, tokens: {text: t}}\n");
  CHECK(std::get<BlockWorkload>(block.workload).model == folder.folder().path() / "m");
  CHECK(std::get<GemmWorkload>(folder.load("workload: {kind: gemm, pattern: dense}\n").workload).pattern.dense());
}

TEST_CASE("Files extend each other in a chain, and need not be whole scenarios") {
  const Folder folder("extends: ../deep.yaml\nfidelity: rtl\n");
  folder.folder().write("deep.yaml", "name: deep\nfidelity: tlm\nlimits: {wall_s: 3}\n");
  const Scenario scenario = folder.load("workload: {kind: gemm, weights: w, activations: x}\n");
  CHECK(scenario.name == "deep");
  CHECK(scenario.fidelity == Fidelity::rtl);
  CHECK(scenario.limits.wall_s == 3);
  CHECK(scenario.extended.size() == 2);
  CHECK(folder.error("") == "q.yaml:1:1: the key \"workload\" is missing: what runs; keys by kind below");
}

TEST_CASE("Messages name the file and line of the value") {
  const Folder folder(std::string(kBase) + "power_window_ns: 0\n");
  CHECK(folder.error("") == "common/base.yaml:11:18: power_window_ns: 0 is outside 1…1000000000000000");
  CHECK(folder.error("power_window_ns: -1\n") == "q.yaml:2:18: power_window_ns: -1 is outside 1…1000000000000000");
  CHECK(folder.error("", {"power_window_ns=-2"}) ==
        "--set power_window_ns=-2: power_window_ns: -2 is outside 1…1000000000000000");
  const Folder chain("extends: ../deep.yaml\nlimits: {simulated_ms: 1}\n");
  chain.folder().write("deep.yaml", "name: deep\nlimits: {wall_s: -1}\nobserve: {profil: on}\n");
  CHECK_THAT(chain.error(""), Catch::Contains("deep.yaml:2:18: limits.wall_s: -1 is outside") &&
                                  Catch::Contains("deep.yaml:3:11: observe.profil: unknown key"));
  const Folder twice("name: a\nname: b\n");
  CHECK_THAT(twice.error(""), Catch::Contains("common/base.yaml:2:1: name: given twice"));
}

TEST_CASE("The effective configuration extends nothing") {
  const Folder folder;
  const std::string effective = effective_yaml(folder.load("name: mine\n"));
  CHECK(effective.find("extends") == std::string::npos);
  const TempFolder other;
  CHECK(effective_yaml(load_scenario(other.write("q.yaml", effective), {})) == effective);
}

TEST_CASE("A file that extends itself, or none, is refused with the place") {
  const Folder folder("extends: ../q.yaml\n");
  CHECK(folder.error("") == "common/base.yaml:1:10: extends: q.yaml leads back to itself");
  const auto error = [](const std::string& text, const std::vector<std::string>& settings = {}) {
    return error_of(text + kMinimal, settings);
  };
  CHECK(error("extends: q.yaml\n") == "q.yaml:1:10: extends: q.yaml leads back to itself");
  CHECK(error("extends: no.yaml\n") == "q.yaml:1:10: extends: no.yaml: no such file");
  CHECK(error("extends: [a.yaml]\n") == "q.yaml:1:10: extends: expected the path of a file");
  CHECK(error("extends: \"\"\n") == "q.yaml:1:10: extends: expected the path of a file");
  CHECK(error("extends: a.yaml\nextends: b.yaml\n") == "q.yaml:1:10: extends: given twice");
  CHECK(error("", {"extends=a.yaml"}) == "--set extends=a.yaml: only a file can extend another");
  CHECK_THAT(error_of(std::string(kMinimal) + "architecture: {extends: a.yaml}\n"),
             Catch::Contains("architecture.extends: unknown key"));
}

}  // namespace flexcim
