// flexcim run of firmware: what it sends and how it ends is what the run gives; bad firmware ends with a message.
#include "tests/platform/flexcim_command.h"
#include "tests/platform/soc_firmware.h"

#include <filesystem>
#include <fmt/format.h>

using namespace flexcim;
using namespace flexcim::riscv::test;

namespace {

/// Code that sends two characters, at one character in ten cycles of the UART's clock, and waits until they are gone.
Firmware& say_hi(Firmware& firmware) {
  firmware.load(t0, kUart).add({li(t1, 1), sw(t1, 8, t0), sw(zero, 0x18, t0)});
  for (const char c : {'h', 'i'}) firmware.add({li(t1, c), sw(t1, 0, t0)});
  return firmware.load(t1, 1000).function("wait").add({addi(t1, t1, -1), bne(t1, zero, -4)});
}

/// A run of `firmware` and what it leaves.
struct FirmwareRun {
  explicit FirmwareRun(const Firmware& firmware, const std::vector<std::string>& more = {},
                       const std::string& yaml = "workload: {kind: firmware}\nhost: {kind: riscv, elf: f.elf}\n") {
    write_file(scratch / "f.elf", firmware.file());
    write_file(scratch / "f.yaml", "name: f\nfidelity: tlm\n" + yaml);
    outcome = flexcim_command(std::vector<std::string>{"run", scratch / "f.yaml", "--out", scratch / "out"} + more);
  }
  std::string file(const std::string& name) const { return file_bytes(scratch / ("out/" + name)); }
  bool wrote() const { return std::filesystem::exists(scratch / "out"); }

  Scratch scratch;
  Outcome outcome;
};

}  // namespace

TEST_CASE("Firmware: what the UART sends is shown and kept, the exit code is the run's") {
  Firmware firmware(kDram);
  end(say_hi(firmware), 7);
  const FirmwareRun run(firmware);
  CHECK(run.outcome.exit_code == 7);
  CHECK(run.outcome.output.rfind("hi", 0) == 0);
  CHECK_THAT(run.outcome.output, Catch::Contains("firmware: exit code 7, ") && !Catch::Contains("Info:"));
  CHECK(run.file("uart.txt") == "hi");
  const auto summary = nlohmann::json::parse(run.file("summary.json"));
  CHECK(summary["firmware"]["exit_code"] == 7);
  CHECK(summary["firmware"]["commands"] == 0);
  // The store to the finisher, which ends the simulation, is not retired any more.
  CHECK(summary["firmware"]["instructions"] == 5 + 4 + 2 + 2000 + 4);
  CHECK(summary["host_clock"]["mhz"] == 1000);
}

