// Firmware as the kit builds it, run by the flexcim command: what the runtime promises, how programs end, the examples.
#include "tests/platform/flexcim_command.h"

#include <filesystem>
#include <sstream>

using Catch::Contains;

namespace {

/// A run of the program FOLDER/NAME with a scenario of the examples.
struct Run {
  Run(const std::string& program, const std::string& scenario, const std::vector<std::string>& more = {}) {
    const std::string elf = FLEXCIM_FIRMWARE "/" + program + ".elf";
    REQUIRE(std::filesystem::exists(elf));
    const std::vector<std::string> words{"run",   FLEXCIM_SOURCE_DIR "/scenarios/firmware/" + scenario + ".yaml",
                                         "--set", "host.elf=" + elf,
                                         "--set", "limits.simulated_ms=10000",
                                         "--out", scratch / "out"};
    outcome = flexcim_command(words + more);
  }
  std::string file(const std::string& name) const { return file_bytes(scratch / ("out/" + name)); }

  Scratch scratch;
  Outcome outcome;
};

/// The tests' own programs.
Outcome run_own(const std::string& name) { return Run("firmware_kit/" + name, "hello").outcome; }

/// What ends the run of a program that says "so far" before.
std::string end_of(const std::string& name) {
  const Outcome outcome = run_own(name);
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.output == "so far\n");
  return outcome.error;
}

Run run_example(const std::string& name, const std::vector<std::string>& more = {}) {
  return {"examples/" + name, name, more};
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

TEST_CASE("Firmware kit: gdb's backtrace leads through handlers to what they have interrupted") {
  const std::string elf = FLEXCIM_FIRMWARE "/firmware_kit/runtime.elf";
  const std::string scenario = FLEXCIM_SOURCE_DIR "/scenarios/firmware/hello.yaml";
  const std::string script = R"(log=$1; shift; elf=$1; shift
timeout 60 "$@" >"$log" & flexcim=$!
for i in $(seq 200); do grep -q remote "$log" && break; sleep 0.05; done
port=$(sed -n 's/.*target remote \(:[0-9]*\)$/\1/p' "$log")
timeout 60 gdb-multiarch -nx -batch -ex "target remote $port" -ex 'break on_timer' -ex 'ignore 1 10' -ex continue -ex backtrace \
  -ex delete -ex 'break on_exception' -ex continue -ex backtrace -ex kill "$elf" 2>&1
wait $flexcim)";
  const Scratch scratch;
  const Outcome outcome = run_program({"/bin/sh", "-c", script, "sh", scratch / "log", elf, FLEXCIM_COMMAND, "run",
                                       scenario, "--set", "host.elf=" + elf, "--out", scratch / "out", "--gdb", "0"});
  const auto in_order = [&](const std::vector<std::string>& words) {
    std::size_t at = 0;
    for (const std::string& word : words) {
      CAPTURE(outcome.output, word);
      at = outcome.output.find(word, at);
      REQUIRE(at != std::string::npos);
    }
  };
  in_order({"#0  on_timer", "#1  <signal handler called>", "hold_registers", " in interrupts", "main (argc="});
  in_order({"#0  on_exception", "#1  <signal handler called>", "#2  stray_load", " in exceptions_handled", " in main"});
}

TEST_CASE("Firmware example: hello, and what the scenario tells it") {
  const Outcome outcome = run_example("hello", {"--set", "host.arguments=[one, two words]"}).outcome;
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output.rfind(
            "Hello from a RISC-V hart\nargument 0: hello.elf\nargument 1: one\nargument 2: two words\n", 0) == 0);
}

TEST_CASE("Firmware example: errors are recovered from, and every command after them is right") {
  const Outcome outcome = run_example("error_recovery").outcome;
  CAPTURE(outcome.output);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.output, !Contains("BAD") && Contains("\n0 of the recoveries failed\n"));
}

TEST_CASE("Firmware example: a layer by polling", "[slow]") {
  const Outcome outcome = run_example("gemm_polled").outcome;
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.output, Contains("model.layers.2.self_attn.q_proj: 192 x 192, 16 tokens: ") &&
                                 Contains("outputs equal") && Contains("every output equals the golden model"));
  const Outcome without = run_example("gemm_polled", {"--set", "workload={kind: firmware}"}).outcome;
  CHECK(without.exit_code == 1);
  CHECK_THAT(without.output, Contains("no job: "));
}

TEST_CASE("Firmware example: a block as a queue, whose table says what the results say", "[slow]") {
  const Run run = run_example("block_queue");
  CHECK(run.outcome.exit_code == 0);
  CHECK_THAT(run.outcome.output, Contains("\n7 layers in ") && Contains("; 0 bad\n"));
  const auto summary = nlohmann::json::parse(run.file("summary.json"));
  std::istringstream table(run.file("uart.txt"));
  std::string line;
  std::getline(table, line);
  for (const auto& layer : summary["layers"]) {
    std::string name, outputs;
    std::uint64_t cycles = 0, instructions = 0;
    table >> name >> cycles >> instructions >> outputs;
    CAPTURE(name);
    CHECK(name == layer["name"]);
    CHECK(cycles == layer["cycles"]);
    CHECK(instructions > 0);
    CHECK(outputs == "equal");
  }
  CHECK(summary["layers"].size() == 7);
}

TEST_CASE("Firmware example: a Llama generates the golden model's text in software floating point", "[slow]") {
  const Run run = run_example("generate", {"--set", "workload.tokens=3", "--set", "workload.prompt=And"});
  CAPTURE(run.outcome.output, run.outcome.error);
  CHECK(run.outcome.exit_code == 0);
  CHECK_THAT(run.outcome.output, Contains("\n3 tokens, 0 of them not the golden model's\n") &&
                                     Contains("every output equals the golden model bit for bit"));
  // Multiply-accumulates: of 3, 4 and 5 tokens that look at all before them, 6 blocks, 6 heads of 32 values, two
  // products.
  CHECK_THAT(run.file("uart.txt"), Contains("attention") && Contains(std::to_string((6 + 4 + 5) * 6 * 6 * 32 * 2)));
}

TEST_CASE("Firmware example: a queue on the pin-accurate macro", "[slow]") {
  const Outcome outcome = run_example("block_queue", {"--fidelity", "rtl", "--set", "workload.linears=[q_proj]",
                                                      "--set", "workload.tokens.count=1"})
                              .outcome;
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.output, Contains("\n1 layers in ") && Contains("; 0 bad\n"));
}
