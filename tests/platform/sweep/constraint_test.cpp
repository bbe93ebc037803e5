// Constraints over the keys of a scenario.
#include "platform/config/constraint.h"

#include "tests/platform/scenario_text.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

struct Fixture {
  bool holds(const std::string& text) { return Constraint(text, scenario).holds(scenario); }
  std::string error(const std::string& text) {
    return input_error([&] { Constraint(text, scenario); });
  }

  TempFolder folder;
  Scenario scenario = load(folder,
                           "name: q\nfidelity: estimate\nworkload: {kind: shapes, model: llama-2-7b, tokens: 128}\n"
                           "architecture: {base: flexcim_published, window: 2, weights_resident: true, "
                           "dram: {standard: hbm2, channels: 4}}\n");
};

}  // namespace

TEST_CASE_METHOD(Fixture, "Constraints: numbers of keys, and what muParser makes of them") {
  CHECK(holds("architecture.window == 2"));
  CHECK_FALSE(holds("architecture.window > 2"));
  CHECK(holds("architecture.buffers.weight.bytes >= 4 * architecture.buffers.weight.port_bytes"));
  CHECK(holds("workload.tokens * architecture.dram.channels == 512"));
  CHECK(holds("architecture.clock_mhz / 3 > 166.6 && architecture.clock_mhz <= 5e2"));
  CHECK(holds("max(architecture.rows, architecture.cols) == 32"));
  CHECK(holds("architecture.weights_resident"));
  CHECK_FALSE(holds("workload.lm_head || 0"));
  CHECK(holds("architecture.dram.standard.timing.clock_ps == 1000"));
  CHECK_FALSE(holds("0 / 0"));  // no number holds nothing
}

TEST_CASE_METHOD(Fixture, "Constraints: words are compared with text, a map by its name") {
  CHECK(holds("architecture.dram.standard == \"hbm2\""));
  CHECK(holds("architecture.dram.standard.name == \"HBM2\""));
  CHECK(holds("technology == \"28nm\""));  // not at the beginning of its owner
  CHECK(holds("architecture.dram.standard != \"lpddr4\" || architecture.window < 2"));
  CHECK_FALSE(holds("architecture.dram.standard == \"lpddr4\" || architecture.window < 2"));
  CHECK(holds("workload.kind == \"shapes\" && architecture.merge != \"concat\""));
  CHECK_FALSE(holds("workload.patterns.uniform == \"2:4\""));  // none is given
  scenario = load(folder, effective_yaml(scenario), {"workload.patterns.uniform=\"2:4\""});
  CHECK(holds("workload.patterns.uniform == \"2:4\""));
}

TEST_CASE_METHOD(Fixture, "Constraints: what is none is said") {
  CHECK(error("architecture.windw >= 2") ==
        "architecture.windw: \"windw\" is an unknown key; did you mean \"window\"?");
  CHECK(error("architecture.buffers.weight.byte > 1") ==
        "architecture.buffers.weight.byte: \"byte\" is an unknown key; did you mean \"bytes\"? Valid keys: bytes, "
        "port_bytes, banks, protection");
  CHECK(error("architecture.window.size > 1").find("it has no keys") != std::string::npos);
  CHECK(error("window > 1").find("window: \"window\" is an unknown key; did you mean \"") == 0);
  CHECK(error("architecture.merge > 1") == "architecture.merge is no number, but reduce");
  CHECK(error("architecture.buffers > 1") ==
        "architecture.buffers has keys of its own, and neither a number nor a name");
  CHECK(error("architecture.dram.standard > 1") == "architecture.dram.standard is no number, but HBM2");
  CHECK(error("workload.patterns.uniform > 1") == "workload.patterns.uniform has no value");
  CHECK(error("architecture.window >= * 4") == "Unexpected operator \"*\" found at position 23");
  CHECK(error("architecture.dram.standard == \"hbm2\" * * 4") == "Unexpected operator \"*\" found at position 39");
  CHECK(error("(architecture.window > 4") == "Missing parenthesis");
  CHECK(error("architecture.window = 2") == "\"=\" compares nothing; did you mean \"==\"?");
  CHECK(error("architecture.window, 2") == "is more than one expression");
  CHECK(error("\"hbm2\" == architecture.dram.standard") == "a word stands on the right of == or !=, behind a key");
  CHECK(error("architecture.dram.standard > \"hbm2\"") == "a word stands on the right of == or !=, behind a key");
}

TEST_CASE_METHOD(Fixture, "Constraints: the first that a point breaks is named") {
  const std::vector<std::string> texts{
      "architecture.buffers.weight.bytes >= 4 * architecture.buffers.weight.port_bytes",
      "architecture.window < architecture.sub_macros", "architecture.dram.standard == \"hbm2\""};
  Constraints constraints(texts, scenario);
  CHECK_FALSE(constraints.broken_by(scenario));
  const Scenario wide = load(folder, effective_yaml(scenario), {"architecture.window=4"});
  CHECK(constraints.broken_by(wide) == texts[1]);
  CHECK_FALSE(constraints.broken_by(scenario));
}