TEST_CASE("Firmware: it may lie in the work SRAM, and its run at rtl takes the same time") {
  Firmware firmware(0x0800'0000);
  end(firmware, 0);
  const FirmwareRun tlm(firmware), rtl(firmware, {"--fidelity", "rtl"});
  CHECK(tlm.outcome.exit_code == 0);
  CHECK(rtl.outcome.exit_code == 0);
  const auto time = [](const FirmwareRun& run) { return nlohmann::json::parse(run.file("summary.json"))["time_ns"]; };
  CHECK(time(tlm) == time(rtl));
}

TEST_CASE("Firmware: a trap without a handler ends the run with pc, function, cause and address") {
  Firmware firmware(kDram);
  firmware.function("start").add({jal(ra, 8), nop()});
  firmware.function("stray").load(t0, 0x4000'0000).add({nop(), lw(t1, 4, t0)});
  const FirmwareRun run(firmware);
  CHECK(run.outcome.exit_code == 3);
  CHECK_THAT(run.outcome.error, Catch::Contains("0x80000014") && Catch::Contains("stray+0xc") &&
                                    Catch::Contains("load access fault") && Catch::Contains("0x40000004") &&
                                    Catch::Contains("\n  called at 0x80000000 in start\n"));
  CHECK_FALSE(run.wrote());
}

TEST_CASE("Firmware: a loop without end stops at the limit, a sleep without interrupts at once") {
  Firmware loop(kDram), sleep(kDram);
  loop.function("forever").add({j(0)});
  sleep.add({wfi});
  const FirmwareRun looping(loop, {"--set", "limits.simulated_ms=0.1"}), sleeping(sleep);
  CHECK(looping.outcome.exit_code == 3);
  CHECK_THAT(looping.outcome.error, Catch::Contains("limits.simulated_ms") && Catch::Contains("forever"));
  CHECK(sleeping.outcome.exit_code == 3);
  CHECK_THAT(sleeping.outcome.error, Catch::Contains("no interrupt is enabled"));
  // No loop without time, which no limit could end.
  const FirmwareRun timeless(loop, {"--set", "host.cycles.jump=0"});
  CHECK(timeless.outcome.exit_code == 2);
  CHECK_THAT(timeless.outcome.error, Catch::Contains("host.cycles.jump: 0 is outside 1…65535"));
}

TEST_CASE("Firmware: the UART's line may end in a file alone, or in a pseudo terminal where one types") {
  Firmware firmware(kDram);
  end(say_hi(firmware), 0);
  const FirmwareRun quiet(firmware, {"--set", "host.uart=file"});
  CHECK(quiet.outcome.output.rfind("f · tlm", 0) == 0);
  CHECK(quiet.file("uart.txt") == "hi");

  // Waits for a character, sends the next one, and ends with it as its exit code.
  Firmware echo(kDram);
  echo.load(t0, kUart).add({li(t1, 1), sw(t1, 8, t0), sw(t1, 12, t0), sw(zero, 0x18, t0)});
  echo.function("receive").add({lw(t1, 4, t0), i_type(0x13, 2, t2, t1, 0), bne(t2, zero, -8)});  // slti: bit 31 is set
  echo.add({addi(t1, t1, 1), sw(t1, 0, t0)}).load(t2, 1000).add({addi(t2, t2, -1), bne(t2, zero, -4)});
  echo.load(t0, kFinisher).load(t2, 0x10000).add({mul(t1, t1, t2)}).load(t2, 0x3333);
  echo.add({add(t1, t1, t2), sw(t1, 0, t0), j(0)});
  const Scratch scratch;
  write_file(scratch / "f.elf", echo.file());
  write_file(scratch / "f.yaml",
             "name: f\nfidelity: tlm\nworkload: {kind: firmware}\nhost: {kind: riscv, elf: f.elf, uart: pty}\n");
  const std::string script = R"(log=$1; shift
timeout 60 "$@" >"$log" & flexcim=$!
for i in $(seq 200); do grep -q ^uart: "$log" && break; sleep 0.05; done
line=$(sed -n 's/^uart: //p' "$log")
exec 3<>"$line"
printf A >&3
timeout 60 head -c 1 <&3
wait $flexcim)";
  const Outcome outcome =
      run_program({"/bin/sh", "-c", script, "sh", scratch / "log", FLEXCIM_COMMAND, "run", scratch / "f.yaml", "--out",
                   scratch / "out", "--set", "limits.simulated_ms=10000"});
  CHECK(outcome.exit_code == 'B');
  CHECK(outcome.output == "B");
  CHECK(file_bytes(scratch / "out/uart.txt") == "B");
}

TEST_CASE("Firmware: what cannot be run is refused with its place") {
  for (const u32 outside :
       {0u, 0x9000'0000u, kDram - 2, kUart, kFinisher, 0xFFFF'FFF0u}) {  // nowhere, and over devices
    const FirmwareRun no_memory(Firmware(outside).add({j(0)}));
    CHECK(no_memory.outcome.exit_code == 2);
    CHECK_THAT(no_memory.outcome.error, Catch::Contains("f.elf: a segment runs at ") &&
                                            Catch::Contains(fmt::format("{:#x} to ", outside)) &&
                                            Catch::Contains(", where there is no memory"));
  }
  const Firmware good = Firmware(kDram).add({j(0)});
  const auto refused = [&](const std::string& yaml) {
    const FirmwareRun run(good, {}, yaml);
    CHECK(run.outcome.exit_code == 2);
    CHECK_FALSE(run.wrote());
    return run.outcome.error;
  };
  CHECK_THAT(refused("workload: {kind: firmware}\n"), Catch::Contains("workload.kind: firmware needs a riscv host"));
  CHECK_THAT(refused("workload: {kind: firmware}\nhost: riscv\n"),
             Catch::Contains("f.yaml:4:7: host: the key \"elf\" is missing: firmware of a riscv host"));
  CHECK_THAT(refused("workload: {kind: firmware}\nhost: {kind: riscv, elf: f.yaml}\n"),
             Catch::Contains("host.elf: ") && Catch::Contains("is not an ELF file"));
  CHECK_THAT(refused("workload: {kind: firmware}\nhost: {kind: riscv, elf: none.elf}\n"),
             Catch::Contains("no such file"));
  CHECK_THAT(refused("workload: {kind: firmware}\nhost: {kind: riscv, elf: f.elf}\nalso: [{fidelity: rtl}]\n"),
             Catch::Contains("also: firmware ends the simulation: it runs alone"));
}

/// `commands`: of gdb's, with whom the firmware runs as flexcim does it. What gdb says; flexcim's exit code.
Outcome run_in_gdb(const Scratch& scratch, const Firmware& firmware, const std::vector<std::string>& commands,
                   const std::vector<std::string>& more = {}) {
  write_file(scratch / "f.elf", firmware.file());
  write_file(scratch / "f.yaml",
             "name: f\nfidelity: tlm\nworkload: {kind: firmware}\nhost: {kind: riscv, elf: f.elf}\n");
  std::string script;
  for (const std::string& command : commands) script += command + "\n";
  write_file(scratch / "commands", script);
  const std::string shell = R"(log=$1; commands=$2; shift 2
timeout 60 "$@" >"$log" & flexcim=$!
for i in $(seq 200); do grep -q remote "$log" && break; sleep 0.05; done
port=$(sed -n 's/.*target remote \(:[0-9]*\)$/\1/p' "$log")
timeout 60 gdb-multiarch -nx -batch -ex "target remote $port" -x "$commands" 2>&1
wait $flexcim)";
  std::vector<std::string> line{"/bin/sh",
                                "-c",
                                shell,
                                "sh",
                                scratch / "log",
                                scratch / "commands",
                                FLEXCIM_COMMAND,
                                "run",
                                scratch / "f.yaml",
                                "--out",
                                scratch / "out",
                                "--gdb",
                                "0"};
  line.insert(line.end(), more.begin(), more.end());
  return run_program(line);
}

