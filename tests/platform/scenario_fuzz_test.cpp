#include "platform/config/scenario.h"
#include "tests/platform/temp_folder.h"

#include <catch2/catch.hpp>
#include <random>

namespace flexcim {
namespace {

const char* const kScenarioText =
    "name: q\nfidelity: tlm\n"
    "workload: {kind: block, model: m, block: 1, linears: [q_proj, k_proj], tokens: {text: t, first: 1, count: 2},\n"
    "  flow: {calibration: c, candidates: [\"2:4\", \"8:8\"], keep_dense: [first]}}\n"
    "architecture: {base: flexcim_published, rows: 64, macros: {outputs: 2}, buffers: {weight: {bytes: 131072}}}\n"
    "technology: {activity: 0.25, energy: {int8_multiply: {value: 1, unit: pJ, tag: E, source: s}}, sram: {scale: 2}}\n"
    "also: [{fidelity: rtl, linears: all}]\ntrace: {waveform: true, from: 0, to: 5}\n";

const std::vector<std::string> kPieces{"\n",
                                       " ",
                                       ":",
                                       ": ",
                                       "{",
                                       "}",
                                       "[",
                                       "]",
                                       ",",
                                       "&a ",
                                       "*a",
                                       "!!",
                                       "- ",
                                       "? ",
                                       "| ",
                                       ">",
                                       "'",
                                       "\"",
                                       "#",
                                       "%",
                                       "---\n",
                                       "...\n",
                                       "\t",
                                       "~",
                                       "<<",
                                       "@",
                                       "`",
                                       "\xFF",
                                       "\xEF\xBB\xBF",
                                       "99999999999999999999",
                                       "-1",
                                       "base",
                                       "none",
                                       "0x10",
                                       "1e999",
                                       "\\",
                                       std::string(1, '\0')};

std::string mutated(std::mt19937& random, std::string text) {
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
    const std::size_t at = below(text.size());
    switch (below(3)) {
      case 0:
        text.erase(at, 1 + below(12));
        break;
      case 1:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      default:
        text[at] = static_cast<char>(below(256));
        break;
    }
    if (text.empty()) text = " ";
  }
  return text;
}

}  // namespace

TEST_CASE("No text of a scenario gives anything but a scenario or an InputError") {
  const TempFolder folder;
  std::mt19937 random(20250422);
  int accepted = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = mutated(random, kScenarioText);
    INFO("case " << i << ":\n" << text);
    const std::filesystem::path file = folder.write("q.yaml", text);
    const std::string error = input_error([&] {
      const Scenario scenario = load_scenario(file, {});
      // What was accepted can be written, read again and means the same.
      const std::string effective = effective_yaml(scenario);
      CHECK(effective_yaml(load_scenario(folder.write("q.yaml", effective), {})) == effective);
    });
    accepted += error.empty() ? 1 : 0;
  }
  INFO(accepted << " accepted");
  CHECK(accepted > 10);
  CHECK(accepted < 1000);
}

TEST_CASE("Aliases that stand for more values than a text has are refused before anybody goes through them") {
  const TempFolder folder;
  std::string values = "[&a0 [0,0,0,0,0,0,0,0,0,0]";
  for (int i = 1; i < 12; ++i) {
    std::string ten;
    for (int j = 0; j < 10; ++j) ten += (j == 0 ? "*a" : ",*a") + std::to_string(i - 1);
    values += ", &a" + std::to_string(i) + " [" + ten + "]";
  }
  const auto file = folder.write(
      "q.yaml",
      "workload: {kind: shapes, model: llama-2-7b}\nsweep: {axes: [{axis: a, key: name, values: " + values + "]}]}\n");
  CHECK_THAT(input_error([&] { load_scenario(file, {}); }),
             Catch::Contains("q.yaml:2:") && Catch::Contains("aliases make too many values"));
}

TEST_CASE("Text that refers to itself or nests deeply is refused") {
  const TempFolder folder;
  const auto load = [&](const std::string& text) {
    return input_error([&] { load_scenario(folder.write("q.yaml", text), {}); });
  };
  CHECK_FALSE(load("name: &a [*a]\n").empty());
  CHECK_FALSE(load("also: &a [*a]\n").empty());
  CHECK_FALSE(load("workload: &a {kind: block, flow: *a}\n").empty());
  const std::string axis = "workload: {kind: shapes, model: llama-2-7b}\nsweep: {axes: [{axis: a, key: name, values: ";
  const auto refused = [&](const std::string& text) {
    CHECK_THAT(load(text), Catch::Contains("q.yaml:") && Catch::Contains("or one lies in itself"));
  };
  refused(axis + "[&a [*a]]}]}\n");
  refused(axis + "&a {b: {c: *a}}}]}\n");
  CHECK_THAT(input_error([&] {
               load_scenario(folder.write("q.yaml", "name: q\n"), {{"compare", "&a [*a]"}});
             }),
             Catch::Contains("--set compare=&a [*a]: ") && Catch::Contains("or one lies in itself"));
  folder.write("base.yaml", "workload: &a {b: *a}\n");
  CHECK_THAT(load("extends: base.yaml\nworkload: &a {b: *a}\n"), Catch::Contains("or one lies in itself"));
  CHECK_FALSE(load("name: " + std::string(200000, '[')).empty());
  CHECK_FALSE(load("name: " + std::string(200000, '{')).empty());
  CHECK_FALSE(load(std::string(100000, '-')).empty());
}

}  // namespace flexcim
