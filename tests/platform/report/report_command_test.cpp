// flexcim report: the page has what the files have, and touches nobody's.
#include "tests/platform/report/page_text.h"
#include "tests/platform/small_run.h"
#include "tests/platform/soc_firmware.h"

#include <algorithm>
#include <filesystem>

namespace {

namespace fs = std::filesystem;

nlohmann::json summary_of(const std::string& folder) {
  return nlohmann::json::parse(file_bytes(folder + "/summary.json"));
}

}  // namespace

TEST_CASE("flexcim report: the page holds every file's figures and needs no other") {
  const SmallRun small;
  const std::string out = small / "out", rtl = small / "rtl";
  REQUIRE(flexcim_command(small.run(out) + std::vector<std::string>{"--set", "observe.timeline=true"}).exit_code == 0);
  REQUIRE(flexcim_command(small.run(rtl) + std::vector<std::string>{"--fidelity", "rtl"}).exit_code == 0);
  const Outcome outcome = flexcim_command({"report", out, rtl});
  CHECK(outcome.error.empty());
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.output == "report: " + out + "/report.html\n");

  const std::string page = file_bytes(out + "/report.html");
  const nlohmann::json data = page_data(page);
  REQUIRE(data["folders"].size() == 2);
  CHECK(data["folders"][0]["summary"] == summary_of(out));
  CHECK(data["folders"][1]["summary"] == summary_of(rtl));
  CHECK(data["folders"][0]["configuration"] == file_bytes(out + "/scenario.yaml"));
  CHECK(data["folders"][0].contains("timeline"));
  CHECK_FALSE(data["folders"][1].contains("timeline"));
  // 4 x 32 x 32 cells at 500 MHz; 16 bits of LPDDR4-3200.
  CHECK(data["folders"][0]["roofs"]["macs_per_s"] == 4096 * 500e6);
  CHECK(data["folders"][0]["roofs"]["dram_bytes_per_s"] == 6.4e9);
  double layer = 0;
  for (const double part : data["folders"][0]["layer_energy_pj"][0][0]) layer += part;
  CHECK(layer == Approx(summary_of(out)["layers"][0]["energy_pj"].get<double>()).epsilon(1e-6));
  for (const char* other : {"<script src", "<link", "<img", "@import"}) CHECK(page.find(other) == std::string::npos);
}

TEST_CASE("flexcim report: a layer's bytes are those that a flat figure of the DRAM prices") {
  const SmallRun small;
  const std::string out = small / "out";
  REQUIRE(flexcim_command(small.run(out) + std::vector<std::string>{"--set", "technology.dram_model=flat"}).exit_code ==
          0);
  REQUIRE(flexcim_command({"report", out}).exit_code == 0);
  const nlohmann::json data = page_data(file_bytes(out + "/report.html"));
  const auto bytes = summary_of(out)["layers"][0]["dram_bytes"].get<double>();
  CHECK(bytes > 2 * 64 + 2 * 32 * 4);  // activations, int32 outputs, and weights
  constexpr double kPicojoulesPerBit = 8;
  const std::size_t dram = 12;
  REQUIRE(data["components"][dram]["name"] == "dram");
  CHECK(data["folders"][0]["layer_energy_pj"][0][0][dram] == bytes * 8 * kPicojoulesPerBit);
}

TEST_CASE("flexcim report: of firmware, what its UART has sent and the functions on its timeline") {
  using namespace flexcim::riscv::test;
  const Scratch scratch;
  const std::string out = scratch / "out";
  Firmware firmware(0x8000'0000);
  firmware.function("say").load(s0, 0x1000'0000).add({li(t0, 1), sw(t0, 8, s0), sw(zero, 0x18, s0), li(a0, '!')});
  firmware.add({sw(a0, 0, s0)});
  for (int i = 0; i < 200; ++i) firmware.add({nop()});  // until it has left
  write_file(scratch / "f.elf", end(firmware, 0).file());
  write_file(scratch / "f.yaml",
             "name: f\nfidelity: tlm\nworkload: {kind: firmware}\nhost: {kind: riscv, elf: f.elf}\n");
  REQUIRE(flexcim_command({"run", scratch / "f.yaml", "--out", out, "--set", "observe.timeline=true"}).exit_code == 0);
  REQUIRE(flexcim_command({"report", out}).exit_code == 0);
  const nlohmann::json folder = page_data(file_bytes(out + "/report.html"))["folders"][0];
  CHECK(folder["uart"] == "!");
  const nlohmann::json& names = folder["timeline"]["names"];
  CHECK(std::find(names.begin(), names.end(), "say") != names.end());
}

TEST_CASE("flexcim report: a name that looks like markup stays a name") {
  const SmallRun small;
  const std::string plain = small / "plain", odd = small / "odd", name = "</script><b>&amp;\"'";
  REQUIRE(flexcim_command(small.run(plain)).exit_code == 0);
  std::string scenario = file_bytes(small.scenario());
  scenario.replace(scenario.find("small"), 5, "'</script><b>&amp;\"'''");
  write_file(small.scenario(), scenario);
  REQUIRE(flexcim_command(small.run(odd)).exit_code == 0);
  REQUIRE(flexcim_command({"report", plain}).exit_code == 0);
  REQUIRE(flexcim_command({"report", odd}).exit_code == 0);
  const std::string page = file_bytes(odd + "/report.html");
  CHECK(page_data(page)["folders"][0]["summary"]["scenario"] == name);
  CHECK(occurrences(page, "</script") == occurrences(file_bytes(plain + "/report.html"), "</script"));
  CHECK(occurrences(page, "<b>") == occurrences(file_bytes(plain + "/report.html"), "<b>"));
}

TEST_CASE("flexcim report: the page is of the run's files, so that the next run and the next report replace it") {
  const SmallRun small;
  const std::string out = small / "out";
  REQUIRE(flexcim_command(small.run(out)).exit_code == 0);
  const std::vector<std::string> without = names_in(out);
  REQUIRE(flexcim_command({"report", out}).exit_code == 0);
  CHECK(names_in(out).size() == without.size() + 1);
  REQUIRE(flexcim_command({"report", out + "/"}).exit_code == 0);
  CHECK(flexcim_command(small.run(out)).exit_code == 0);
  CHECK(names_in(out) == without);
}

TEST_CASE("flexcim report: files of others are not overwritten, and what cannot be read makes no page") {
  const SmallRun small;
  const std::string out = small / "out", page = out + "/report.html";
  REQUIRE(flexcim_command(small.run(out)).exit_code == 0);
  using Catch::Contains;
  CHECK_THAT(refusal({"report", small / "none"}), Contains("none/summary.json"));
  CHECK_THAT(refusal({"report", out, small / "none", "--out", small / "p.html"}), Contains("none/summary.json"));
  CHECK_FALSE(fs::exists(small / "p.html"));
  CHECK_THAT(refusal({"report", out, "--out", out + "/summary.json"}), Contains("it is the input"));
  CHECK_THAT(refusal({"report"}), Contains("folders is required"));

  write_file(page, "mine");
  CHECK_THAT(refusal({"report", out}), Contains("report.html: is no longer as it was written"));
  CHECK(file_bytes(page) == "mine");
  fs::remove(page);
  fs::rename(out + "/.flexcim-results", small / "list");
  CHECK_THAT(refusal({"report", out}), Contains("report.html: cannot be written: the folder has no list"));
  CHECK_FALSE(fs::exists(page));
  CHECK(flexcim_command({"report", out, "--out", page}).exit_code == 0);
  CHECK(fs::exists(page));
}
