// Firmware as the kit builds it, run by the flexcim command: what the runtime promises, how programs end, the examples.
#include "tests/platform/flexcim_command.h"

#include <filesystem>

using Catch::Contains;

namespace {

/// A run of a program, until it ends.
Outcome run(const std::string& elf, const std::string& scenario = FLEXCIM_SOURCE_DIR "/scenarios/firmware/hello.yaml") {
  REQUIRE(std::filesystem::exists(elf));
  const Scratch scratch;
  return flexcim_command(
      {"run", scenario, "--set", "host.elf=" + elf, "--set", "limits.simulated_ms=100", "--out", scratch / "out"});
}

/// The tests' own programs.
Outcome run_own(const std::string& name) { return run(FLEXCIM_FIRMWARE "/firmware_kit/" + name + ".elf"); }

/// What ends the run of a program that says "so far" before.
std::string end_of(const std::string& name) {
  const Outcome outcome = run_own(name);
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.output == "so far\n");
  return outcome.error;
}

Outcome run_example(const std::string& name) {
  return run(FLEXCIM_FIRMWARE "/examples/" + name + ".elf", FLEXCIM_SOURCE_DIR "/scenarios/firmware/" + name + ".yaml");
}

}  // namespace

TEST_CASE("Firmware kit: memory, counters, interrupts and exceptions are as the runtime promises") {
  const Outcome outcome = run_own("runtime");
  CAPTURE(outcome.output, outcome.error);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output.rfind("1.500 1234567890123 text\nthe end\n", 0) == 0);
}

TEST_CASE("Firmware kit: a stack that overflows ends the run at its function, and below the memory") {
  CHECK_THAT(end_of("bad1"), Contains(" in recurse+") && Contains("store or atomic access fault (0x7fffff"));
}

TEST_CASE("Firmware kit: an exception that nobody handles ends the run where it was, handlers or not") {
  const std::string fault = "store or atomic access fault (0x40000000)";
  CHECK_THAT(end_of("bad2"), Contains(" in stray+") && Contains(fault) && Contains(" in main+"));
  CHECK_THAT(end_of("bad3"), Contains(" in stray+") && Contains(fault) && Contains(" in main+"));
  CHECK_THAT(end_of("bad4"), Contains(" in fails_itself+") && Contains("load access fault (0x40000004)"));
}

TEST_CASE("Firmware kit: an interrupt without a handler ends the run") {
  CHECK_THAT(end_of("bad5"), Contains(" in main+") && Contains("software interrupt"));
}

TEST_CASE("Firmware kit: exit codes have eight bits, none becomes 0, and a failed assertion has 134") {
  CHECK(run_own("bad6").exit_code == 300 - 256);
  CHECK(run_own("bad7").exit_code == 255);
  const Outcome assertion = run_own("bad8");
  CHECK(assertion.exit_code == 134);
  CHECK_THAT(assertion.output, Contains("assertion \"BAD == 0\" failed"));
}

TEST_CASE("Firmware example: hello") {
  const Outcome outcome = run_example("hello");
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output.rfind("Hello from a RISC-V hart\n", 0) == 0);
}

TEST_CASE("Firmware example: errors are recovered from, and every command after them is right") {
  const Outcome outcome = run_example("error_recovery");
  CAPTURE(outcome.output);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.output, !Contains("BAD") && Contains("\n0 of the recoveries failed\n"));
}