TEST_CASE("Firmware: gdb attaches before its first instruction and hears of its end") {
  Firmware firmware(kDram);
  end(say_hi(firmware), 7);
  const Scratch scratch;
  const Outcome outcome = run_in_gdb(scratch, firmware, {"stepi", "info registers pc", "continue"});
  CHECK(outcome.exit_code == 7);
  CHECK_THAT(outcome.output, Catch::Contains("0x80000004") && Catch::Contains("exited with code 07"));
  const std::string quickstart = FLEXCIM_SOURCE_DIR "/scenarios/quickstart.yaml";
  CHECK_THAT(refusal({"run", quickstart, "--gdb", "0", "--out", scratch / "no"}),
             Catch::Contains("--gdb: only the firmware of a riscv host can be debugged"));
}

TEST_CASE(
    "Firmware: gdb stops after commands of the accelerator, lists them, resets the SoC and pauses what is recorded") {
  constexpr u32 accelerator = 0x1001'0000, ring = 0x0800'8000, control = 0x8, doorbell = 0x10, base = 0x14, size = 0x1C;
  constexpr int descriptor_bytes = 128;
  Firmware firmware(kDram);
  // Four commands: zeros, which are commands without work, and an opcode that there is not.
  firmware.load(s0, accelerator)
      .load(s1, ring)
      .add({li(a0, 255), sw(a0, 2 * descriptor_bytes, s1), li(a0, 8), sw(s1, base, s0)});
  firmware.add({sw(a0, size, s0), li(a0, 1), sw(a0, control, s0), li(a0, 4), sw(a0, doorbell, s0)});
  end(firmware.load(t1, 1000).function("wait").add({addi(t1, t1, -1), bne(t1, zero, -4)}), 7);
  const Scratch scratch;
  const Outcome outcome =
      run_in_gdb(scratch, firmware,
                 {"monitor until command 2",
                  "continue",
                  "monitor commands",
                  "monitor until command error",
                  "continue",
                  "monitor commands 1",
                  "p $t1 > 500",
                  "p $s0 != 0",
                  "monitor registers flexcim ring_size",
                  "monitor reset",
                  "maintenance flush register-cache",
                  "p/x $pc",
                  "p $s0",
                  "monitor registers flexcim ring_size",
                  "monitor trace off",
                  "monitor until command 4",
                  "continue",
                  "monitor commands 1",
                  "monitor trace on",
                  "continue"},
                 {"--set", "observe.transactions=csv", "--set", "observe.registers=on", "--set", "trace.soc=on"});
  INFO(outcome.output);
  CHECK(outcome.exit_code == 7);
  for (const char* line :
       {"\n2 commands have ended\n     0 tag 0x00000000 at 0x08008000 from ", " BAD_OPCODE\n", "$1 = 1\n$2 = 1\n",
        "RING_SIZE            0x00000008", "$3 = 0x80000000\n$4 = (void *) 0x0\n", "RING_SIZE            0x00000000",
        "not recorded: transactions waveform registers\n", "\n7 commands have ended\n",
        "recorded: transactions waveform registers\n", "exited with code 07"}) {
    CHECK_THAT(outcome.output, Catch::Contains(line));
  }
}
