// flexcim tech: what it prints, and what it refuses.
#include "tests/platform/flexcim_command.h"

#include <catch2/catch.hpp>
#include <sstream>

using Catch::Matchers::Contains;

namespace {

/// The line of a figure, its columns apart by one space.
std::string line_of(const std::string& output, const std::string& figure) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(figure + " ", 0) != 0) continue;
    std::istringstream words(line);
    std::string text, word;
    while (words >> word) text += (text.empty() ? "" : " ") + word;
    return text;
  }
  return {};
}

}  // namespace

TEST_CASE("flexcim tech prints every figure with value, unit, tag and source") {
  const Outcome outcome = flexcim_command({"tech", "28nm"});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.error.empty());
  CHECK_THAT(outcome.output, Catch::StartsWith("28nm: 28 nm planar"));
  CHECK_THAT(outcome.output, Contains("activity 0.5, activity_basis 0.5, activity_source assumed, "
                                      "sram.points at 8192, 32768, 131072, 524288, 2097152 bytes, sram.scale 1, "
                                      "dram_model split\n"));
  CHECK_THAT(line_of(outcome.output, "energy.mux2_per_bit"),
             Catch::Equals("energy.mux2_per_bit 0.85 fJ E 3 NAND2 of the gate model"));
  CHECK_THAT(line_of(outcome.output, "sram.points.4.write"), Contains(" 4.22 pJ/B S CACTI 7"));
  CHECK_THAT(line_of(outcome.output, "distance.buffer_to_macros"), Contains(" 0.5 mm E "));
  CHECK_THAT(outcome.output, !Contains("energy.standby"));

  const Outcome both = flexcim_command({"tech", "7nm", "--dram", "lpddr4"});
  CHECK(both.exit_code == 0);
  CHECK_THAT(line_of(both.output, "energy.int8_multiply"), Contains(" 70 fJ D Jouppi et al."));
  CHECK_THAT(both.output, Contains("\n\nLPDDR4-3200: one x16 channel"));
  CHECK_THAT(line_of(both.output, "energy.standby"), Contains(" 36 mW S "));
}

TEST_CASE("flexcim tech prints a file of one's own, with what it changes") {
  const Scratch scratch;
  const std::string file = scratch / "mine.yaml";
  write_file(file,
             "base: 28nm\nname: mine\ndescription: ours\nsram: {scale: 2}\nenergy:\n  wire: 0.5\n"
             "  interconnect_hop: {value: 450, unit: fJ/B, tag: D, source: measured}\n");
  const std::string device = scratch / "slow.yml";
  write_file(device, "base: hbm2\nname: slow\nenergy: {flat: 3}\n");
  const Outcome outcome = flexcim_command({"tech", file, "--dram", device});
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.output, Catch::StartsWith("mine: ours\n") && Contains("sram.scale 2,"));
  CHECK(line_of(outcome.output, "energy.wire") == "energy.wire 0.5 pJ/B/mm E set by hand");
  CHECK(line_of(outcome.output, "energy.interconnect_hop") == "energy.interconnect_hop 0.45 pJ/B D measured");
  CHECK(line_of(outcome.output, "energy.flat") == "energy.flat 3 pJ/bit E set by hand");
}

TEST_CASE("flexcim tech refuses what is no technology or device, and says what would be one") {
  const Scratch scratch;
  const auto file = [&](const std::string& name, const std::string& text) {
    write_file(scratch / name, text);
    return scratch / name;
  };
  CHECK_THAT(refusal({"tech", "29nm"}),
             Contains("technology: there is no technology \"29nm\"; did you mean \"28nm\"? Known: 28nm, 7nm"));
  CHECK_THAT(refusal({"tech", "28nm", "--dram", "lpddr"}),
             Contains("DRAM device: there is no DRAM device \"lpddr\"; did you mean \"lpddr4\"?"));
  CHECK_THAT(refusal({"tech", ""}), Contains("technology: is empty"));
  CHECK_THAT(refusal({"tech", "28nm", "--dram", ""}), Contains("DRAM device: is empty"));
  CHECK_THAT(refusal({"tech", scratch / "none.yaml"}), Contains("none.yaml: no such file"));
  CHECK_THAT(refusal({"tech", file("tag.yaml",
                                   "base: 28nm\nenergy:\n"
                                   "  wire: {value: 1, unit: pJ/B/mm, tag: X, source: me}\n")}),
             Contains("tag.yaml:3:") && Contains("energy.wire.tag: \"X\" is none of D, S, E, U"));
  CHECK_THAT(refusal({"tech", file("empty.yaml", "base: 28nm\nsram: {points: []}\n")}),
             Contains("sram.points: holds no points"));
  CHECK_THAT(refusal({"tech", "28nm", "--dram", file("half.yaml", "base: hbm2\nenergy: {read: 3}\n")}),
             Contains("energy: a split needs all of read, write, activate, refresh, standby"));
  CHECK_THAT(refusal({"tech"}), Contains("technology is required"));
  CHECK_THAT(refusal({"tech", "28nm", "7nm"}), Contains("\"7nm\" is not expected here"));
}
